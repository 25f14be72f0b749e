"""How are secrets kept that must be known again, of second factors and receivers? Encrypted by their owner's key."""

from contextlib import suppress

import sqlalchemy as sa
from sqlalchemy import Connection

from store import cipher, keyring
from store.keyring import DestroyedError, Keyring, LostError, name_of

# Whose secrets those of receivers are.
HOUSE = "house/secrets"
_ENCRYPTED = "encrypted:"


def encrypted(connection: Connection, owner: str, secret: str) -> str:
    """The secret as its row has it.

    Raises:
        DestroyedError: the owner is erased.
    """
    return _ENCRYPTED + cipher.seal_text(keyring.of(connection).of(owner), secret)


def readable(connection: Connection, owner: str, kept: str) -> str | None:
    """The secret that a row has, also as an older release kept it; None where its owner is erased, or it is lost."""
    if not kept.startswith(_ENCRYPTED):
        return kept
    keys = keyring.of(connection)
    try:
        return cipher.opened_text(keys.of(owner), kept.removeprefix(_ENCRYPTED))
    except DestroyedError:
        return None
    except LostError:
        if keys.begun_anew():
            return None
        raise


def proved(keys: Keyring, owner: str, kept: str) -> None:
    """Open a secret that a row has, unless an older release kept it, or its owner is erased; no key is made for it.

    Raises:
        LostError: the owner's key is missing, or another one.
    """
    if kept.startswith(_ENCRYPTED):
        with suppress(DestroyedError):
            cipher.opened_text(keys.named(name_of(owner)), kept.removeprefix(_ENCRYPTED))


def plain(column: sa.ColumnElement[str | None]) -> sa.ColumnElement[bool]:
    """Which rows an older release wrote."""
    return sa.not_(column.startswith(_ENCRYPTED))
