"""A small thread pool for password hashing, so that a flood of logins does not slow other requests."""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

from desk.refusal import ApiCode, ProblemError

T = TypeVar("T")
# A hash takes 64 MiB and a tenth of a second: two run at once, and twelve run or wait.
THREADS = 2
SEATS = 12


class Seats:
    """The pool. Work that finds no free seat is refused at once."""

    def __init__(self) -> None:
        self._free = threading.BoundedSemaphore(SEATS)
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="proof")

    async def seated(self, work: Callable[[], T]) -> T:
        """Do the work in the pool. Its seat is taken until the work ends, also where the caller has gone.

        Raises:
            ProblemError: `too_many_requests`: all seats are taken.
        """
        if not self._free.acquire(blocking=False):
            again = {"Retry-After": "3"}
            raise ProblemError(ApiCode.TOO_MANY_REQUESTS, "too_many_log_in", headers=again)
        future = self._threads.submit(work)
        future.add_done_callback(self._left)
        return await asyncio.wrap_future(future)

    def _left(self, _: Future[T]) -> None:
        self._free.release()
