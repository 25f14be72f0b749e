"""Has a case, a score or a list moved since somebody opened it? Asked by pages again and again: one statement each."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine

from activities.subject import nobody
from desk.reading.dossier import find
from desk.reading.overview import OPEN
from desk.reading.redaction import THEMSELVES
from states.situation import Actor
from states.terms import Code, RefusedError
from store import pulse
from store.listing import Filter
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
        with present(self._engine, actor, self._now(), often=True) as (connection, now):
            found = pulse.of_case(connection, actor, case_id, now)
            if found is None:
                find(connection, actor, case_id, now)
                raise RefusedError(Code.NOT_FOUND, "no_case", "case", case=case_id)
        return Pulse(found.version, found.event, THEMSELVES.get(found.actor, found.actor))

    def subject(self, actor: Actor, subject: str) -> str:
        """What changes when a subject's page would: the score's lines and penalties, open cases, reports left.

        Raises:
            RefusedError: `not_found`: the actor sees neither its score nor its history.
        """
        with present(self._engine, actor, self._now(), often=True) as (connection, now):
            found = pulse.of_subject(connection, actor, subject, now, OPEN)
        if found is None:
            raise nobody(subject)
        return stamp(*found)

    def cases(self, actor: Actor, wanted: Filter, most: int) -> str:
        """The stamp of the ids and versions of the newest cases that fit: whether a list's first page is the same."""
        with present(self._engine, actor, self._now(), often=True) as (connection, now):
            return stamp(*map(tuple, pulse.of_list(connection, actor, wanted, now, most)))


def stamp(*told: object) -> str:
    """What changes when one of these does."""
    return hashlib.sha256(repr(told).encode()).hexdigest()[:16]
