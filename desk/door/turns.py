"""Whose turn is it? A desk sends a case one command at a time: a crowd waits here, and not in Temporal.

A case does one thing at a time, and Temporal takes ten commands of a case at once: what comes on top of them is sent
again and again, and disturbs those that were taken. Each process has its own turns, so a few desks stay below ten.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from weakref import WeakValueDictionary


class LateError(Exception):
    """The turn did not come in time."""


class Turns:
    """First come, first served, case by case."""

    def __init__(self) -> None:
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()  # those that somebody has

    @asynccontextmanager
    async def of(self, case: str, seconds: float) -> AsyncIterator[bool]:
        """Wait for one's turn with the case, and have it inside; say whether others had it first.

        Raises:
            LateError: it did not come within so many seconds.
        """
        lock = self._locks.setdefault(case, asyncio.Lock())
        waited = lock.locked()
        try:
            async with asyncio.timeout(seconds):
                await lock.acquire()
        except TimeoutError:
            raise LateError from None
        try:
            yield waited
        finally:
            lock.release()
