"""Has all that is due happened? Rows must have caught up with the clock before anybody looks."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy import Engine
from temporalio.client import Client, WorkflowExecutionStatus

from states.terms import Status
from store.schema.cases import cases
from store.schema.standing import standings, tellings

_PATIENCE = 20.0
_PAUSE = 0.005


async def settle(engine: Engine, now: Callable[[], datetime]) -> None:
    """Wait until nothing is overdue, no row is ahead of its workflow, and the platform has answered.

    Raises:
        TimeoutError: something that is due does not happen.
    """
    async with asyncio.timeout(_PATIENCE):
        while _pending(engine, now()):
            await asyncio.sleep(_PAUSE)


async def ended(engine: Engine, client: Client) -> None:
    """Wait until the workflows of closed cases have ended: each does so just after the commit that closed its case.

    One that doesn't in time is left for `verify` to tell of.
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
        sa.exists().where(tellings.c.told_at.is_(None), tellings.c.refused_at.is_(None)),
    )
    with engine.connect() as connection:
        return bool(connection.execute(sa.select(sa.or_(*behind))).scalar())
