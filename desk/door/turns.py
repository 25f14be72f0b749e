"""A lock a case: a process sends a case one command at a time, so that a crowd waits here and not in Temporal.

Temporal accepts ten unfinished updates of a workflow; further ones are retried again and again, which slows down those
that were accepted. Each process has its own locks: a few processes stay below ten.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from threading import Lock
from weakref import WeakValueDictionary


class LateError(Exception):
    """A lock was not free in time."""


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


class ThreadTurns:
    """The same for threads: a lock a name."""

    def __init__(self) -> None:
        self._locks: WeakValueDictionary[str, Lock] = WeakValueDictionary()
        self._finding = Lock()

    @contextmanager
    def of(self, name: str, seconds: float) -> Iterator[None]:
        """Hold the name's lock.

        Raises:
            LateError: it was not free within so many seconds.
        """
        with self._finding:
            lock = self._locks.setdefault(name, Lock())
        if not lock.acquire(timeout=seconds):
            raise LateError
        try:
            yield
        finally:
            lock.release()
