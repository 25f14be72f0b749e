"""Rate limits: requests a minute by person, and by address those that nobody stands for; windows in this process."""

import math
import time

from fastapi import Request
from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from desk.refusal import ApiCode, ProblemError
from desk.serving.place import place

# One address, which may be a whole office's, has a fifth of a person's requests for logins, a twentieth for failures.
LOGINS, FAILURES = 5, 20


class Limits:
    """Counts in this process: n processes allow n times as much."""

    def __init__(self, a_minute: int) -> None:
        self._rate = RateLimitItemPerMinute(a_minute)
        self._logins = RateLimitItemPerMinute(max(a_minute // LOGINS, 1))
        self._failures = RateLimitItemPerMinute(max(a_minute // FAILURES, 1))
        self._window = MovingWindowRateLimiter(MemoryStorage())

    def count(self, who: str) -> None:
        """Count a request.

        Raises:
            ProblemError: `too_many_requests`, with `Retry-After` in seconds.
        """
        if not self._window.hit(self._rate, who):
            raise self._too_many(self._rate, who)

    def count_stranger(self, address: str) -> None:
        """Count a request for which nobody stands: its proof is missing or not accepted, or its route asks for none.

        Raises:
            ProblemError: `too_many_requests`: from this address there were as many as one person may send.
        """
        if not self._window.hit(self._rate, "stranger", address):
            raise self._too_many(self._rate, "stranger", address)

    def count_proof(self, address: str) -> None:
        """Count that somebody at that address is about to prove a password or a code.

        Raises:
            ProblemError: `too_many_requests`: there were too many, or too many that failed.
        """
        if not self._window.test(self._failures, "failed", address):
            raise self._too_many(self._failures, "failed", address)
        if not self._window.hit(self._logins, "login", address):
            raise self._too_many(self._logins, "login", address)

    def failed(self, address: str) -> None:
        """Count a proof that was not accepted."""
        self._window.hit(self._failures, "failed", address)

    def _too_many(self, rate: RateLimitItemPerMinute, *who: str) -> ProblemError:
        wait = self._window.get_window_stats(rate, *who).reset_time - time.time()
        again = {"Retry-After": str(max(1, math.ceil(wait)))}
        return ProblemError(ApiCode.TOO_MANY_REQUESTS, "too_many_requests", headers=again, rate=rate.amount)


def address(request: Request) -> str:
    """Where the request comes from (`desk/serving/place.py`)."""
    return place(request.client.host if request.client else "")
