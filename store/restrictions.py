"""Which restrictions does the platform know of, and what must it be told next?"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy import Connection
from sqlalchemy.dialects.postgresql import insert

from store import seal
from store.schema.standing import standings, tellings

_LOCK = sa.select(standings).where(standings.c.subject == sa.bindparam("subject_id")).with_for_update()
_PENDING = sa.select(tellings).where(
    tellings.c.subject == sa.bindparam("subject_id"), tellings.c.told_at.is_(None), tellings.c.refused_at.is_(None)
)
_TOLD = sa.select(standings.c.subject, standings.c.told).order_by(standings.c.subject)
_STIR = (
    insert(standings).on_conflict_do_update(index_elements=["subject"], set_={"stirred": True}).returning(*standings.c)
)
_STIRRED = sa.select(standings.c.subject).where(
    standings.c.stirred, standings.c.subject.in_(sa.bindparam("subjects", expanding=True))
)


@dataclass(frozen=True)
class Known:
    """A subject's row: the restrictions that the platform was told, and the number of the last telling.

    `stirred`: penalties changed since the courier read them; `next_at`: when the next one begins or ends by itself.
    """

    informed: frozenset[str]
    number: int
    stirred: bool
    next_at: datetime | None


@dataclass(frozen=True)
class Telling:
    """A set of restrictions to be sent to the platform, with its idempotency key."""

    key: str
    subject: str
    number: int
    restrictions: tuple[str, ...]


def stir(connection: Connection, subject: str) -> None:
    """Note that the subject's penalties changed; the courier reads them and clears the mark in one transaction."""
    rows = connection.execute(_STIR, {"subject": subject, "stirred": True}).mappings().all()
    seal.note(connection, standings, rows)


def stir_again(connection: Connection, subject: str) -> bool:
    """The same, only if the platform was ever told of the subject: otherwise nothing is to be taken back."""
    return bool(seal.update(connection, standings, {"subject": subject}, stirred=True))


def stirred(connection: Connection, subjects: Iterable[str]) -> list[str]:
    """Those of the subjects whose courier has not read since their penalties changed."""
    return list(connection.execute(_STIRRED, {"subjects": sorted(set(subjects))}).scalars())


def lock(connection: Connection, subject: str) -> Known | None:
    """Lock the subject's row."""
    row = connection.execute(_LOCK, {"subject_id": subject}).one_or_none()
    return Known(frozenset(row.told), row.number, row.stirred, row.next_at) if row else None


def informed(connection: Connection) -> list[tuple[str, frozenset[str]]]:
    """What the platform was told of each subject, in the order of their ids."""
    return [(row.subject, frozenset(row.told)) for row in connection.execute(_TOLD)]


def settle(connection: Connection, subject: str, now: Known, *, number: int, next_at: datetime | None) -> None:
    """Note that the courier has read, how many tellings there are, and when it will read again."""
    after = replace(now, number=number, stirred=False, next_at=next_at)
    if after != now:
        seal.update(connection, standings, {"subject": subject}, stirred=False, number=number, next_at=next_at)


def pending(connection: Connection, subject: str) -> Telling | None:
    """The telling that the platform has not answered yet."""
    row = connection.execute(_PENDING, {"subject_id": subject}).one_or_none()
    return Telling(row.key, row.subject, row.number, tuple(row.restrictions)) if row else None


def prepare(connection: Connection, subject: str, number: int, restrictions: Sequence[str], at: datetime) -> Telling:
    """Write what the platform is to be told, with the idempotency key that all attempts use."""
    key = hashlib.sha256(f"{subject}\n{number}".encode()).hexdigest()
    values = {"key": key, "subject": subject, "number": number, "restrictions": list(restrictions), "decided_at": at}
    seal.insert(connection, tellings, values)
    return Telling(key, subject, number, tuple(restrictions))


def record(connection: Connection, telling: Telling, at: datetime, *, refused: bool) -> None:
    """Note the platform's answer; what it refused is not sent again, and counts as known to it."""
    answered = {"refused_at": at} if refused else {"told_at": at}
    seal.update(connection, tellings, {"key": telling.key}, **answered)
    told = list(telling.restrictions)
    seal.update(connection, standings, {"subject": telling.subject}, told=told)
