"""The sweep wakes workflows behind their rows, at start and every 5 s.

Which are behind, cases and couriers of each kind, is decided in `store/wake.py`.
"""

import asyncio
import logging
from collections.abc import Callable, Collection
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError
from temporalio.service import RPCError

from activities.look import Looker, Woken
from store import wake
from store.in_thread import in_thread

log = logging.getLogger("casework.sweep")
PAUSE = 5.0


async def sweep(
    engine: Engine, looker: Looker, now: Callable[[], datetime], before: Collection[str] | None = None
) -> tuple[int, Collection[str]]:
    """Wake every case and courier that may have missed a change; give how many, and the subjects with unread changes.

    `before` are the subjects that the last sweep gave; only those that still have unread changes are woken, as a
    courier may be at work on newer ones. Without it all are.
    """
    at = now()
    behind, stirred = await in_thread(engine, _behind, engine, at)
    missed = stirred if before is None else set(before).intersection(stirred)
    woken = replace(behind, subjects={*behind.subjects, *missed})
    await looker.wake(woken, at)
    return len(woken), stirred


def _behind(engine: Engine, at: datetime) -> tuple[Woken, list[str]]:
    """Whose workflow is late; and the subjects whose courier has not read a change, late or not."""
    with engine.begin() as connection:
        cases, late = wake.behind(connection, at), wake.couriers_late(connection, at)
        behind = Woken(cases, late, wake.receivers_late(connection, at), wake.versions_late(connection, at))
        return behind, wake.couriers_stirred(connection)


async def sweep_forever(engine: Engine, looker: Looker, now: Callable[[], datetime]) -> None:
    """Sweep until cancelled; a database or a Temporal that is away is tried again."""
    stirred: Collection[str] | None = None
    while True:
        try:
            found, stirred = await sweep(engine, looker, now, stirred)
            if found:
                log.warning("%d cases or couriers were behind and were woken", found)
        except (SQLAlchemyError, RPCError, OSError) as error:
            log.warning("the sweep will be tried again", exc_info=error)
        await asyncio.sleep(PAUSE)
