"""How are texts and evidence kept? By id and hash, apart from the cases; only ids travel."""

import hashlib
from collections.abc import Mapping, Sequence

import sqlalchemy as sa
from sqlalchemy import Connection
from sqlalchemy.dialects.postgresql import insert

from store.schema.cases import texts
from store.schema.commands import commands

_WRITE = insert(texts).on_conflict_do_nothing()
_WORDS = sa.text("SELECT id, body FROM words(:ids)")


def sha256(body: str) -> str:
    """The hash of a text's UTF-8 bytes, as 64 hex digits."""
    return hashlib.sha256(body.encode()).hexdigest()


def text_id(command: str, field: str, body: str) -> str:
    """The id of the text of a command's field; another text under the same key has another id."""
    return hashlib.sha256(f"{command}/{field}/{sha256(body)}".encode()).hexdigest()


def write(connection: Connection, bodies: Mapping[str, str]) -> None:
    """Store texts by id; one that is there already stays as it is."""
    if bodies:
        values = [{"id": key, "sha256": sha256(body), "body": body} for key, body in bodies.items()]
        connection.execute(_WRITE, values if len(values) > 1 else values[0])


def discard(connection: Connection, command: str, ids: list[str]) -> None:
    """Remove the texts of a command that was refused; those of one that was carried out stay."""
    carried_out = sa.exists().where(commands.c.id == command)
    connection.execute(sa.delete(texts).where(texts.c.id.in_(ids), sa.not_(carried_out)))


def bodies(connection: Connection, ids: Sequence[str]) -> dict[str, str]:
    """Texts by id. Who has an id may read its text: row security does not check it (`words`, migration 0004)."""
    return {row.id: row.body for row in connection.execute(_WORDS, {"ids": list(ids)})}
