"""API keys of systems, for agencies' people and the platform: shown once, stored as a hash, good until they end."""

import hashlib
import hmac
import re
import secrets
import zlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Connection, RowMapping

from desk.identity.caller import Scope
from desk.identity.unproven import UnprovenError
from states.situation import Actor
from states.terms import AGENCY_ROLES, Code, RefusedError, Role
from store import identity, party

PREFIX = "cw_"
MOST_DAYS = 366
USUAL_DAYS = 90
# Good keys of one person and label: an old and a new one, while a system changes over.
MOST_ALIVE = 2
HOLDERS = AGENCY_ROLES | {Role.PLATFORM}
OF_PLATFORM = frozenset({Scope.FEED, Scope.STAFF})
LABEL = r"^[A-Za-z0-9][A-Za-z0-9 ._-]{0,63}$"
# cw_, the public id, the secret of 256 bits and a checksum: scanners for leaked secrets recognise this form.
FORM = re.compile(r"cw_([0-9a-f]{16})_([0-9a-f]{64})([0-9a-f]{8})")


@dataclass(frozen=True)
class NewKey:
    """A key that was just made: the only moment in which its text is known."""

    id: str
    text: str = field(repr=False)
    created_at: datetime
    expires_at: datetime


@dataclass(frozen=True)
class Accepted:
    """What a key proves: its id, the person it acts as, what it may be used for, and who made it."""

    id: str
    person: str
    scopes: frozenset[Scope]
    created_by: str


class Keys:
    """Makes, checks and revokes keys."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now

    @staticmethod
    def looks_like(proof: str) -> bool:
        return proof.startswith(PREFIX)

    def accept(self, connection: Connection, text: str) -> Accepted:
        """What a key proves.

        Raises:
            UnprovenError: it is no key, or revoked or over, or its maker could not make it any more.
        """
        form = FORM.fullmatch(text)
        if form is None or form[3] != _checksum(form[1], form[2]):
            raise UnprovenError("no key's form")
        row = identity.key(connection, form[1])
        kept = row["secret_hash"] if row else _hash("")
        if not hmac.compare_digest(kept, _hash(text)) or row is None:
            raise UnprovenError("no such key")
        if not alive(row, self._now()):
            raise UnprovenError(f"key {form[1]} is revoked or over")
        if row["role"] not in HOLDERS:
            raise UnprovenError(f"key {form[1]} is of somebody who may have none")
        if row["created_by"] != row["person"] and not _may_still(connection, row):
            raise UnprovenError(f"key {form[1]} was made by somebody who could not make it now")
        scopes = frozenset(Scope(scope) for scope in row["scopes"])
        return Accepted(row["id"], row["person"], scopes, row["created_by"])

    def make(
        self, connection: Connection, person: Actor, label: str, scopes: Iterable[Scope], days: int, by: str
    ) -> NewKey:
        """Make a key.

        Raises:
            RefusedError: `invalid`, with the field: the person may have none, or has two of that label.
        """
        wanted = frozenset(scopes)
        if person.role not in HOLDERS:
            raise RefusedError(Code.INVALID, "no_keys_for_them", "person")
        if not wanted or (wanted & OF_PLATFORM and person.role is not Role.PLATFORM):
            raise RefusedError(Code.INVALID, "wrong_scopes", "scopes")
        if not re.fullmatch(LABEL, label):
            raise RefusedError(Code.INVALID, "input.form", "label", form="label")
        if not 1 <= days <= MOST_DAYS:
            raise RefusedError(Code.INVALID, "key_lives", "expires_in_days", most=MOST_DAYS)
        now = self._now()
        identity.hold_person(connection, person.id)
        if identity.keys_alive(connection, person.id, label, now) >= MOST_ALIVE:
            raise RefusedError(Code.INVALID, "too_many_keys", "label", most=MOST_ALIVE)
        key_id, secret = secrets.token_hex(8), secrets.token_hex(32)
        made = NewKey(key_id, _text(key_id, secret), now, now + timedelta(days=days))
        values = {"id": key_id, "person": person.id, "label": label, "secret_hash": _hash(made.text)}
        when = {"created_at": now, "expires_at": made.expires_at}
        identity.enter_key(connection, values | when | {"scopes": sorted(wanted), "created_by": by})
        return made

    def revoke(self, connection: Connection, key_id: str) -> None:
        """Revoke a key."""
        identity.revoke_key(connection, key_id, self._now())


def may_make(maker: Actor, person: Actor) -> bool:
    """Whether `maker` may make a key for `person`: its holder acts as the person, so a lead makes none for an owner."""
    if maker.id == person.id:
        return True
    return (maker.agency is not None and maker.agency == person.agency) and (
        maker.role is Role.OWNER or (maker.role is Role.TEAM_LEAD and person.role is Role.AGENT)
    )


def alive(row: RowMapping, now: datetime) -> bool:
    """Whether the key is good at that moment."""
    return row["revoked_at"] is None and bool(now < row["expires_at"])


def _may_still(connection: Connection, row: RowMapping) -> bool:
    maker = party.actor(connection, row["created_by"])
    return maker is not None and may_make(maker, Actor(row["person"], Role(row["role"]), row["agency"]))


def _text(key_id: str, secret: str) -> str:
    return f"{PREFIX}{key_id}_{secret}{_checksum(key_id, secret)}"


def _checksum(key_id: str, secret: str) -> str:
    return f"{zlib.crc32(f'{key_id}_{secret}'.encode()):08x}"


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
