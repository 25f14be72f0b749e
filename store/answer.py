"""The answers of writes outside the cases, kept so that one sent again under the same key is not carried out again."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from store import lock
from store.schema.commands import answers

_READ = sa.select(answers.c.body, answers.c.status, answers.c.answer).where(answers.c.id == sa.bindparam("answer_id"))


@dataclass(frozen=True)
class Kept:
    """A kept answer: the hash of what was asked, the HTTP status and the body."""

    body: str
    status: int
    answer: dict[str, Any]


def read(connection: Connection, answer_id: str) -> Kept | None:
    """The answer kept under an id, which is locked: a second request under the same key waits for the first to end."""
    lock.hold_id(connection, answer_id)
    row = connection.execute(_READ, {"answer_id": answer_id}).one_or_none()
    return Kept(row.body, row.status, row.answer) if row else None


def keep(connection: Connection, answer_id: str, actor: str, kept: Kept, at: datetime) -> None:
    """Keep an answer; it is never changed."""
    values = {"id": answer_id, "actor": actor, "body": kept.body, "status": kept.status, "answer": kept.answer}
    connection.execute(sa.insert(answers), values | {"at": at})
