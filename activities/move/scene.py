"""How is a case moved inside a transaction? By its table; with the effects of the row, and all that follows at once."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from activities.command import Command
from activities.move.input import Input
from activities.move.situation import situate
from activities.move.work import Work
from activities.rulebooks import Rulebooks
from rulebook.policy import Policy
from states.law import CaseRow
from states.situation import CLOCK, ENGINE, NO_WISH, Actor, Situation, Wish
from states.tables import TABLES
from states.terms import Status
from store import journal, notice
from store.case import Case

_MOST_MOVES = 100


@dataclass
class Move:
    """One move being made. `said` is what its command brought; `facts` go into the journal."""

    row: CaseRow
    at: datetime
    actor: Actor
    policy: Policy
    command: Command | None = None
    said: Input | None = None
    wish: Wish = NO_WISH
    facts: dict[str, Any] = field(default_factory=dict)

    def text(self, name: str) -> str:
        """The id of a text that the command brought."""
        if self.command is None:
            raise LookupError(f"{self.row.event} brings no text {name}")
        return self.command.texts[name]


Effect = Callable[["Scene", Case, Move], None]


class Scene(Work):
    """Work in which cases are moved; `effects` are what rows of the tables name."""

    def __init__(
        self,
        connection: Connection,
        at: datetime,
        rulebooks: Rulebooks,
        effects: Mapping[str, Effect],
        *,
        locks: bool = True,
    ) -> None:
        super().__init__(connection, at, rulebooks, locks=locks)
        self._effects = effects
        self._lines: list[dict[str, Any]] = []

    def move(
        self,
        case: Case,
        event: str,
        actor: Actor = ENGINE,
        *,
        at: datetime | None = None,
        after: Move | None = None,
    ) -> None:
        """Make a move of clock or engine, at a time; one that follows `after` another has its command and input."""
        when = max(at or self.at, case.moved_at)
        situation = self._situation(case, when)
        situation.actor = actor
        if after is None:
            self.carry_out(case, event, situation)
        else:
            situation.wish = after.wish
            self.carry_out(case, event, situation, after.command, after.said)

    def carry_out(
        self,
        case: Case,
        event: str,
        situation: Situation,
        command: Command | None = None,
        said: Input | None = None,
    ) -> None:
        """Make a move and all that follows from it at once.

        Raises:
            RefusedError: the table refuses; the transaction must be rolled back.
        """
        at = max(situation.now or self.at, case.moved_at)
        row = TABLES[case.kind].move(situation, event)
        move = Move(row, at, situation.actor, self.policy(case), command, said, situation.wish)
        case.status, case.outcome, case.moved_at = row.target, row.outcome, at
        case.version += 1
        line = self._line(case, move)
        for name in row.does:
            self._effects[name](self, case, move)
        line["facts"] = move.facts
        self._follow_on(case, move)

    def lapse(self, case: Case) -> None:
        """Make the moves whose deadline is past, each at its own time."""
        for _ in range(_MOST_MOVES):
            due = TABLES[case.kind].next_due(self._situation(case, self.at))
            if due is None or due[0] > self.at:
                return
            self.move(case, due[1].event, CLOCK, at=due[0])

    def settle(self, own: str) -> None:
        """Make the moves that are due, and set the deadlines; of what changed beside `own`, the workflows must look."""
        for case in list(self.cases.values()):
            self.lapse(case)
        moved = dict.fromkeys(line["case"] for line in self._lines)
        for case in self.cases.values():
            due = TABLES[case.kind].next_due(self._situation(case, self.at))
            case.deadline_at = due[0] if due else None
            case.stirred = case.id != own and (case.stirred or case.id in moved)

    def write_cases(self) -> None:
        """Write the cases: new rows, and what has changed of the others."""
        for case in self.cases.values():
            self.save(case)

    def write_journal(self) -> None:
        """Write notices, and last the journal: it takes the digests of everything that was written."""
        notice.send(self.connection, self.notices)
        if self._lines:
            journal.append(self.connection, self._lines)

    @property
    def moved(self) -> list[tuple[Case, list[Status]]]:
        """The cases whose status moved, in their order, and the statuses that each went through."""
        found: dict[str, list[Status]] = {}
        for line in (one for one in self._lines if one["source"] != one["target"]):
            found.setdefault(line["case"], []).append(Status(line["target"]))
        return [(self.cases[case], statuses) for case, statuses in found.items()]

    @property
    def made(self) -> list[tuple[Case, dict[str, Any]]]:
        """The moves that were made, in their order: the case as it now is, and the journal's line."""
        return [(self.cases[line["case"]], line) for line in self._lines]

    @property
    def must_look(self) -> list[str]:
        """The other cases that moved: their workflows must look."""
        return [case.id for case in self.cases.values() if case.stirred]

    def _follow_on(self, case: Case, after: Move) -> None:
        situation = self._situation(case, after.at)
        situation.wish = after.wish
        row = TABLES[case.kind].follow_on(situation)
        if row is not None:
            self.move(case, row.event, at=after.at, after=after)

    def _situation(self, case: Case, at: datetime) -> Situation:
        return situate(case, self.report_of(case), self.policy(case), at)

    def _line(self, case: Case, move: Move) -> dict[str, Any]:
        line: dict[str, Any] = {
            "case": case.id,
            "version": case.version,
            "at": move.at,
            "event": move.row.event,
            "actor": move.actor.id,
            "source": move.row.source.value if move.row.source is not Status.NEW else "new",
            "target": move.row.target.value,
            "command": move.command.id if move.command else None,
            "through": _through(move),
            "facts": {},
        }
        self._lines.append(line)
        return line


def _through(move: Move) -> str | None:
    """Through what a move came: clock and engine by themselves, a person as the signed command says."""
    if move.actor in (CLOCK, ENGINE):
        return move.actor.id
    return move.command.through if move.command else None
