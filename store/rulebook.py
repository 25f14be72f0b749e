"""What does each version of the rulebook say? Versions are stored whole, by digest, and never change."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from rulebook.load import dump
from rulebook.model import Rulebook
from states.version_terms import VersionStatus
from store import seal
from store.schema.rulebooks import rulebooks, versions

_BODY = sa.select(rulebooks.c.body).where(rulebooks.c.digest == sa.bindparam("digest"))
_WITHOUT_A_LIFE = (
    sa.select(rulebooks.c.digest, rulebooks.c.in_force_from)
    .where(rulebooks.c.in_force_from.is_not(None), ~sa.exists().where(versions.c.digest == rulebooks.c.digest))
    .order_by(rulebooks.c.in_force_from)
)
_HISTORY = (
    sa.select(
        rulebooks.c.digest,
        rulebooks.c.key,
        rulebooks.c.version,
        versions.c.status,
        versions.c.follows,
        versions.c.moved_at,
        versions.c.author,
        versions.c.proposed_by,
        versions.c.approved_by,
    )
    .join(versions, versions.c.digest == rulebooks.c.digest)
    .order_by(versions.c.moved_at.desc(), versions.c.digest)
)
_BEGINNING = sa.select(rulebooks.c.digest).where(rulebooks.c.digest.startswith(sa.bindparam("letters")))


@dataclass(frozen=True)
class Version:
    """A version without what it states: what it is called, where it stands since when, what it follows, and by whom."""

    digest: str
    key: str
    version: str
    status: VersionStatus
    follows: str | None
    moved_at: datetime
    author: str | None
    proposed_by: str | None
    approved_by: str | None


def history(connection: Connection) -> list[Version]:
    """All versions, first those that moved last."""
    rows = connection.execute(_HISTORY).mappings()
    return [Version(**{**row, "status": VersionStatus(row["status"])}) for row in rows]


def beginning_with(connection: Connection, letters: str) -> list[str]:
    """The digests that begin with these letters."""
    return list(connection.execute(_BEGINNING, {"letters": letters}).scalars())


def body(connection: Connection, digest: str) -> dict[str, Any]:
    """A stored version, as `rulebook.load.dump` gave it."""
    found: dict[str, Any] = connection.execute(_BODY, {"digest": digest}).scalar_one()
    return found


def known(connection: Connection, digest: str) -> bool:
    """Whether the version is stored."""
    return connection.execute(_BODY, {"digest": digest}).first() is not None


def add(connection: Connection, book: Rulebook) -> None:
    """Store what a version says."""
    values = {"digest": book.digest, "key": book.key, "version": str(book.version), "body": dump(book)}
    seal.insert(connection, rulebooks, values)


def without_a_life(connection: Connection) -> list[tuple[str, datetime]]:
    """The versions of older releases that nobody moves yet: digest, and from when each is in force; oldest first."""
    return [(row.digest, row.in_force_from) for row in connection.execute(_WITHOUT_A_LIFE)]
