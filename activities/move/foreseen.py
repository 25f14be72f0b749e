"""What does a scene do? All that somebody who decides should know of it, as the commit would write it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import RowMapping

from activities.move.scene import Scene
from activities.score.lines import Booked
from activities.score.rescore import Rescored
from states.terms import Kind, Outcome, Status
from store import verdict


class Moved(NamedTuple):
    """A case that moves: from where, through which statuses, and what it comes to."""

    case: str
    kind: Kind
    source: Status
    statuses: list[Status]
    outcome: Outcome | None

    @property
    def status(self) -> Status:
        """Where it ends."""
        return self.statuses[-1]


@dataclass(frozen=True)
class Foreseen:
    """What a move and all that follows from it does.

    `scores` are the scores that are priced again, `penalties` the rows of those that begin or end, `notices` those that
    are sent, and `window_ends_at` when the verdict can no longer be appealed; none where no window opens.
    """

    moved: list[Moved]
    scores: list[Rescored]
    penalties: list[RowMapping]
    notices: list[dict[str, Any]]
    window_ends_at: datetime | None

    @classmethod
    def of(cls, scene: Scene) -> "Foreseen":
        """What the scene does, whose moves are made and which is not written yet."""
        moved = []
        for case, statuses in scene.moved:
            before = scene.before(case)
            source = before.status if before else Status.NEW
            moved.append(Moved(case.id, case.kind, source, statuses, case.outcome))
        windows = (case.window_ends_at for case, _ in scene.moved if case.status is Status.OPEN)
        return cls(moved, scene.rescored, scene.penalties.written(), scene.notices, next(windows, None))

    @property
    def held_appeal(self) -> Moved | None:
        """The appeal that was held until the verdict, and now starts or is moot."""
        return next((one for one in self.moved if one.kind is Kind.APPEAL and one.source is Status.HELD), None)

    def cases(self) -> set[str]:
        """All cases that are named in it."""
        lines = (line.item.violation for score in self.scores for line in score.booked)
        named = {verdict.case_of(violation) for violation in lines if violation}
        return named | {one.case for one in self.moved} | {notice["case"] for notice in self.notices}

    def gist(self) -> list[Any]:
        """The same without times, as JSON: it changes only where something else is done."""
        return [
            [[one.case, one.statuses, one.outcome] for one in self.moved],
            [[one.subject.id, one.period, one.before, one.points, *map(_gist, one.booked)] for one in self.scores],
            [[row["subject"], row["key"], row["lifted_at"] is None, *_trial(row)] for row in self.penalties],
            [[notice["recipient"], notice["case"], notice["template"]] for notice in self.notices],
        ]


def _trial(row: RowMapping) -> list[str]:
    return ["on_trial"] if row["on_trial"] else []


def _gist(line: Booked) -> list[Any]:
    return [line.item.act.id, line.reason, line.item.booked, line.item.wanted, line.change]
