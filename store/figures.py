"""How much is open, waits and is late? Figures of the whole store, without a person, a name or a word."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from states.version_terms import VersionStatus
from store.schema.cases import cases
from store.schema.rulebooks import rollouts, rulebooks, versions
from store.schema.standing import standings, tellings
from store.schema.webhooks import deliveries

_COUNT = sa.func.count().label("count")
_OPEN = (
    sa.select(
        cases.c.kind,
        cases.c.region,
        cases.c.stage,
        _COUNT,
        sa.func.min(cases.c.filed_at).label("since"),
        sa.func.count().filter(cases.c.deadline_at < sa.bindparam("at")).label("late"),
    )
    .where(cases.c.status != sa.literal_column("'closed'"))
    .group_by(cases.c.kind, cases.c.region, cases.c.stage)
)
_UNTOLD = sa.select(_COUNT, sa.func.min(tellings.c.decided_at).label("since")).where(
    tellings.c.told_at.is_(None), tellings.c.refused_at.is_(None)
)
_UNDELIVERED = sa.select(_COUNT, sa.func.min(deliveries.c.at).label("since")).where(
    deliveries.c.delivered_at.is_(None), deliveries.c.given_up_at.is_(None)
)
_UNREAD = sa.select(_COUNT).where(standings.c.stirred)
_WAVES = (
    sa.select(
        rulebooks.c.key,
        rulebooks.c.version,
        versions.c.status,
        versions.c.moved_at.label("since"),
        rollouts.c.region,
        rollouts.c.seen,
        rollouts.c.hit,
    )
    .select_from(versions.join(rulebooks).join(rollouts, rollouts.c.version == versions.c.digest))
    .where(versions.c.status.in_([VersionStatus.ROLLING_OUT, VersionStatus.HALTED, VersionStatus.TAKING_BACK]))
)

Rows = list[dict[str, Any]]


def open_cases(connection: Connection, at: datetime) -> Rows:
    """Open cases by `kind`, `region`, `stage`: `count`, `late` past a deadline, `since` when the oldest waits."""
    return _rows(connection, _OPEN, at=at)


def untold(connection: Connection) -> Rows:
    """One row: how many tellings the platform has not received, and since when the oldest waits."""
    return _rows(connection, _UNTOLD)


def undelivered(connection: Connection) -> Rows:
    """One row: how many deliveries to webhooks wait, and since when the oldest does."""
    return _rows(connection, _UNDELIVERED)


def unread(connection: Connection) -> int:
    """How many subjects have penalties that changed, and that their courier has not read since."""
    return int(connection.execute(_UNREAD).scalar_one())


def waves(connection: Connection) -> Rows:
    """The wave that runs or stands, by `region`: of which version, its `status`, `since` when, whom it saw and hit."""
    return _rows(connection, _WAVES)


def _rows(connection: Connection, query: sa.Executable, **values: Any) -> Rows:
    return [dict(row) for row in connection.execute(query, values).mappings()]
