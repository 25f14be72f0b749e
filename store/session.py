"""Which browser is logged in as whom? Sessions, by the hashes of their tokens."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from states.situation import Actor
from store import party
from store.schema.identity import sessions
from store.schema.parties import people

_SESSION = sa.select(sessions).where(sessions.c.token_hash == sa.bindparam("hash"))
_ACTING = (
    sa.select(sessions, people)
    .join(people, people.c.id == sessions.c.person)
    .where(sessions.c.token_hash == sa.bindparam("hash"))
)
_CHANGE_SESSION = sa.update(sessions).where(sessions.c.token_hash == sa.bindparam("hash"))
_END = sa.delete(sessions).where(sessions.c.token_hash == sa.bindparam("hash"))
_END_ALL = sa.delete(sessions).where(sessions.c.person == sa.bindparam("who"))
_SWEEP = sa.delete(sessions).where(
    (sessions.c.ends_at <= sa.bindparam("at")) | (sessions.c.seen_at <= sa.bindparam("idle_since"))
)


@dataclass(frozen=True)
class Session:
    """A browser's session."""

    token_hash: str
    person: str
    created_at: datetime
    seen_at: datetime
    ends_at: datetime
    second_factor_at: datetime | None


def insert(connection: Connection, session: Session) -> None:
    """A new session."""
    connection.execute(sa.insert(sessions), vars(session))


def read(connection: Connection, token_hash: str) -> Session | None:
    """The session, if there is one."""
    row = connection.execute(_SESSION, {"hash": token_hash}).mappings().one_or_none()
    return Session(**row) if row else None


def acting(connection: Connection, token_hash: str) -> tuple[Session, Actor | None] | None:
    """The session, if there is one, with its person as an actor; who has left is none (ruling 23)."""
    row = connection.execute(_ACTING, {"hash": token_hash}).one_or_none()
    if row is None:
        return None
    return Session(**{field.name: getattr(row, field.name) for field in fields(Session)}), party.acting(row)


def change(connection: Connection, token_hash: str, values: Mapping[str, Any]) -> bool:
    """Change a session; False where it has ended."""
    return connection.execute(_CHANGE_SESSION.values(dict(values)), {"hash": token_hash}).rowcount > 0


def end(connection: Connection, token_hash: str) -> None:
    """End a session."""
    connection.execute(_END, {"hash": token_hash})


def end_all(connection: Connection, person: str) -> None:
    """End all sessions of a person."""
    connection.execute(_END_ALL, {"who": person})


def sweep(connection: Connection, at: datetime, idle_since: datetime) -> None:
    """Delete the sessions that have ended, or were last seen at `idle_since` or before."""
    connection.execute(_SWEEP, {"at": at, "idle_since": idle_since})
