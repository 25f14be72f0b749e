"""The life of a case: its moves, what it waited for, its deadlines, and what Temporal did for it; nobody's words."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import pairwise
from typing import Any

from sqlalchemy import Engine
from temporalio.client import Client
from temporalio.service import RPCError

from desk.reading.dossier import Dossier, Dossiers
from desk.reading.offered import Offered
from desk.reading.redaction import Entry
from desk.reading.waiting import Waits
from ops.history import History, Timer, history
from states.law import CaseTable, Who
from states.situation import Actor
from states.tables import TABLES
from states.terms import OVERSEERS, Code, Kind, RefusedError, Status
from store.in_thread import in_thread


@dataclass(frozen=True)
class Wait:
    """A stretch of time in one status; `until` is none while it lasts."""

    status: Status
    since: datetime
    until: datetime | None


@dataclass(frozen=True)
class Deadline:
    """A deadline as Temporal kept it; `event` is the move that time makes when it passes."""

    event: str
    timer: Timer


@dataclass(frozen=True)
class Life:
    """A case as ops and auditors see it, with what its appeal or its report went through beside it.

    `told` is none where Temporal can't be asked; without a history it knows nothing of the case any more.
    """

    case: dict[str, Any]
    offered: Offered
    moves: Sequence[Entry]
    waits: Sequence[Wait]
    deadlines: Sequence[Deadline]
    told: History | None
    waits_for: Waits | None = None
    beside: Sequence["Life"] = field(default=())

    @property
    def name(self) -> str:
        """The case's id."""
        return str(self.case["id"])

    @property
    def table(self) -> CaseTable:
        """The table that decides its moves."""
        return TABLES[Kind(self.case["kind"])]


def must_oversee(actor: Actor) -> None:
    """Raises RefusedError: `forbidden`: the actor is neither of ops nor an auditor (`docs/domain.md` §7)."""
    if actor.role not in OVERSEERS:
        raise RefusedError(Code.FORBIDDEN, "only_overseers")


class Lives:
    """Reads; nothing is changed. Temporal is asked of the one case."""

    def __init__(self, engine: Engine, client: Client, dossiers: Dossiers) -> None:
        self._engine = engine
        self._client = client
        self._dossiers = dossiers

    async def of(self, actor: Actor, case_id: str) -> Life:
        """The life of a case.

        Raises:
            RefusedError: `forbidden`; `not_found`: there is no case for the actor.
        """
        must_oversee(actor)
        dossier, beside = await in_thread(self._engine, self._read, actor, case_id)
        try:
            told = await history(self._client, case_id)
        except RPCError:
            told = None
        return replace(_life(dossier, told), beside=[_life(one, None) for one in beside])

    def _read(self, actor: Actor, case_id: str) -> tuple[Dossier, list[Dossier]]:
        dossier = self._dossiers.open(actor, case_id)
        report = dossier.case["of_case"]
        return dossier, [self._dossiers.open(actor, one) for one in [*dossier.appeals, *([report] if report else [])]]


def _life(dossier: Dossier, told: History | None) -> Life:
    moves = [replace(entry, texts={}) for entry in dossier.timeline]
    return Life(
        case=dossier.case,
        offered=dossier.offered,
        moves=moves,
        waits=list(_waits(moves)),
        deadlines=list(_deadlines(TABLES[Kind(dossier.case["kind"])], told.timers if told else ())),
        told=told,
        waits_for=dossier.waits,
    )


def _waits(moves: Sequence[Entry]) -> Iterator[Wait]:
    """The statuses in which time passed, one after the other."""
    entered: list[tuple[str, datetime]] = []
    for move in moves:
        if not entered or entered[-1][0] != move.target:
            entered.append((move.target, move.at))
    for (status, since), (_, until) in pairwise(entered):
        if until > since:
            yield Wait(Status(status), since, until)
    if entered and entered[-1][0] != Status.CLOSED:
        yield Wait(Status(entered[-1][0]), entered[-1][1], None)


def _deadlines(table: CaseTable, timers: Sequence[Timer]) -> Iterator[Deadline]:
    """Each timer with the move that time would make in the status that the case was in."""
    events = {row.source: row.event for row in table.rows if row.who is Who.CLOCK}
    for timer in timers:
        if timer.status in events:
            yield Deadline(events[Status(timer.status)], timer)
