"""A lock a case: a process sends a case one command at a time, so that a crowd waits here and not in Temporal.

Temporal accepts ten unfinished updates of a workflow; further ones are retried again and again, which slows down those
that were accepted. Each process has its own locks: a few processes stay below ten.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from weakref import WeakValueDictionary


class LateError(Exception):
    """The case's lock was not free in time."""


class Turns:
    """The locks of the cases; who waits is served in order."""

    def __init__(self) -> None:
        self._locks: WeakValueDictionary[str, asyncio.Lock] = (
            WeakValueDictionary()
        )  # of the cases that somebody holds or waits for

    @asynccontextmanager
    async def of(self, case: str, seconds: float) -> AsyncIterator[bool]:
        """Hold the case's lock; True where one had to wait for it.

        Raises:
            LateError: it was not free within so many seconds.
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
