"""Local accounts and systems' API keys, as rows; passwords and the keys' secrets come here as hashes only."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection
from sqlalchemy.dialects.postgresql import insert

from states.sight import Resource
from states.situation import Actor
from store import cursor
from store.cursor import Page
from store.schema.identity import accounts, api_keys
from store.schema.parties import people
from store.sight import filtered

_ACCOUNT = sa.select(accounts).where(accounts.c.person == sa.bindparam("who"))
_ACCOUNT_LOCKED = _ACCOUNT.with_for_update()
_CHANGE_ACCOUNT = sa.update(accounts).where(accounts.c.person == sa.bindparam("who"))

_OF_DEMO = sa.select(accounts.c.person).where(accounts.c.demo).order_by(accounts.c.person)

_KEY = sa.select(api_keys, people.c.role, people.c.agency).join(people, people.c.id == api_keys.c.person)
_ONE_KEY = _KEY.where(api_keys.c.id == sa.bindparam("key"))
_KEYS_OF = _KEY.where(people.c.id == sa.bindparam("who")).order_by(api_keys.c.created_at, api_keys.c.id)
_ALIVE = (
    sa.select(sa.func.count())
    .select_from(api_keys)
    .where(
        api_keys.c.person == sa.bindparam("who"),
        api_keys.c.label == sa.bindparam("called"),
        api_keys.c.revoked_at.is_(None),
        api_keys.c.expires_at > sa.bindparam("at"),
    )
)
_REVOKE_ALL = (
    sa.update(api_keys)
    .where(api_keys.c.person == sa.bindparam("who"), api_keys.c.revoked_at.is_(None))
    .values(revoked_at=sa.bindparam("at"))
)
_DROP_ACCOUNT = sa.delete(accounts).where(accounts.c.person == sa.bindparam("who"))
_HOLD = sa.select(people.c.id).where(people.c.id == sa.bindparam("who")).with_for_update(key_share=True)
_REVOKE = (
    sa.update(api_keys)
    .where(api_keys.c.id == sa.bindparam("key"), api_keys.c.revoked_at.is_(None))
    .values(revoked_at=sa.bindparam("at"))
)


@dataclass(frozen=True)
class Account:
    """A local account; `totp_step` is the last step whose code was used, `demo` whether it is one of the demo cast."""

    person: str
    password: str
    totp_secret: str | None
    totp_step: int | None
    failures: int
    locked_until: datetime | None
    demo: bool = False


def account(connection: Connection, person: str, *, lock: bool = False) -> Account | None:
    """The person's account, if any; `lock` keeps others from changing it until the transaction ends."""
    row = connection.execute(_ACCOUNT_LOCKED if lock else _ACCOUNT, {"who": person}).mappings().one_or_none()
    return Account(**row) if row else None


def enter_account(connection: Connection, person: str, password: str, *, demo: bool = False) -> None:
    """Set the person's password (its hash), and clear failures and lock-out; the second factor stays.

    `demo` marks an account of the demo cast; given a password of its own it is one no longer.
    """
    fresh = {"password": password, "failures": 0, "locked_until": None, "demo": demo}
    statement = insert(accounts).values(person=person, **fresh)
    connection.execute(statement.on_conflict_do_update(index_elements=["person"], set_=fresh))


def of_demo(connection: Connection, *people: str) -> list[str]:
    """Who of the people has an account of the demo cast; without people: all who have one."""
    query = _OF_DEMO.where(accounts.c.person.in_(people)) if people else _OF_DEMO
    return list(connection.scalars(query))


def change_account(connection: Connection, person: str, values: Mapping[str, Any]) -> bool:
    """Change the person's account; False where there is none."""
    return connection.execute(_CHANGE_ACCOUNT.values(dict(values)), {"who": person}).rowcount > 0


def hold_person(connection: Connection, person: str) -> bool:
    """Lock the person's row while their keys are counted and one is added; False where there is no such person."""
    return connection.execute(_HOLD, {"who": person}).one_or_none() is not None


def enter_key(connection: Connection, values: Mapping[str, Any]) -> None:
    """A new key."""
    connection.execute(sa.insert(api_keys), dict(values))


def keys_alive(connection: Connection, person: str, label: str, at: datetime) -> int:
    """How many of the person's keys of that label are neither revoked nor expired at that moment."""
    return connection.execute(_ALIVE, {"who": person, "called": label, "at": at}).scalar_one()


def key(connection: Connection, key_id: str) -> sa.RowMapping | None:
    """A key, with its person's `role` and `agency`."""
    return connection.execute(_ONE_KEY, {"key": key_id}).mappings().one_or_none()


def keys_of(connection: Connection, person: str) -> list[sa.RowMapping]:
    """The keys of a person, the oldest first."""
    return list(connection.execute(_KEYS_OF, {"who": person}).mappings())


def keys_seen(connection: Connection, actor: Actor, at: datetime, after: str | None = None) -> Page:
    """The keys that the actor sees, the oldest first.

    Raises:
        RefusedError: `invalid`, field `cursor`.
    """
    query = _KEY.where(filtered(actor, Resource.API_KEY, at))
    return cursor.oldest_first(connection, query, api_keys.c.created_at, api_keys.c.id, after)


def revoke_key(connection: Connection, key_id: str, at: datetime) -> None:
    """Revoke a key; revoked again, it stays as it was."""
    connection.execute(_REVOKE, {"key": key_id, "at": at})


def revoke_keys(connection: Connection, person: str, at: datetime) -> None:
    """Revoke all keys of a person."""
    connection.execute(_REVOKE_ALL, {"who": person, "at": at})


def drop_account(connection: Connection, person: str) -> None:
    """Delete a person's account: their password and second factor."""
    connection.execute(_DROP_ACCOUNT, {"who": person})
