"""An identity provider's public keys: a fixed JSON Web Key Set, or one that is fetched and follows key rotation."""

import logging
import time
from collections.abc import Callable
from typing import Any, Protocol

from jwt import PyJWK, PyJWTError

from desk.identity.fetched import Fetched

_log = logging.getLogger(__name__)
# The asymmetric algorithms, and the type of key that each works with.
ALGORITHMS = {
    **dict.fromkeys(("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"), "RSA"),
    **dict.fromkeys(("ES256", "ES384", "ES512"), "EC"),
    "EdDSA": "OKP",
}


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
    """A set at an address (`desk/identity/fetched.py`); it is fetched again for an unknown `kid`, too.

    Raises:
        ValueError: the address is not encrypted, nor on this machine.
    """

    def __init__(self, url: str, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._set = Fetched(url, StaticKeys, clock=clock)

    def find(self, kid: str | None, algorithm: str) -> PyJWK | None:
        """The key, fetched if need be.

        Raises:
            ProblemError: `unavailable`: the provider can't be reached, and the known set is too old.
        """
        found = self._set.value().find(kid, algorithm)
        # Without one, perhaps the provider's keys have changed.
        return self._set.anew().find(kid, algorithm) if found is None else found


def _fits(key: dict[str, Any], algorithm: str) -> bool:
    operations = key.get("key_ops")
    return (
        key.get("kty") == ALGORITHMS.get(algorithm)
        and key.get("use", "sig") == "sig"
        and key.get("alg", algorithm) == algorithm
        and (operations is None or (isinstance(operations, list) and "verify" in operations))
    )
