"""Local accounts and systems' API keys, as rows; passwords and the keys' secrets come here as hashes only.

Each row is sealed by a chain of its own, but for what every login changes: so nobody gets one by writing a row.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection
from sqlalchemy.dialects.postgresql import insert

from states.sight import Resource
from states.situation import Actor
from store import cursor, journal, seal, secret
from store.cursor import Page
from store.keyring import of_party
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
_GOOD_OF = sa.select(api_keys.c.id).where(api_keys.c.person == sa.bindparam("who"), api_keys.c.revoked_at.is_(None))
_REVOKE = (
    sa.update(api_keys)
    .where(api_keys.c.id == sa.bindparam("key"), api_keys.c.revoked_at.is_(None))
    .values(revoked_at=sa.bindparam("at"))
    .returning(api_keys)
)
_DROP_ACCOUNT = sa.delete(accounts).where(accounts.c.person == sa.bindparam("who")).returning(accounts)
_NOW = sa.select(sa.func.now(type_=sa.DateTime(timezone=True)))
_HOLD = sa.select(people.c.id).where(people.c.id == sa.bindparam("who")).with_for_update(key_share=True)


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
    if row is None:
        return None
    kept = row["totp_secret"]
    return Account(**{**row, "totp_secret": kept and secret.readable(connection, of_party(person), kept)})


def enter_account(connection: Connection, person: str, password: str, *, demo: bool = False) -> None:
    """Set the person's password (its hash), and clear failures and lock-out; the second factor stays.

    `demo` marks an account of the demo cast; given a password of its own it is one no longer.
    """
    fresh = {"password": password, "failures": 0, "locked_until": None, "demo": demo}
    statement = insert(accounts).values(person=person, **fresh)
    with _sealed(connection, f"account/{person}"):
        seal.upsert(connection, accounts, statement.on_conflict_do_update(index_elements=["person"], set_=fresh))


def of_demo(connection: Connection, *people: str) -> list[str]:
    """Who of the people has an account of the demo cast; without people: all who have one."""
    query = _OF_DEMO.where(accounts.c.person.in_(people)) if people else _OF_DEMO
    return list(connection.scalars(query))


def change_account(connection: Connection, person: str, values: Mapping[str, Any]) -> bool:
    """Change the person's account; False where there is none."""
    changed = dict(values)
    if (said := changed.get("totp_secret")) is not None:
        changed["totp_secret"] = secret.encrypted(connection, of_party(person), said)
    if changed.keys() <= seal.PASSING:
        return connection.execute(_CHANGE_ACCOUNT.values(changed), {"who": person}).rowcount > 0
    with _sealed(connection, f"account/{person}"):
        return bool(seal.update(connection, accounts, {"person": person}, **changed))


def hold_person(connection: Connection, person: str) -> bool:
    """Lock the person's row while their keys are counted and one is added; False where there is no such person."""
    return connection.execute(_HOLD, {"who": person}).one_or_none() is not None


def enter_key(connection: Connection, values: Mapping[str, Any]) -> None:
    """A new key."""
    with _sealed(connection, f"key/{values['id']}"):
        seal.insert(connection, api_keys, values)


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
    with _sealed(connection, f"key/{key_id}"):
        seal.note(connection, api_keys, connection.execute(_REVOKE, {"key": key_id, "at": at}).mappings().all())


def revoke_keys(connection: Connection, person: str, at: datetime) -> None:
    """Revoke all keys of a person."""
    for key_id in connection.scalars(_GOOD_OF, {"who": person}).all():
        revoke_key(connection, key_id, at)


def drop_account(connection: Connection, person: str) -> None:
    """Delete a person's account: their password and second factor."""
    with _sealed(connection, f"account/{person}"):
        seal.gone(connection, accounts, connection.execute(_DROP_ACCOUNT, {"who": person}).mappings().all())


@contextmanager
def _sealed(connection: Connection, topic: str) -> Iterator[None]:
    """Have a chain of its own take what is written inside; what was noted before is kept for the chain that is open."""
    noted = seal.take(connection)
    with journal.recording(connection, topic, connection.execute(_NOW).scalar_one()):
        yield
    seal.begin_with(connection, noted)
