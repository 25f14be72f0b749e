"""How far are couriers behind? What the platform and the receivers of webhooks were not told yet, the oldest first."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from store.schema.cases import cases
from store.schema.standing import tellings
from store.schema.webhooks import deliveries, webhooks

_MOST = 50
_UNTOLD = (
    sa.select(tellings.c.subject, tellings.c.number, tellings.c.decided_at.label("since"))
    .where(tellings.c.told_at.is_(None), tellings.c.refused_at.is_(None))
    .order_by(tellings.c.decided_at)
    .limit(_MOST)
)
_PENDING = sa.and_(deliveries.c.delivered_at.is_(None), deliveries.c.given_up_at.is_(None))
_HEAD = (
    sa.select(deliveries.c.attempts, deliveries.c.next_at, deliveries.c.status, deliveries.c.error)
    .where(deliveries.c.webhook == webhooks.c.id, _PENDING)
    .order_by(deliveries.c.number)
    .limit(1)
    .lateral("head")
)
_WAITING = (
    sa.select(sa.func.count().label("count"), sa.func.min(deliveries.c.at).label("since"))
    .where(deliveries.c.webhook == webhooks.c.id, _PENDING)
    .lateral("waiting")
)
_UNDELIVERED = (
    sa.select(webhooks.c.id, webhooks.c.agency, *_WAITING.c, *_HEAD.c)
    .select_from(webhooks.join(_WAITING, sa.true()).join(_HEAD, sa.true()))
    .where(webhooks.c.removed_at.is_(None))
    .order_by(_WAITING.c.since)
    .limit(_MOST)
)
_CASES = sa.select(cases.c.id, cases.c.status, cases.c.deadline_at, cases.c.moved_at, cases.c.stirred)


def untold(connection: Connection) -> list[dict[str, Any]]:
    """What the platform was not told yet: `subject`, the telling's `number`, `since`."""
    return [dict(row) for row in connection.execute(_UNTOLD).mappings()]


def undelivered(connection: Connection) -> list[dict[str, Any]]:
    """Receivers that wait for deliveries: `id`, `agency`, `count`, `since`; of the first one its attempts and error."""
    return [dict(row) for row in connection.execute(_UNDELIVERED).mappings()]


def of_cases(connection: Connection, ids: list[str], at: datetime) -> list[dict[str, Any]]:
    """The cases that are behind, as their rows say it: `overdue` where a deadline has passed, the oldest first."""
    found = _CASES.where(cases.c.id.in_(ids)).order_by(cases.c.deadline_at.nulls_last(), cases.c.id).limit(_MOST)
    rows = connection.execute(found).mappings()
    return [{**row, "overdue": row["deadline_at"] is not None and row["deadline_at"] < at} for row in rows]
