"""Which deliveries has a receiver of webhooks, and what became of each? In the order of their numbers."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from store import cursor, secret
from store.cursor import Cursor, Page
from store.schema.webhooks import deliveries, webhooks

_SORT = "deliveries"
_PENDING = sa.and_(deliveries.c.delivered_at.is_(None), deliveries.c.given_up_at.is_(None))
_NEXT = (
    sa.select(deliveries, webhooks.c.url, webhooks.c.secret, webhooks.c.agency)
    .join(webhooks, webhooks.c.id == deliveries.c.webhook)
    .where(deliveries.c.webhook == sa.bindparam("receiver"), webhooks.c.removed_at.is_(None), _PENDING)
    .order_by(deliveries.c.number)
    .limit(1)
)
_BEFORE = (
    sa.select(deliveries.c.given_up_at)
    .where(deliveries.c.webhook == sa.bindparam("receiver"), deliveries.c.number < sa.bindparam("number"))
    .order_by(deliveries.c.number.desc())
    .limit(1)
)


@dataclass(frozen=True)
class Due:
    """The next delivery of a receiver, and where it goes. `agency`: whose receiver it is."""

    id: str
    number: int
    webhook: str
    agency: str | None
    url: str
    secret: str
    body: dict[str, Any]
    at: datetime
    attempts: int
    next_at: datetime


def post(connection: Connection, rows: Sequence[Mapping[str, Any]], at: datetime) -> None:
    """Write deliveries (webhook, event, payload), to be sent from `at` on, in this order."""
    if rows:
        connection.execute(sa.insert(deliveries), [{**row, "id": _new(), "at": at, "next_at": at} for row in rows])


def body(row: Mapping[Any, Any]) -> dict[str, Any]:
    """The JSON that is sent, the same at each attempt: by its `id` a receiver knows a repetition."""
    return {"id": row["id"], "event": row["event"], **row["payload"]}


def following(connection: Connection, webhook: str) -> Due | None:
    """The receiver's first delivery that is neither delivered nor given up."""
    row = connection.execute(_NEXT, {"receiver": webhook}).mappings().one_or_none()
    if row is None:
        return None
    same = {name: row[name] for name in ("id", "number", "webhook", "agency", "url", "at", "attempts")}
    known = secret.readable(connection, secret.HOUSE, row["secret"]) or ""
    return Due(**same, secret=known, body=body(row), next_at=row["next_at"] or row["at"])


def delivered(connection: Connection, due: Due, status: int, at: datetime) -> None:
    """Note that the delivery was received."""
    _answered(connection, due, at, status=status, error=None, delivered_at=at, next_at=None)


def failed(connection: Connection, due: Due, status: int | None, error: str, at: datetime, again: datetime) -> None:
    """Note a failed attempt, and that the next is due at `again`."""
    _answered(connection, due, at, status=status, error=error, next_at=again)


def postpone(connection: Connection, due: Due, again: datetime) -> None:
    """Note that the delivery, which could not be sent yet, is due at `again`."""
    connection.execute(sa.update(deliveries).where(deliveries.c.id == due.id, _PENDING).values(next_at=again))


def given_up(connection: Connection, due: Due, status: int | None, error: str, at: datetime) -> bool:
    """Note that the delivery is given up; True where the receiver's one before was not, which is news to ops."""
    changed = _answered(connection, due, at, status=status, error=error, given_up_at=at, next_at=None)
    row = connection.execute(_BEFORE, {"receiver": due.webhook, "number": due.number}).one_or_none()
    return changed and (row is None or row.given_up_at is None)


def page(connection: Connection, webhook: str, after: str | None = None, limit: int = 50) -> Page:
    """A page of the receiver's deliveries, newest first. The cursor has an id: a number would count everybody's.

    Raises:
        RefusedError: `invalid`; field `cursor` or `limit`.
    """
    start, most = cursor.read(after, _SORT), cursor.size(limit)
    query = sa.select(deliveries).where(deliveries.c.webhook == webhook)
    if start is not None:
        own = sa.select(deliveries.c.number).where(deliveries.c.webhook == webhook, deliveries.c.id == start.id)
        query = query.where(deliveries.c.number < own.scalar_subquery())
    rows = connection.execute(query.order_by(deliveries.c.number.desc()).limit(most + 1)).mappings().all()
    more = Cursor(_SORT, None, rows[most - 1]["id"]).opaque() if len(rows) > most else None
    return Page([dict(row) for row in rows[:most]], more)


def replay(connection: Connection, webhook: str, delivery: str, at: datetime) -> sa.RowMapping | None:
    """Send a delivery of the receiver again, as a new one."""
    kept = (deliveries.c.webhook, deliveries.c.event, deliveries.c.payload)
    now, original = sa.literal(at, sa.DateTime(timezone=True)), deliveries.c.id
    query = sa.select(sa.literal(_new()), *kept, now, now, original)
    query = query.where(original == delivery, deliveries.c.webhook == webhook)
    names = ["id", *(column.name for column in kept), "at", "next_at", "replay_of"]
    made = sa.insert(deliveries).from_select(names, query).returning(*deliveries.c)
    return connection.execute(made).mappings().one_or_none()


def _new() -> str:
    return f"dl-{secrets.token_hex(10)}"


def _answered(connection: Connection, due: Due, at: datetime, **became: Any) -> bool:
    """Note an attempt's result, unless the delivery has ended already; whether it was noted."""
    changed = sa.update(deliveries).where(deliveries.c.id == due.id, _PENDING)
    values = {"attempts": deliveries.c.attempts + 1, "answered_at": at, **became}
    return connection.execute(changed.values(values)).rowcount == 1
