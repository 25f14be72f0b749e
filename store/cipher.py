"""How is something encrypted? By a key of its own, which the keys of all whose it is wrap, one around the other.

So it can be read as long as none of them is destroyed, and nothing but this small key depends on who they are.
"""

import os
from base64 import b64decode, b64encode
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from store.keyring import DestroyedError, Keyring, LostError, name_of
from store.master import NONCE


class Locked(NamedTuple):
    """A key of 32 bytes as it is stored: wrapped, by the keys of these names, the innermost first; none is erased."""

    wrapped_by: list[str]
    wrapped: str | None


def lock(keyring: Keyring, owners: Sequence[str]) -> tuple[bytes, Locked]:
    """A new key, and how it is stored.

    Raises:
        DestroyedError: an owner's key was destroyed: nothing more is kept of them.
    """
    key = AESGCM.generate_key(256)
    return key, locked(keyring, owners, key)


def locked(keyring: Keyring, owners: Sequence[str], key: bytes) -> Locked:
    """How a key is stored.

    Raises:
        DestroyedError: as `lock`.
    """
    return lock_again(keyring, owners, Locked([], _text(key)))


def lock_again(keyring: Keyring, owners: Sequence[str], stored: Locked) -> Locked:
    """How a stored key is stored once it is these owners', too; nothing is unwrapped for it.

    Raises:
        DestroyedError: as `lock`.
    """
    wrapped_by, wrapped = stored
    more = [owner for owner in owners if name_of(owner) not in wrapped_by]
    if wrapped is None:
        return stored
    key = b64decode(wrapped)
    for owner in more:
        key = seal(keyring.of(owner), key)
    return Locked([*wrapped_by, *map(name_of, more)], _text(key))


def unlock(keyring: Keyring, wrapped_by: Iterable[str], wrapped: str | None) -> bytes | None:
    """The key that was stored; None where it is erased, or lost for good.

    Raises:
        LostError: an owner's key is missing.
    """
    if wrapped is None:
        return None
    try:
        key = b64decode(wrapped)
        for name in reversed([*wrapped_by]):
            key = opened(keyring.named(name), key)
    except DestroyedError:
        return None
    except LostError:
        if keyring.begun_anew():
            return None
        raise
    return key


def seal(key: bytes, plain: bytes) -> bytes:
    """What AES-256-GCM makes of it: a nonce, and the rest."""
    nonce = os.urandom(NONCE)
    return nonce + AESGCM(key).encrypt(nonce, plain, None)


def opened(key: bytes, sealed: bytes) -> bytes:
    """What was sealed.

    Raises:
        LostError: by another key, or it was changed.
    """
    try:
        return AESGCM(key).decrypt(sealed[:NONCE], sealed[NONCE:], None)
    except (InvalidTag, ValueError):
        raise LostError("What is stored was encrypted by another key than is here, or changed.") from None


def seal_text(key: bytes, plain: str) -> str:
    """The same of a text, in Base64."""
    return _text(seal(key, plain.encode()))


def opened_text(key: bytes, sealed: str) -> str:
    """The text that was sealed.

    Raises:
        LostError: as `opened`.
    """
    return opened(key, b64decode(sealed)).decode()


def _text(data: bytes) -> str:
    return b64encode(data).decode("ascii")
