"""When are checkpoints made and kept? Each minute in which something changed, by whichever worker is first."""

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from store.bucket import AwayError
from store.copies import Copies
from store.in_thread import in_thread
from store.keyring import Keyring
from store.master import UnknownMasterError
from workers.checkpoints.keep import keep
from workers.checkpoints.make import LOG, make
from workers.checkpoints.signing import signer

log = logging.getLogger(LOG)
PAUSE = 15.0


async def checkpoint_forever(
    engine: Engine, keyring: Keyring, copies: Copies | None, now: Callable[[], datetime]
) -> None:
    """Make and keep checkpoints until cancelled; a database, a folder or a bucket that is away is tried again."""
    kept: int | None = None
    more = False
    while True:
        try:
            more = await in_thread(engine, _make, engine, keyring, now(), more)
            if copies is not None:
                kept = await in_thread(engine, keep, engine, copies, kept)
        except (SQLAlchemyError, AwayError, UnknownMasterError, OSError) as error:
            more = False
            log.warning("checkpoints will be tried again", exc_info=error)
        await asyncio.sleep(0 if more else PAUSE)


def _make(engine: Engine, keyring: Keyring, at: datetime, at_once: bool) -> bool:
    _, more = make(engine, signer(keyring), at, at_once=at_once)
    return more
