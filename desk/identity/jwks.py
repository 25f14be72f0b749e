"""An identity provider's public keys: a fixed JSON Web Key Set, or one that is fetched and follows key rotation."""

import json
import logging
import threading
import time
from collections.abc import Callable
from typing import Any, Protocol
from urllib.parse import urlsplit

import httpx
from jwt import PyJWK, PyJWTError

from desk.refusal import ProblemError
from states.terms import Code

_log = logging.getLogger(__name__)
# The asymmetric algorithms, and the type of key that each works with.
ALGORITHMS = {
    **dict.fromkeys(("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"), "RSA"),
    **dict.fromkeys(("ES256", "ES384", "ES512"), "EC"),
    "EdDSA": "OKP",
}
_LARGEST = 256 * 1024
_TIMEOUT = 3.0
_HERE = frozenset({"127.0.0.1", "localhost", "::1"})


class KeySource(Protocol):
    """Where an issuer's keys are found."""

    def find(self, kid: str | None, algorithm: str) -> PyJWK | None:
        """The key of that `kid` for the algorithm; without a `kid` the only one. None where it is not exactly one."""


class StaticKeys:
    """A fixed JSON Web Key Set.

    Raises:
        ValueError: the document is not one.
    """

    def __init__(self, document: Any) -> None:
        keys = document.get("keys") if isinstance(document, dict) else None
        if not isinstance(keys, list):
            raise ValueError("it is no JSON Web Key Set")
        self._keys = [key for key in keys if isinstance(key, dict)]

    def find(self, kid: str | None, algorithm: str) -> PyJWK | None:
        fitting = [key for key in self._keys if _fits(key, algorithm) and (kid is None or kid == key.get("kid"))]
        if len(fitting) != 1:
            return None
        try:
            return PyJWK(fitting[0], algorithm)
        except PyJWTError as error:
            _log.warning("a provider's key can't be used: %s", type(error).__name__)
            return None


class FetchedKeys:
    """A set at an address. All times are seconds.

    It is fetched again after its `lifetime` and for an unknown `kid`, with a `pause` between attempts. While the
    address can't be reached, the known set is used for up to `longest`.

    Raises:
        ValueError: the address is not encrypted, nor on this machine.
    """

    def __init__(
        self,
        url: str,
        *,
        lifetime: float = 300,
        longest: float = 3600,
        pause: float = 10,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        parts = urlsplit(url)
        if not parts.hostname or not (parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _HERE)):
            raise ValueError("keys are fetched over https")
        self._url, self._clock = url, clock
        self._lifetime, self._longest, self._pause = lifetime, longest, pause
        self._keys: StaticKeys | None = None
        self._fetched = self._tried = float("-inf")
        self._lock = threading.Lock()

    def find(self, kid: str | None, algorithm: str) -> PyJWK | None:
        """The key, fetched if need be.

        Raises:
            ProblemError: `unavailable`: the provider can't be reached, and the known set is older than `longest`.
        """
        if self._clock() - self._fetched >= self._lifetime:
            self._refresh(wait=0 if self._keys else _TIMEOUT)
        found = self._usable().find(kid, algorithm)
        if found is None:  # perhaps the provider's keys have changed
            self._refresh(wait=_TIMEOUT)
            found = self._usable().find(kid, algorithm)
        return found

    def _usable(self) -> StaticKeys:
        if self._keys is None or self._clock() - self._fetched > self._longest:
            raise ProblemError(Code.UNAVAILABLE, "provider_away")
        return self._keys

    def _refresh(self, wait: float) -> None:
        """Fetch, unless that was tried within `pause`; where another thread fetches, wait at most `wait` seconds."""
        if not self._lock.acquire(timeout=wait):
            return
        try:
            if self._clock() - self._tried < self._pause:
                return
            self._tried = self._clock()
            self._keys = StaticKeys(_fetch(self._url))
            self._fetched = self._clock()
        except (httpx.HTTPError, ValueError, RecursionError) as error:
            _log.warning("the keys at %s can't be fetched: %s", self._url, error)
        finally:
            self._lock.release()


def _fits(key: dict[str, Any], algorithm: str) -> bool:
    operations = key.get("key_ops")
    return (
        key.get("kty") == ALGORITHMS.get(algorithm)
        and key.get("use", "sig") == "sig"
        and key.get("alg", algorithm) == algorithm
        and (operations is None or (isinstance(operations, list) and "verify" in operations))
    )


def _fetch(url: str) -> Any:
    body, until = bytearray(), time.monotonic() + _TIMEOUT
    with httpx.stream("GET", url, timeout=_TIMEOUT, follow_redirects=False) as response:
        if response.status_code != httpx.codes.OK:
            raise ValueError(f"it answers {response.status_code}")
        for part in response.iter_bytes():
            body += part
            if len(body) > _LARGEST or time.monotonic() > until:
                raise ValueError("it is too large or too slow")
    return json.loads(body)
