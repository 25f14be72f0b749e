"""What is known of a command that arrives? Who sends it, what it was answered before, which of its texts are stored.

It is asked in one statement, as each of its own takes longer than to judge by what it gives.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy import Connection
from sqlalchemy.dialects.postgresql import ARRAY

from states.situation import Actor
from store import seal
from store.case import NAMES, Case
from store.case import of as of_row
from store.command import Stored
from store.moment import MOMENT, bounds
from store.party import acting
from store.schema.cases import cases, texts
from store.schema.commands import answers, commands
from store.schema.metadata import Instant
from store.schema.parties import people

_CARRIED_OUT = commands.c.id == sa.bindparam("command")
# Who is not known has sent nothing yet, as commands refer to people.
_SENDER = people.c.id == sa.bindparam("person")
_OF_TEXT = ("sha256", "body", "wrapped_by", "wrapped")
_AT_COMMIT = (
    sa.select(
        people,
        commands.c.body.label("asked"),
        commands.c.answer.label("told"),
        texts.c.id.label("text"),
        *(texts.c[name] for name in _OF_TEXT),
    )
    .outerjoin_from(people, commands, _CARRIED_OUT)
    .outerjoin(texts, texts.c.id == sa.any_(sa.bindparam("texts", type_=ARRAY(sa.Text))))
    .where(_SENDER)
)
_OF_CASE = {name: f"case_{name}" for name in NAMES}
_AT_DESK = (
    sa.select(
        people,
        sa.func.coalesce(commands.c.body, answers.c.body).label("asked"),
        sa.func.coalesce(commands.c.answer, answers.c.answer).label("told"),
        sa.text(MOMENT).columns(sa.column("at", Instant)).scalar_subquery().label("at"),
        *(cases.c[name].label(label) for name, label in _OF_CASE.items()),
    )
    .outerjoin_from(people, commands, _CARRIED_OUT)
    .outerjoin(answers, answers.c.id == sa.bindparam("elsewhere"))
    .outerjoin(cases, cases.c.id == sa.bindparam("case_id"))
    .where(_SENDER)
)


@dataclass(frozen=True)
class Arrival:
    """A command that a commit must carry out; `texts` are those of it that are stored, with the keys that wrap each.

    The actor is none who has left.
    """

    actor: Actor | None = None
    stored: Stored | None = None
    texts: Mapping[str, Collection[str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Wished:
    """A command that a desk would send: by whom, what it was answered before, and how its case stands `at` a moment."""

    actor: Actor | None
    stored: Stored | None
    case: Case | None
    at: datetime


def at_commit(connection: Connection, command: str, person: str, texts_: Collection[str]) -> Arrival:
    """What is known of a command, under its case's lock; the digests of its texts are noted."""
    values = {"command": command, "person": person, "texts": list(texts_)}
    rows = connection.execute(_AT_COMMIT, values).all()
    if not rows:
        return Arrival()
    found = [
        {"id": row.text, **{name: getattr(row, name) for name in _OF_TEXT}} for row in rows if row.text is not None
    ]
    seal.note(connection, texts, found)
    return Arrival(acting(rows[0]), _stored(rows[0]), {text["id"]: text["wrapped_by"] or () for text in found})


def at_desk(
    connection: Connection, command: str, person: str, case_id: str, now: datetime, elsewhere: str | None
) -> Wished:
    """What is known of a command at the present moment (`store/moment.py`); nothing is locked.

    `elsewhere` is the id that its sender's key has outside the cases, as for `store/command.py`.
    """
    values = {"command": command, "person": person, "case_id": case_id, "elsewhere": elsewhere, **bounds(now)}
    row = connection.execute(_AT_DESK, values).one_or_none()
    if row is None:
        return Wished(None, None, None, now)
    found = row._asdict()
    case = of_row({name: found[label] for name, label in _OF_CASE.items()}) if row.case_id is not None else None
    return Wished(acting(row), _stored(row), case, row.at)


def _stored(row: sa.Row[tuple[object, ...]]) -> Stored | None:
    return Stored(row.asked, row.told) if row.asked is not None else None
