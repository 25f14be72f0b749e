"""Who may wait for a hash? A few at once, in threads of their own: strangers who log in keep nobody else waiting."""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

from desk.refusal import ApiCode, ProblemError

T = TypeVar("T")
# A hash takes 64 MiB and a tenth of a second: so many at once, and so many who are being served or wait.
THREADS = 2
SEATS = 12


class Seats:
    """Does work whose doer has a seat; who finds none is sent away at once."""

    def __init__(self) -> None:
        self._free = threading.BoundedSemaphore(SEATS)
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="proof")

    async def seated(self, work: Callable[[], T]) -> T:
        """Do the work in a seat. It is kept until the work ends, also where nobody waits for it any longer.

        Raises:
            ProblemError: `too_many_requests`: all are taken.
        """
        if not self._free.acquire(blocking=False):
            again = {"Retry-After": "3"}
            raise ProblemError(ApiCode.TOO_MANY_REQUESTS, "too_many_log_in", headers=again)
        future = self._threads.submit(work)
        future.add_done_callback(self._left)
        return await asyncio.wrap_future(future)

    def _left(self, _: Future[T]) -> None:
        self._free.release()
