"""How are secrets kept that must be known again, of second factors and receivers? Encrypted by their owner's key."""

import sqlalchemy as sa
from sqlalchemy import Connection

from store import cipher, keyring
from store.keyring import DestroyedError

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
    """The secret that a row has, also as an older release kept it; None where its owner is erased."""
    if not kept.startswith(_ENCRYPTED):
        return kept
    try:
        return cipher.opened_text(keyring.of(connection).of(owner), kept.removeprefix(_ENCRYPTED))
    except DestroyedError:
        return None


def plain(column: sa.ColumnElement[str | None]) -> sa.ColumnElement[bool]:
    """Which rows an older release wrote."""
    return sa.not_(column.startswith(_ENCRYPTED))
