"""Which rulebook judges? Versions are stored whole, by digest."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from store import seal
from store.schema.rulebooks import rulebooks

_BODY = sa.select(rulebooks.c.body).where(rulebooks.c.digest == sa.bindparam("digest"))
_IN_FORCE = (
    sa.select(rulebooks.c.digest)
    .where(rulebooks.c.in_force_from <= sa.bindparam("at"))
    .order_by(rulebooks.c.in_force_from.desc())
    .limit(1)
)
_NEWEST = sa.select(rulebooks.c.digest).order_by(rulebooks.c.in_force_from.desc()).limit(1)


def body(connection: Connection, digest: str) -> dict[str, Any]:
    """A stored version, as `rulebook.load.dump` gave it."""
    found: dict[str, Any] = connection.execute(_BODY, {"digest": digest}).scalar_one()
    return found


def known(connection: Connection, digest: str) -> bool:
    """Whether the version is stored."""
    return connection.execute(_BODY, {"digest": digest}).first() is not None


def in_force(connection: Connection, at: datetime) -> str | None:
    """The digest of the version in force at that moment, if any was."""
    found: str | None = connection.execute(_IN_FORCE, {"at": at}).scalar()
    return found


def newest(connection: Connection) -> str | None:
    """The digest of the version with the latest date, if there is any."""
    found: str | None = connection.execute(_NEWEST).scalar()
    return found


def add(
    connection: Connection, *, digest: str, key: str, version: str, since: datetime, content: dict[str, Any]
) -> None:
    """Store a version that is in force from `since`."""
    values = {"digest": digest, "key": key, "version": version, "in_force_from": since, "body": content}
    seal.insert(connection, rulebooks, values)
