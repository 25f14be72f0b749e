"""What do people look up? Reads never touch Temporal; each takes the time `at` which it is asked."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from states.sight import Resource
from states.situation import Actor
from states.terms import Status
from store import sight
from store.penalty import in_force
from store.queue import Filter, page
from store.schema.cases import cases, quota_slots
from store.schema.journal import journal
from store.schema.scores import ledger, penalties
from store.schema.standing import standings
from store.sight import visible

_SCORE = (
    sa.select(ledger.c.balance)
    .where(
        ledger.c.subject == sa.bindparam("subject"),
        ledger.c.scheme == sa.bindparam("scheme"),
        ledger.c.period == sa.bindparam("period"),
    )
    .order_by(ledger.c.number.desc())
    .limit(1)
)
_PENALTIES = (
    sa.select(penalties)
    .where(
        penalties.c.subject == sa.bindparam("subject"), in_force(sa.bindparam("at", type_=sa.DateTime(timezone=True)))
    )
    .order_by(penalties.c.id)
)
_WORDS = sa.text("SELECT id, body FROM words(:ids)")
_USED = sa.select(sa.func.count()).where(
    quota_slots.c.agency == sa.bindparam("agency"),
    quota_slots.c.month == sa.bindparam("month"),
    quota_slots.c.given_back_at.is_(None),
)


def balance(connection: Connection, subject: str, scheme: str, period: str) -> int | None:
    """The score of a period as last booked, in points; none where nothing has happened in it."""
    key = {"subject": subject, "scheme": scheme, "period": period}
    found: int | None = connection.execute(_SCORE, key).scalar()
    return found


def penalties_in_force(connection: Connection, subject: str, at: datetime) -> list[sa.RowMapping]:
    """The subject's penalties in force at a time, oldest first."""
    return list(connection.execute(_PENALTIES, {"subject": subject, "at": at}).mappings())


def told(connection: Connection) -> list[tuple[str, frozenset[str]]]:
    """What the platform was told of each subject."""
    rows = connection.execute(sa.select(standings.c.subject, standings.c.told).order_by(standings.c.subject))
    return [(row.subject, frozenset(row.told)) for row in rows]


def used(connection: Connection, agency: str, month: str) -> int:
    """How many of a month's reports the agency has used."""
    found: int = connection.execute(_USED, {"agency": agency, "month": month}).scalar_one()
    return found


def sees(connection: Connection, actor: Actor, case_id: str, at: datetime) -> bool:
    """Whether the actor can see the case."""
    return sight.sees(connection, actor, Resource.CASE, case_id, at)


def timeline(connection: Connection, case_id: str) -> list[sa.RowMapping]:
    """The case's journal, oldest line first."""
    query = sa.select(journal).where(journal.c.case == case_id).order_by(journal.c.version)
    return list(connection.execute(query).mappings())


def bodies(connection: Connection, ids: Sequence[str]) -> dict[str, str]:
    """Texts by id: whoever was told an id may read its words (`words` is of migration 0004)."""
    return {row.id: row.body for row in connection.execute(_WORDS, {"ids": list(ids)})}


def queue(connection: Connection, actor: Actor, at: datetime, limit: int = 50) -> list[dict[str, Any]]:
    """The cases that wait for a claim and that the actor sees, the most urgent first."""
    waiting = Filter(statuses=frozenset({Status.QUEUED, Status.ESCALATED}))
    return page(connection, actor, at, waiting, limit=limit).rows


def ledger_lines(connection: Connection, subject: str, scheme: str, period: str) -> list[sa.RowMapping]:
    """The lines of a period's score, oldest first; each has the balance after it."""
    query = (
        sa.select(ledger)
        .where(ledger.c.subject == subject, ledger.c.scheme == scheme, ledger.c.period == period)
        .order_by(ledger.c.number)
    )
    return list(connection.execute(query).mappings())


def appeals_of(connection: Connection, actor: Actor, report: str, at: datetime) -> list[str]:
    """The appeals against a report that the actor sees, oldest first."""
    query = sa.select(cases.c.id).where(cases.c.of_case == report, visible(actor, at))
    return list(connection.execute(query.order_by(cases.c.filed_at, cases.c.id)).scalars())
