"""What wraps keys? The installation's master key; or whatever else can do the same, as a key service does."""

import os
from collections.abc import Sequence
from typing import Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from store.bucket import KeysAwayError

NONCE = 12
_NAME = 8


class UnknownMasterError(KeysAwayError):
    """A key was wrapped by a master key that is not at hand, or is damaged."""


class Wraps(Protocol):
    """What wraps keys by one that never leaves it. What is wrapped for an `owner` unwraps for that one alone."""

    def wrap(self, key: bytes, owner: str) -> bytes:
        """The key, wrapped."""

    def unwrap(self, wrapped: bytes, owner: str) -> bytes:
        """The key that was wrapped.

        Raises:
            UnknownMasterError: not by this one, or not for this owner.
        """

    def stale(self, wrapped: bytes) -> bool:
        """Whether it was wrapped by a former master key, and is to be wrapped anew."""


class Master:
    """A master key: a secret of at least 16 characters. By `former` ones it still unwraps, and never wraps."""

    def __init__(self, secret: str, former: Sequence[str] = ()) -> None:
        ciphers = [_cipher(one) for one in (secret, *former)]
        self._name, self._cipher = ciphers[0]
        self._known = dict(ciphers)

    def wrap(self, key: bytes, owner: str) -> bytes:
        """The key, wrapped: the master key's name, a nonce, and AES-256-GCM."""
        nonce = os.urandom(NONCE)
        return self._name + nonce + self._cipher.encrypt(nonce, key, owner.encode())

    def unwrap(self, wrapped: bytes, owner: str) -> bytes:
        """The key that was wrapped.

        Raises:
            UnknownMasterError: by none of these, or not for this owner.
        """
        name, nonce, sealed = wrapped[:_NAME], wrapped[_NAME : _NAME + NONCE], wrapped[_NAME + NONCE :]
        try:
            return self._known[name].decrypt(nonce, sealed, owner.encode())
        except (KeyError, InvalidTag, ValueError):
            raise UnknownMasterError(
                "master_key_wrong: The keys were wrapped by another master key: set CASEWORK_MASTER_KEY, or name it "
                "among CASEWORK_FORMER_MASTER_KEYS."
            ) from None

    def stale(self, wrapped: bytes) -> bool:
        """Whether it was wrapped by a former master key."""
        return wrapped[:_NAME] != self._name


def _cipher(secret: str) -> tuple[bytes, AESGCM]:
    made = HKDF(SHA256(), 32 + _NAME, salt=None, info=b"casework master key").derive(secret.encode())
    return made[32:], AESGCM(made[:32])
