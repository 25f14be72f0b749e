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
from temporalio.client import Client
from temporalio.service import RPCError

from activities.look import Looker, Woken
from store import wake
from store.in_thread import in_thread
from workers.lost import begin_again

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
    late, stirred = await in_thread(engine, behind, engine, at)
    missed = stirred if before is None else set(before).intersection(stirred)
    woken = replace(late, subjects={*late.subjects, *missed})
    await looker.wake(woken, at)
    return len(woken), stirred


def behind(engine: Engine, at: datetime) -> tuple[Woken, list[str]]:
    """Whose workflow is late; and the subjects whose courier has not read a change, late or not."""
    with engine.begin() as connection:
        cases, late = wake.behind(connection, at), wake.couriers_late(connection, at)
        woken = Woken(cases, late, wake.receivers_late(connection, at), wake.versions_late(connection, at))
        return woken, wake.couriers_stirred(connection)


async def sweep_forever(
    engine: Engine, looker: Looker, now: Callable[[], datetime], client: Client | None = None
) -> None:
    """Sweep until cancelled; a database or a Temporal that is away is tried again.

    With a client, what Temporal has lost is begun again after the first (`workers/lost.py`): that takes a while where
    there is much, and where it fails the next is no later.
    """
    stirred: Collection[str] | None = None
    while True:
        try:
            found, stirred = await sweep(engine, looker, now, stirred)
            if found:
                log.warning("%d cases or couriers were behind and were woken", found)
            if client is not None:
                if lost := await begin_again(engine, client, looker, now()):
                    log.warning("%d cases or couriers had no workflow and were begun again", lost)
                client = None
        except (SQLAlchemyError, RPCError, OSError) as error:
            log.warning("the sweep will be tried again", exc_info=error)
        await asyncio.sleep(PAUSE)
