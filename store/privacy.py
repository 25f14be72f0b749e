"""What is kept of somebody, what stands in the way of erasing it, and what was ordered?"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy import Connection
from sqlalchemy.dialects.postgresql import distinct_on

from store import draft, identity, journal, lock, seal, session
from store.keyring import name_of, of_case, of_party
from store.schema.cases import cases, texts
from store.schema.evidence import evidence
from store.schema.identity import accounts, preferences
from store.schema.own import drafts, notices_read
from store.schema.parties import people, subjects
from store.schema.privacy import Order, privacy_orders

TOPIC = "privacy"
_WHO = sa.bindparam("who", type_=sa.Text)
# It reads whole tables, and nobody waits for it.
PATIENT = sa.select(sa.func.set_config("statement_timeout", "0", True))
_KNOWN = sa.select(sa.or_(*(sa.exists().where(table.c.id == _WHO) for table in (people, subjects, cases))))
_NEWEST = (
    sa.select(privacy_orders.c.name, privacy_orders.c.kind)
    .ext(distinct_on(privacy_orders.c.name))
    .where(privacy_orders.c.name.in_(sa.bindparam("names", expanding=True)), privacy_orders.c.kind != Order.ERASE.value)
    .order_by(privacy_orders.c.name, privacy_orders.c.id.desc())
)
_ERASED = (
    sa.select(privacy_orders.c.name, sa.exists().where(cases.c.id == privacy_orders.c.name).label("is_case"))
    .where(privacy_orders.c.kind == Order.ERASE.value)
    .distinct()
)
_PART_IN = sa.or_(
    *(cases.c[name] == _WHO for name in ("filed_by", "respondent", "subject", "agent", "claimed_by", "proposer")),
    sa.any_(cases.c.about) == _WHO,
)
_CASES = sa.select(cases.c.id, cases.c.outcome).where(_PART_IN).order_by(cases.c.id)
_WORDS = sa.select(sa.func.count()).where(
    sa.bindparam("key_name", type_=sa.Text) == sa.any_(texts.c.wrapped_by), texts.c.wrapped.is_not(None)
)
_FILES = sa.select(sa.func.count()).where(
    sa.or_(evidence.c.brought_by == _WHO, sa.bindparam("key_name", type_=sa.Text) == sa.any_(evidence.c.wrapped_by))
)
_DRAFTS = sa.select(sa.func.count()).where(drafts.c.person == _WHO)
_ACCOUNT = sa.select(sa.func.count()).where(accounts.c.person == _WHO)


@dataclass(frozen=True)
class Kept:
    """What is kept of a party: cases that they have part in, which of these are open, texts by or about them."""

    cases: list[str]
    open: list[str]
    held: list[str]
    words: int
    files: int
    drafts: int
    account: bool


def kept(connection: Connection, who: str) -> Kept:
    """What is kept of a party, and what of it is held: they themselves, or cases of theirs."""
    connection.execute(PATIENT)
    rows = connection.execute(_CASES, {"who": who}).all()
    names = [row.id for row in rows]

    def count(query: sa.Select[int]) -> int:
        return int(connection.execute(query, {"who": who, "key_name": name_of(of_party(who))}).scalar_one())

    return Kept(
        names,
        [row.id for row in rows if row.outcome is None],
        held(connection, [who, *names]),
        words=count(_WORDS),
        files=count(_FILES),
        drafts=count(_DRAFTS),
        account=bool(count(_ACCOUNT)),
    )


def known(connection: Connection, name: str) -> bool:
    """Whether a person, a subject or a case is called so."""
    return bool(connection.execute(_KNOWN, {"who": name}).scalar())


def held(connection: Connection, names: Iterable[str]) -> list[str]:
    """Which of these parties and cases are held."""
    rows = connection.execute(_NEWEST, {"names": sorted(names)}).all()
    return [row.name for row in rows if row.kind == Order.HOLD]


def erased(connection: Connection) -> list[str]:
    """Of whom the keys must be gone: the owners (`store/keyring.py`) of what was ordered to be erased."""
    rows = connection.execute(_ERASED).all()
    return [of_case(row.name) if row.is_case else of_party(row.name) for row in rows]


def alone(connection: Connection) -> None:
    """Let nobody else order anything until the transaction ends: what is held now stays so until then."""
    lock.hold(connection, TOPIC)


def order(
    connection: Connection, person: str, kind: Order, of: Sequence[tuple[str, str]], at: datetime, through: str
) -> None:
    """Keep an order about each name, with why; and a line in the records that says through what they came."""
    alone(connection)
    with journal.recording(connection, TOPIC, at, through):
        said = {"at": at, "person": person, "kind": kind.value}
        seal.insert(connection, privacy_orders, [said | {"name": name, "why": why} for name, why in of])


def drop_own(connection: Connection, who: str, at: datetime) -> None:
    """Delete what is somebody's own at the desk: password, sessions, drafts, how they read; and revoke their keys."""
    identity.drop_account(connection, who)
    identity.revoke_keys(connection, who, at)
    session.end_all(connection, who)
    draft.drop_all(connection, who)
    for table in (preferences, notices_read):
        connection.execute(sa.delete(table).where(table.c.person == who))
