"""Has a case, a score or a list moved since somebody opened it? Pages ask again and again (`desk/reading/still.py`)."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine

from activities.subject import nobody
from desk.reading.dossier import find
from desk.reading.overview import OPEN
from desk.reading.redaction import THEMSELVES
from desk.reading.still import Still
from desk.reading.wanted import Looked
from states.situation import Actor
from states.terms import Code, RefusedError
from store import notice, pulse, queue
from store import version as versions
from store.listing import Filter
from store.order import Sort
from store.row_security import present
from store.search import search


@dataclass(frozen=True)
class Pulse:
    """A case's version, and for staff the move that made it and who made that; `actor` as in the timeline."""

    version: int
    event: str | None
    actor: str | None


class Pulses:
    """Reads; nothing is changed, and Temporal is not asked. What was answered is answered again while nobody writes."""

    def __init__(self, engine: Engine, now: Callable[[], datetime]) -> None:
        self._engine = engine
        self._now = now
        self._still = Still(engine, now)

    def case(self, actor: Actor, case_id: str) -> Pulse:
        """How far the case is, as the actor reads it.

        Raises:
            RefusedError: as an opened case's: `not_found`, or `forbidden` for staff of other regions.
        """
        return self._still.answer(("case", actor, case_id), lambda: self._case(actor, case_id))

    def subject(self, actor: Actor, subject: str) -> str:
        """What changes when a subject's page would: the score's lines and penalties, open cases, reports left.

        Raises:
            RefusedError: `not_found`: the actor sees neither its score nor its history.
        """
        return self._still.answer(("subject", actor, subject), lambda: self._subject(actor, subject))

    def version(self, actor: Actor, digest: str) -> int:
        """How many moves a version of the rulebook has made, by its digest.

        Raises:
            RefusedError: `not_found`.
        """
        return self._still.answer(("version", actor, digest), lambda: self._version(actor, digest))

    def cases(self, actor: Actor, wanted: Filter, most: int) -> str:
        """The stamp of the ids and versions of the newest cases that fit: whether a list's first page is the same."""
        return self._still.answer(("cases", actor, wanted, most), lambda: self._cases(actor, wanted, most))

    def queue(self, actor: Actor, asked: Looked, sort: Sort, most: int) -> str:
        """The same of the queue's first page."""
        question = ("queue", actor, asked.model_dump_json(), sort, most)
        return self._still.answer(question, lambda: self._queue(actor, asked, sort, most))

    def unread(self, actor: Actor) -> int:
        """How many notices came since the actor last read them; a hundred stands for more."""
        return self._still.answer(("unread", actor), lambda: self._unread(actor))

    def _case(self, actor: Actor, case_id: str) -> Pulse:
        with present(self._engine, actor, self._now(), often=True) as (connection, now):
            found = pulse.of_case(connection, actor, case_id, now)
            if found is None:
                find(connection, actor, case_id, now)
                raise RefusedError(Code.NOT_FOUND, "no_case", "case", case=case_id)
        return Pulse(found.version, found.event, THEMSELVES.get(found.actor, found.actor))

    def _subject(self, actor: Actor, subject: str) -> str:
        with present(self._engine, actor, self._now(), often=True) as (connection, now):
            found = pulse.of_subject(connection, actor, subject, now, OPEN)
        if found is None:
            raise nobody(subject)
        return stamp(*found)

    def _version(self, actor: Actor, digest: str) -> int:
        with present(self._engine, actor, self._now(), often=True) as (connection, _):
            found = versions.read(connection, digest)
        if found is None:
            raise RefusedError(Code.NOT_FOUND, "no_version", "version")
        return found.version

    def _cases(self, actor: Actor, wanted: Filter, most: int) -> str:
        with present(self._engine, actor, self._now(), often=True) as (connection, now):
            return stamp(*map(tuple, pulse.of_list(connection, actor, wanted, now, most)))

    def _queue(self, actor: Actor, asked: Looked, sort: Sort, most: int) -> str:
        with present(self._engine, actor, self._now()) as (connection, now):
            wanted = search(connection, actor, now, asked.resolved(connection, actor))
            rows = queue.page(connection, wanted, sort, None, most, ("id", "version")).rows
        return stamp(*((row["id"], row["version"]) for row in rows))

    def _unread(self, actor: Actor) -> int:
        with present(self._engine, actor, self._now(), often=True) as (connection, now):
            return notice.unread(connection, actor, now)


def stamp(*told: object) -> str:
    """What changes when one of these does."""
    return hashlib.sha256(repr(told).encode()).hexdigest()[:16]
