"""Who wakes what was missed? A sweep at start and every few seconds; its queries touch small partial indexes only."""

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.service import RPCError

from activities.look import Looker
from store import wake

log = logging.getLogger("casework.sweep")
PAUSE = 5.0


async def sweep(engine: AsyncEngine, looker: Looker, now: Callable[[], datetime]) -> int:
    """Wake every case and courier that may have missed something; give how many."""
    at = now()
    async with engine.connect() as connection:
        found = await wake.behind(connection, at)
        couriers = await wake.couriers_behind(connection, at)
    await looker.look(found, at)
    await looker.look_at_standings(couriers, at)
    return len(found) + len(couriers)


async def sweep_forever(engine: AsyncEngine, looker: Looker, now: Callable[[], datetime]) -> None:
    """Sweep until cancelled; a database or a Temporal that is away is tried again."""
    while True:
        try:
            if found := await sweep(engine, looker, now):
                log.warning("%d cases or couriers were behind and were woken", found)
        except (SQLAlchemyError, RPCError, OSError) as error:
            log.warning("the sweep will be tried again: %s", type(error).__name__)
        await asyncio.sleep(PAUSE)
