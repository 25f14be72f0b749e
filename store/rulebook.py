"""What does each version of the rulebook say? Versions are stored whole, by digest, and never change."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from store import seal
from store.schema.rulebooks import rulebooks, versions

_BODY = sa.select(rulebooks.c.body).where(rulebooks.c.digest == sa.bindparam("digest"))
_WITHOUT_A_LIFE = (
    sa.select(rulebooks.c.digest, rulebooks.c.in_force_from)
    .where(rulebooks.c.in_force_from.is_not(None), ~sa.exists().where(versions.c.digest == rulebooks.c.digest))
    .order_by(rulebooks.c.in_force_from)
)


def body(connection: Connection, digest: str) -> dict[str, Any]:
    """A stored version, as `rulebook.load.dump` gave it."""
    found: dict[str, Any] = connection.execute(_BODY, {"digest": digest}).scalar_one()
    return found


def known(connection: Connection, digest: str) -> bool:
    """Whether the version is stored."""
    return connection.execute(_BODY, {"digest": digest}).first() is not None


def add(connection: Connection, *, digest: str, key: str, version: str, content: dict[str, Any]) -> None:
    """Store what a version says."""
    values = {"digest": digest, "key": key, "version": version, "body": content}
    seal.insert(connection, rulebooks, values)


def without_a_life(connection: Connection) -> list[tuple[str, datetime]]:
    """The versions of older releases that nobody moves yet: digest, and from when each is in force; oldest first."""
    return [(row.digest, row.in_force_from) for row in connection.execute(_WITHOUT_A_LIFE)]
