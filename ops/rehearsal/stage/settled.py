"""Waits until all that is due has happened: before that, comparing rows with expectations would be too early."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy import Engine
from temporalio.client import Client, WorkflowExecutionStatus

from states.terms import Status
from states.version_terms import VersionStatus
from store.schema.cases import cases
from store.schema.rulebooks import versions
from store.schema.standing import standings, tellings

_PATIENCE = 20.0
_PAUSE = 0.005
_before = versions.alias("before")
# An approved version whose date has come waits for the wave of the version before it.
_WAITS = sa.and_(
    versions.c.status == VersionStatus.APPROVED,
    sa.exists().where(_before.c.digest == versions.c.follows, _before.c.status != VersionStatus.IN_FORCE),
)


async def settle(engine: Engine, now: Callable[[], datetime]) -> None:
    """Wait until nothing is overdue, no row is ahead of its workflow, and the platform has answered.

    Raises:
        TimeoutError: something that is due has not happened within 20 seconds.
    """
    async with asyncio.timeout(_PATIENCE):
        while _pending(engine, now()):
            await asyncio.sleep(_PAUSE)


def next_due(engine: Engine) -> datetime | None:
    """When the next deadline of a case or of a rulebook's version passes, or the next penalty begins or ends."""
    deadline = sa.select(sa.func.min(cases.c.deadline_at)).scalar_subquery()
    change = sa.select(sa.func.min(standings.c.next_at)).scalar_subquery()
    of_version = sa.select(sa.func.min(versions.c.deadline_at)).where(~_WAITS).scalar_subquery()
    with engine.connect() as connection:
        found: datetime | None = connection.execute(sa.select(sa.func.least(deadline, change, of_version))).scalar()
    return found


async def ended(engine: Engine, client: Client) -> None:
    """Wait until the workflows of closed cases have ended, which each does just after its last commit.

    After 20 seconds a workflow that still runs is left for `verify` to report.
    """
    with engine.connect() as connection:
        closed = connection.execute(sa.select(cases.c.id).where(cases.c.status == Status.CLOSED)).scalars().all()
    with suppress(TimeoutError):
        async with asyncio.timeout(_PATIENCE):
            for case in closed:
                handle = client.get_workflow_handle(case)
                while (await handle.describe()).status is WorkflowExecutionStatus.RUNNING:
                    await asyncio.sleep(_PAUSE)


def _pending(engine: Engine, at: datetime) -> bool:
    behind = (
        sa.exists().where(sa.or_(cases.c.deadline_at <= at, cases.c.stirred)),
        sa.exists().where(sa.or_(standings.c.next_at <= at, standings.c.stirred)),
        sa.exists().where(sa.or_(sa.and_(versions.c.deadline_at <= at, ~_WAITS), versions.c.stirred)),
        sa.exists().where(tellings.c.told_at.is_(None), tellings.c.refused_at.is_(None)),
    )
    with engine.connect() as connection:
        return bool(connection.execute(sa.select(sa.or_(*behind))).scalar())
