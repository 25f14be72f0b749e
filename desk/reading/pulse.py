"""Has a case moved since somebody opened it? Asked again and again by pages: one statement, behind the belt."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine

from desk.reading.dossier import find
from desk.reading.redaction import THEMSELVES
from states.situation import Actor
from states.terms import Code, RefusedError
from store import pulse
from store.row_security import present


@dataclass(frozen=True)
class Pulse:
    """A case's version, and for staff the move that made it and who made that; `actor` as in the timeline."""

    version: int
    event: str | None
    actor: str | None


class Pulses:
    """Reads; nothing is changed, and Temporal is not asked."""

    def __init__(self, engine: Engine, now: Callable[[], datetime]) -> None:
        self._engine = engine
        self._now = now

    def case(self, actor: Actor, case_id: str) -> Pulse:
        """How far the case is, as the actor reads it.

        Raises:
            RefusedError: as an opened case's: `not_found`, or `forbidden` for staff of other regions.
        """
        with present(self._engine, actor, self._now()) as (connection, now):
            found = pulse.read(connection, actor, case_id, now)
            if found is None:
                find(connection, actor, case_id, now)
                raise RefusedError(Code.NOT_FOUND, "no_case", "case", case=case_id)
        return Pulse(found.version, found.event, THEMSELVES.get(found.actor, found.actor))
