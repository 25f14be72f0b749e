"""Has all that is due happened? Rows must have caught up with the clock before anybody looks."""

import asyncio
from collections.abc import Callable
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy import Engine

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


def _pending(engine: Engine, at: datetime) -> bool:
    behind = (
        sa.exists().where(sa.or_(cases.c.deadline_at <= at, cases.c.stirred)),
        sa.exists().where(sa.or_(standings.c.next_at <= at, standings.c.stirred)),
        sa.exists().where(tellings.c.told_at.is_(None), tellings.c.refused_at.is_(None)),
    )
    with engine.connect() as connection:
        return bool(connection.execute(sa.select(sa.or_(*behind))).scalar())
