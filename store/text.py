"""How are texts kept? By id, apart from the cases, encrypted by the keys of whose words they are; only ids travel."""

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection
from sqlalchemy.dialects.postgresql import insert

from store import cipher, keyring
from store.schema.cases import texts
from store.schema.commands import commands

# Whose words are nobody's: the reasons of versions of the rulebook.
HOUSE = "house/words"
_WRITE = insert(texts).on_conflict_do_nothing()
_WORDS = sa.text("SELECT id, body, wrapped_by, wrapped FROM words(:ids)")


def sha256(body: str) -> str:
    """The hash of a text's UTF-8 bytes, as 64 hex digits."""
    return hashlib.sha256(body.encode()).hexdigest()


def text_id(key: bytes, command: str, field: str, body: str) -> str:
    """The id of the text of a command's field; another text under the same key has another id.

    It is made by a key, so that nobody finds by trying what a text was that is erased.
    """
    return hmac.digest(key, f"{command}/{field}/{sha256(body)}".encode(), "sha256").hex()


def write(connection: Connection, bodies: Mapping[str, str], owners: Sequence[str] = (HOUSE,)) -> None:
    """Store texts by id; one that is there already stays as it is.

    `owners` are those whose words they are: with the key of any of them they are erased.

    Raises:
        DestroyedError: one of these is erased.
    """
    if bodies:
        values = [row(connection, key, body, owners) for key, body in bodies.items()]
        connection.execute(_WRITE, values if len(values) > 1 else values[0])


def row(connection: Connection, id_: str, body: str, owners: Sequence[str]) -> dict[str, Any]:
    """A text as its row has it: encrypted, and the hash of that.

    Raises:
        DestroyedError: an owner is erased.
    """
    key, locked = cipher.lock(keyring.of(connection), owners)
    sealed = cipher.seal_text(key, body)
    return {"id": id_, "sha256": sha256(sealed), "body": sealed, **locked._asdict()}


def discard(connection: Connection, command: str, ids: list[str]) -> None:
    """Remove the texts of a command that was refused; those of one that was carried out stay."""
    carried_out = sa.exists().where(commands.c.id == command)
    connection.execute(sa.delete(texts).where(texts.c.id.in_(ids), sa.not_(carried_out)))


def bodies(connection: Connection, ids: Sequence[str]) -> dict[str, str | None]:
    """Texts by id; None for one that is erased.

    Who has an id may read its text: row security does not check it (`words`, migration 0004).
    """
    return {row.id: _body(connection, row) for row in connection.execute(_WORDS, {"ids": list(ids)})}


def _body(connection: Connection, row: sa.Row[tuple[Any, ...]]) -> str | None:
    if row.wrapped_by is None:  # of an older release, and not encrypted yet
        return str(row.body)
    key = cipher.unlock(keyring.of(connection), row.wrapped_by, row.wrapped)
    return cipher.opened_text(key, row.body) if key else None
