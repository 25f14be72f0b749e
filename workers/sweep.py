"""Who wakes what was missed? A sweep at start and every few seconds; its queries touch small partial indexes only."""

import asyncio
import logging
from collections.abc import Callable, Collection
from datetime import datetime

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError
from temporalio.service import RPCError

from activities.look import Looker
from store import wake, webhook
from store.aside import aside

log = logging.getLogger("casework.sweep")
PAUSE = 5.0


async def sweep(
    engine: Engine, looker: Looker, now: Callable[[], datetime], before: Collection[str] | None = None
) -> tuple[int, Collection[str]]:
    """Wake every case and courier that may have missed something; give how many, and the couriers stirred now.

    Where the couriers stirred `before` are given, only those that still are have missed it: the others may be at work.
    """
    at = now()
    cases, stirred, late, receivers = await aside(engine, _behind, engine, at)
    couriers = {*late, *(stirred if before is None else set(before).intersection(stirred))}
    await looker.look(cases, at)
    await looker.look_at_standings(couriers, at)
    await looker.look_at_webhooks(receivers, at)
    return len(cases) + len(couriers) + len(receivers), stirred


def _behind(engine: Engine, at: datetime) -> tuple[list[str], list[str], list[str], list[str]]:
    with engine.begin() as connection:
        stirred, late = wake.couriers_stirred(connection), wake.couriers_late(connection, at)
        return wake.behind(connection, at), stirred, late, webhook.webhooks_behind(connection, at)


async def sweep_forever(engine: Engine, looker: Looker, now: Callable[[], datetime]) -> None:
    """Sweep until cancelled; a database or a Temporal that is away is tried again."""
    stirred: Collection[str] | None = None
    while True:
        try:
            found, stirred = await sweep(engine, looker, now, stirred)
            if found:
                log.warning("%d cases or couriers were behind and were woken", found)
        except (SQLAlchemyError, RPCError, OSError) as error:
            log.warning("the sweep will be tried again: %s", type(error).__name__)
        await asyncio.sleep(PAUSE)
