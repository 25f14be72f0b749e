"""A document at a provider's address: asked for again now and then, and gone on with while nobody answers there."""

import json
import logging
import ssl
import threading
import time
from collections.abc import Callable
from functools import cache
from typing import Any, Generic, TypeVar
from urllib.parse import urlsplit

import httpx

from desk.refusal import ProblemError
from states.terms import Code

T = TypeVar("T")
_log = logging.getLogger(__name__)
_LARGEST = 256 * 1024
_TIMEOUT = 3.0
_HERE = frozenset({"127.0.0.1", "localhost", "::1"})


class Fetched(Generic[T]):
    """What `read` makes of the JSON at an address; it raises ValueError where that is none. All times are seconds.

    It is fetched again after its `lifetime`, and when somebody lacks something in it, with a `pause` between attempts.
    While the address can't be reached, what is known is used for up to `longest`.

    Raises:
        ValueError: the address is not encrypted, nor on this machine.
    """

    def __init__(
        self,
        url: str,
        read: Callable[[Any], T],
        *,
        lifetime: float = 300,
        longest: float = 3600,
        pause: float = 10,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._url, self._read, self._clock = encrypted(url), read, clock
        self._lifetime, self._longest, self._pause = lifetime, longest, pause
        self._known: T | None = None
        self._fetched = self._tried = float("-inf")
        self._lock = threading.Lock()

    def value(self) -> T:
        """What is known, fetched if need be.

        Raises:
            ProblemError: `unavailable`: the provider can't be reached, and what is known is older than `longest`.
        """
        if self._clock() - self._fetched >= self._lifetime:
            self._refresh(wait=_TIMEOUT if self._known is None else 0)
        return self._usable()

    def anew(self) -> T:
        """The same, fetched again where that was not tried just now.

        Raises:
            ProblemError: as `value`.
        """
        self._refresh(wait=_TIMEOUT)
        return self._usable()

    def _usable(self) -> T:
        if self._known is None or self._clock() - self._fetched > self._longest:
            raise ProblemError(Code.UNAVAILABLE, "provider_away")
        return self._known

    def _refresh(self, wait: float) -> None:
        """Fetch, unless that was tried within `pause`; where another thread fetches, wait at most `wait` seconds."""
        if not self._lock.acquire(timeout=wait):
            return
        try:
            if self._clock() - self._tried < self._pause:
                return
            self._tried = self._clock()
            self._known = self._read(_fetched(self._url))
            self._fetched = self._clock()
        except (httpx.HTTPError, ValueError, RecursionError) as error:
            _log.warning("what is at %s can't be fetched: %s", self._url, error)
        finally:
            self._lock.release()


def _fetched(url: str) -> Any:
    status, said = answered("GET", url)
    if status != httpx.codes.OK:
        raise ValueError(f"it answers {status}")
    return said


def encrypted(url: str) -> str:
    """The address, which is encrypted or on this machine.

    Raises:
        ValueError: it is neither.
    """
    parts = urlsplit(url)
    if not parts.hostname or not (parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _HERE)):
        raise ValueError("providers are asked over https")
    return url


def answered(method: str, url: str, **how: Any) -> tuple[int, Any]:
    """The status and JSON that a provider answers with; None for the JSON of another status than 200 and 400.

    Raises:
        httpx.HTTPError: it can't be reached.
        ValueError, RecursionError: it is too large, too slow, or no JSON.
    """
    body, until = bytearray(), time.monotonic() + _TIMEOUT
    with httpx.stream(method, url, timeout=_TIMEOUT, follow_redirects=False, verify=_trusted(), **how) as response:
        if response.status_code not in {httpx.codes.OK, httpx.codes.BAD_REQUEST}:
            return response.status_code, None
        for part in response.iter_bytes():
            body += part
            if len(body) > _LARGEST or time.monotonic() > until:
                raise ValueError("it is too large or too slow")
    return response.status_code, json.loads(body)


@cache
def _trusted() -> ssl.SSLContext:
    """The authorities that servers are trusted by, read once: it takes longer than a request."""
    return httpx.create_ssl_context()
