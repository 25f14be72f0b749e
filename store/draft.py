"""What has somebody begun to write, and not filed? Only they see it, and it goes when they left it alone for long."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection
from sqlalchemy.dialects.postgresql import insert

from states.terms import Kind
from store import lock, secret
from store.keyring import of_party
from store.schema.own import drafts

# A draft that was not kept again by then is dropped.
KEPT = timedelta(days=30)
# Of one person.
MOST = 20
_MINE = sa.select(drafts).where(drafts.c.person == sa.bindparam("who"), drafts.c.at > sa.bindparam("since"))
_ONE = _MINE.where(drafts.c.key == sa.bindparam("of_key"))
_ALL = _MINE.where(drafts.c.kind == sa.bindparam("of_kind")).order_by(drafts.c.at.desc(), drafts.c.key)
_OTHERS = (
    sa.select(sa.func.count())
    .select_from(drafts)
    .where(drafts.c.person == sa.bindparam("who"), drafts.c.key != sa.bindparam("of_key"))
)
_DROP = sa.delete(drafts).where(drafts.c.person == sa.bindparam("who"), drafts.c.key == sa.bindparam("of_key"))
_DROP_ALL = sa.delete(drafts).where(drafts.c.person == sa.bindparam("who"))
_PLAIN = sa.select(drafts.c.person, drafts.c.key, drafts.c.words).where(secret.plain(drafts.c.words)).with_for_update()
_ENCRYPT = (
    sa.update(drafts)
    .where(drafts.c.person == sa.bindparam("who"), drafts.c.key == sa.bindparam("of_key"))
    .values(words=sa.bindparam("encrypted"))
)
_FORGET = sa.delete(drafts).where(drafts.c.at <= sa.bindparam("before"))


@dataclass(frozen=True)
class Draft:
    """A report or an appeal as far as it is written.

    `key` is the one under which it will be filed; `words` are by field of the move's input; `files` are uploads' ids.
    """

    key: str
    kind: Kind
    words: Mapping[str, str]
    files: tuple[str, ...]
    at: datetime

    @property
    def until(self) -> datetime:
        """How long it is kept."""
        return self.at + KEPT


def read(connection: Connection, person: str, key: str, at: datetime) -> Draft | None:
    """The person's draft of that key, as long as it is kept."""
    found = {"who": person, "of_key": key, "since": at - KEPT}
    row = connection.execute(_ONE, found).mappings().one_or_none()
    return _of(connection, row) if row else None


def of_person(connection: Connection, person: str, kind: Kind, at: datetime) -> list[Draft]:
    """The person's drafts of a kind, the newest first."""
    found = {"who": person, "of_kind": kind.value, "since": at - KEPT}
    return [_of(connection, row) for row in connection.execute(_ALL, found).mappings()]


def room(connection: Connection, person: str, key: str) -> bool:
    """Whether the person may keep a draft of that key beside the others; held until the transaction ends."""
    lock.hold_id(connection, f"drafts of {person}")
    return int(connection.execute(_OTHERS, {"who": person, "of_key": key}).scalar_one()) < MOST


def keep(connection: Connection, person: str, draft: Draft) -> None:
    """Keep a draft instead of what was kept under its key before; its words are encrypted by the person's key.

    Raises:
        DestroyedError: the person is erased.
    """
    words = secret.encrypted(connection, of_party(person), json.dumps(dict(draft.words), ensure_ascii=False))
    said = {"kind": draft.kind.value, "words": words, "files": list(draft.files), "at": draft.at}
    statement = insert(drafts).values(person=person, key=draft.key, **said)
    connection.execute(statement.on_conflict_do_update(index_elements=["person", "key"], set_=said))


def encrypt(connection: Connection) -> None:
    """Encrypt the drafts that an older release kept."""
    for row in connection.execute(_PLAIN).all():
        words = secret.encrypted(connection, of_party(row.person), row.words)
        connection.execute(_ENCRYPT, {"who": row.person, "of_key": row.key, "encrypted": words})


def drop(connection: Connection, person: str, key: str) -> None:
    """Delete a draft; one that is not there is nothing."""
    connection.execute(_DROP, {"who": person, "of_key": key})


def drop_all(connection: Connection, person: str) -> None:
    """Delete all drafts of a person."""
    connection.execute(_DROP_ALL, {"who": person})


def forget(connection: Connection, before: datetime) -> None:
    """Delete the drafts of until then."""
    connection.execute(_FORGET, {"before": before})


def _of(connection: Connection, row: Mapping[Any, Any]) -> Draft:
    words = secret.readable(connection, of_party(row["person"]), row["words"])
    return Draft(row["key"], Kind(row["kind"]), json.loads(words or "{}"), tuple(row["files"]), row["at"])
