"""Who wakes what was missed? A sweep at start and every few seconds; its queries touch small partial indexes only."""

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError
from temporalio.service import RPCError

from activities.look import Looker
from store import wake
from store.aside import aside

log = logging.getLogger("casework.sweep")
PAUSE = 5.0


async def sweep(engine: Engine, looker: Looker, now: Callable[[], datetime]) -> int:
    """Wake every case and courier that may have missed something; give how many."""
    at = now()
    found, couriers = await aside(engine, _behind, engine, at)
    await looker.look(found, at)
    await looker.look_at_standings(couriers, at)
    return len(found) + len(couriers)


def _behind(engine: Engine, at: datetime) -> tuple[list[str], list[str]]:
    with engine.connect() as connection:
        return wake.behind(connection, at), wake.couriers_behind(connection, at)


async def sweep_forever(engine: Engine, looker: Looker, now: Callable[[], datetime]) -> None:
    """Sweep until cancelled; a database or a Temporal that is away is tried again."""
    while True:
        try:
            if found := await sweep(engine, looker, now):
                log.warning("%d cases or couriers were behind and were woken", found)
        except (SQLAlchemyError, RPCError, OSError) as error:
            log.warning("the sweep will be tried again: %s", type(error).__name__)
        await asyncio.sleep(PAUSE)
