"""Has all that is due happened? Rows must have caught up with the clock before anybody looks."""

import asyncio
from collections.abc import Callable
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from store.schema.cases import cases

_PATIENCE = 20.0
_PAUSE = 0.005


async def settle(engine: AsyncEngine, now: Callable[[], datetime]) -> None:
    """Wait until no case is overdue and none has a row that its workflow was told to read.

    Raises:
        TimeoutError: something that is due does not happen.
    """
    async with asyncio.timeout(_PATIENCE):
        while await _pending(engine, now()):
            await asyncio.sleep(_PAUSE)


async def _pending(engine: AsyncEngine, at: datetime) -> bool:
    query = sa.select(sa.literal(1)).where(sa.or_(cases.c.deadline_at <= at, cases.c.stirred)).limit(1)
    async with engine.connect() as connection:
        return (await connection.execute(query)).first() is not None
