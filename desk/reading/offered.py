"""What may this person do now with a case, or with a version of the rulebook? The same for every door."""

from dataclasses import dataclass, replace

from states.appealable import Appeal, Appealable, appealable
from states.situation import Actor, Situation, Wish
from states.table import Possible
from states.tables import TABLES
from states.terms import STAFF, Kind, RefusedError, Status
from states.version import VERSION, VersionSituation
from states.version_terms import VersionStatus


@dataclass(frozen=True)
class Offered:
    """Every move that people make, allowed or with its refusal; and for a party of a report whether it can appeal.

    `again`, of a closed report whose act may be judged anew: whether the reader may file it again (ruling 20).
    """

    moves: list[Possible]
    appeal: Appealable | None
    again: Possible | None = None

    @property
    def allowed(self) -> list[str]:
        """The moves that are this person's now, and `appeal`, which is filed as a case of its own."""
        moves = [one.event for one in self.moves if one.allowed]
        available = self.appeal is not None and self.appeal.answer is Appeal.AVAILABLE
        return [*moves, *(["appeal"] if available else [])]


def offered(situation: Situation) -> Offered:
    """What the situation's actor may do now. Staff appeal nothing, and an appeal is not appealed."""
    moves = TABLES[situation.kind].possible(situation)
    if situation.kind is Kind.APPEAL or situation.actor.role in STAFF or situation.window is None:
        return Offered(moves, None)
    if situation.now is None:
        raise LookupError("a situation without its time")
    return Offered(moves, appealable(situation.window, situation.standpoint.side, situation.now))


def again(situation: Situation) -> Possible:
    """Whether the situation's actor may file its report again, as a case of its own."""
    try:
        TABLES[Kind.REPORT].choose(replace(situation, status=Status.NEW, wish=Wish(again=True)), "submit")
    except RefusedError as refused:
        return Possible("again", refused)
    return Possible("again")


def of_version(situation: VersionSituation) -> list[Possible]:
    """Every move that people make of a version, allowed now or with its refusal, whatever is said with it."""
    return [Possible(event, VERSION.refusal(situation, event)) for event in VERSION.by_people]


def drafting(actor: Actor) -> Possible:
    """Whether the actor may enter versions as drafts."""
    return Possible("draft", VERSION.refusal(VersionSituation(VersionStatus.NEW, actor, author=actor.id), "draft"))
