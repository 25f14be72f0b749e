"""Was a command carried out, and what was the answer?"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from store import seal
from store.schema.commands import answers, commands

_READ = sa.select(commands.c.body, commands.c.answer).where(commands.c.id == sa.bindparam("command"))
_OPENING = sa.select(commands.c.body, commands.c.answer).where(
    commands.c.case == sa.bindparam("case_id"), commands.c.event == "submit"
)
_DONE_AT = sa.select(commands.c.at).where(commands.c.id == sa.bindparam("command"))
_READ_BOTH = _READ.union_all(
    sa.select(answers.c.body, answers.c.answer).where(answers.c.id == sa.bindparam("elsewhere"))
)  # fmt: skip
_ACKNOWLEDGE = sa.update(commands).where(commands.c.id.in_(sa.bindparam("ids", expanding=True))).values(signed_for=True)
_ACKNOWLEDGE_CASE = (
    sa.update(commands)
    .where(commands.c.case == sa.bindparam("case_id"), sa.not_(commands.c.signed_for))
    .values(signed_for=True)
)


@dataclass(frozen=True)
class Stored:
    """A carried-out command: the hash of what was asked, and the answer."""

    body: str
    answer: dict[str, Any]


def read(connection: Connection, command: str, elsewhere: str | None = None) -> Stored | None:
    """The stored answer of a command, if it was carried out.

    `elsewhere` is the id that its sender's key has among the writes outside the cases (`store/answer.py`): where the
    key was used for one of those, that is given, and something else was asked.
    """
    query, ids = (_READ, {}) if elsewhere is None else (_READ_BOTH, {"elsewhere": elsewhere})
    row = connection.execute(query, {"command": command, **ids}).first()
    return Stored(row.body, row.answer) if row else None


def done_at(connection: Connection, command: str) -> datetime | None:
    """When a command was carried out, if it was."""
    found: datetime | None = connection.execute(_DONE_AT, {"command": command}).scalar()
    return found


def opening(connection: Connection, case_id: str) -> Stored:
    """The stored answer of the command that opened a case."""
    row = connection.execute(_OPENING, {"case_id": case_id}).one()
    return Stored(row.body, row.answer)


def write(connection: Connection, values: dict[str, Any]) -> None:
    """Record a command and its answer; its primary key is what makes it happen once."""
    seal.insert(connection, commands, values)


def acknowledge(connection: Connection, ids: Sequence[str]) -> None:
    """Note that these commands' answers were received, so that the sweep does not wake their cases for them."""
    connection.execute(_ACKNOWLEDGE, {"ids": list(ids)})


def acknowledge_case(connection: Connection, case_id: str) -> None:
    """Note that the case's workflow has read its row, so that the sweep does not wake it for any command until now."""
    connection.execute(_ACKNOWLEDGE_CASE, {"case_id": case_id})
