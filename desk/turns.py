"""Whose turn is it? A desk sends a case one command at a time: a crowd waits here, and not in Temporal.

A case does one thing at a time, and Temporal takes ten commands of a case at once: what comes on top of them is sent
again and again, and disturbs those that were taken.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from weakref import WeakValueDictionary

from states.terms import Code, RefusedError


class Turns:
    """First come, first served, case by case."""

    def __init__(self) -> None:
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()  # those that somebody waits for

    @asynccontextmanager
    async def of(self, case: str, seconds: float) -> AsyncIterator[None]:
        """Wait for one's turn with the case, and have it inside.

        Raises:
            RefusedError: `unavailable`: the turn did not come in time.
        """
        lock = self._locks.setdefault(case, asyncio.Lock())
        try:
            async with asyncio.timeout(seconds):
                await lock.acquire()
        except TimeoutError:
            raise RefusedError(Code.UNAVAILABLE, "Too many want this case at once; nothing was carried out.") from None
        try:
            yield
        finally:
            lock.release()
