"""What did somebody do? The lines of the journal that are theirs, of cases that the reader sees."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from states.situation import Actor
from store import cursor
from store.cursor import Page
from store.schema.cases import cases
from store.schema.journal import journal
from store.sight import visible

# Lines of a case have its moves' order; the name of a line is only for the cursor.
_NAME = (journal.c.case + "/" + sa.func.lpad(sa.cast(journal.c.version, sa.Text), 9, "0")).label("id")
_LINE = (journal.c.at, journal.c.event, journal.c.case, cases.c.kind, journal.c.through)


@dataclass(frozen=True)
class Day:
    """Whose acts, from a time until before another."""

    person: str
    since: datetime
    until: datetime


def page(connection: Connection, actor: Actor, at: datetime, day: Day, after: str | None, limit: int) -> Page:
    """A page of the lines, newest first: `at`, `event`, `case`, its `kind`, `through`.

    Raises:
        RefusedError: `invalid`; field `cursor` or `limit`.
    """
    found = sa.select(*_LINE, _NAME).select_from(_SEEN).where(*_theirs(actor, at, day))
    return cursor.newest_first(connection, found, journal.c.at, _NAME, after, limit)


def counts(connection: Connection, actor: Actor, at: datetime, day: Day) -> list[dict[str, Any]]:
    """How many lines there are: by `event` and `through`, with `count`, the most first."""
    count = sa.func.count().label("count")
    found = sa.select(journal.c.event, journal.c.through, count).select_from(_SEEN).where(*_theirs(actor, at, day))
    found = found.group_by(journal.c.event, journal.c.through)
    rows = connection.execute(found.order_by(count.desc(), journal.c.event, journal.c.through)).mappings()
    return [dict(row) for row in rows]


_SEEN = journal.join(cases, cases.c.id == journal.c.case)


def _theirs(actor: Actor, at: datetime, day: Day) -> tuple[sa.ColumnElement[bool], ...]:
    return journal.c.actor == day.person, journal.c.at >= day.since, journal.c.at < day.until, visible(actor, at)
