"""What goes? Each hour: words kept no longer, drafts left alone for 30 days, and uploads left alone for a day.

No command has referred to such an upload, and no draft names it. Its bytes go while they are held, and only if no row
names them (`store/evidence.py`); so do bytes that never got a row, as their process was killed before it wrote one.
"""

import asyncio
import logging
from collections.abc import Callable, Iterator
from datetime import datetime
from itertools import islice

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from activities.rulebooks import Rulebooks
from store import draft, evidence, keyring, privacy
from store.bucket import AwayError
from store.evidence import KEPT
from store.in_thread import in_thread
from store.objects import Objects
from workers import retention

log = logging.getLogger("casework.clearing")
PAUSE = 3600.0
_PAGE = 500


async def clear(engine: Engine, objects: Objects, at: datetime) -> int:
    """Remove what is nobody's at that time, and end what is kept no longer; how many files' bytes went.

    Raises:
        AwayError: the bytes can't be reached; what was not removed is when they can.
    """
    await in_thread(engine, _forget_drafts, engine, at - draft.KEPT)
    try:
        return await _clear_uploads(engine, objects, at)
    finally:  # also where the bytes are away
        await in_thread(engine, retention.order, engine, Rulebooks(), at)
        await in_thread(engine, _destroy_keys, engine)


async def _clear_uploads(engine: Engine, objects: Objects, at: datetime) -> int:
    before, gone = at - KEPT, 0
    while found := await in_thread(engine, _forgotten, engine, before):
        gone += await in_thread(engine, _remove, engine, objects, found)
    stored = objects.listing(before)
    while page := await in_thread(engine, _page, stored):
        gone += await in_thread(engine, _remove, engine, objects, await in_thread(engine, _unnamed, engine, page))
    return gone


def _destroy_keys(engine: Engine) -> None:
    """Destroy the keys of who was erased, where that failed, or where older keys were brought back."""
    with engine.begin() as connection:
        keys, erased = keyring.of(connection), privacy.erased(connection)
    for owner in keys.alive(erased):
        keys.destroy(owner)


def _forget_drafts(engine: Engine, before: datetime) -> None:
    with engine.begin() as connection:
        draft.forget(connection, before)


def _page(stored: Iterator[str]) -> list[str]:
    return list(islice(stored, _PAGE))


def _forgotten(engine: Engine, before: datetime) -> list[str]:
    with engine.begin() as connection:
        return evidence.forget(connection, before, _PAGE)


def _unnamed(engine: Engine, hashes: list[str]) -> list[str]:
    with engine.begin() as connection:
        return sorted(set(hashes) - evidence.named(connection, hashes))


def _remove(engine: Engine, objects: Objects, hashes: list[str]) -> int:
    return sum(remove(engine, objects, hash_) for hash_ in sorted(set(hashes)))


def remove(engine: Engine, objects: Objects, hash_: str) -> bool:
    """Remove bytes, unless a row names them now; no row can be written until it is done.

    Raises:
        AwayError: they are perhaps still there.
    """
    with engine.begin() as connection:
        evidence.hold(connection, hash_)
        if evidence.named(connection, [hash_]):
            return False
        objects.remove(hash_)
    return True


async def clear_forever(engine: Engine, objects: Objects, now: Callable[[], datetime]) -> None:
    """Clear until cancelled; a database, a folder or a bucket that is away is tried again."""
    while True:
        try:
            if gone := await clear(engine, objects, now()):
                log.info("the bytes of %d files that no case has were removed", gone)
        except (SQLAlchemyError, AwayError, OSError) as error:
            log.warning("the clearing will be tried again", exc_info=error)
        await asyncio.sleep(PAUSE)
