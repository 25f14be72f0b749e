"""What did somebody do? The lines of the journal that are theirs, of cases that the reader sees, and of versions."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from states.situation import Actor
from states.terms import OVERSEERS
from store import cursor
from store.cursor import Page
from store.schema.cases import cases
from store.schema.journal import journal, records
from store.schema.rulebooks import version_moves
from store.sight import visible

# The name of a line is only for the cursor: lines of a case, and of a version, have their moves' order.
_OF_CASES = (
    journal.c.at,
    journal.c.event,
    journal.c.case,
    cases.c.kind,
    sa.null().cast(sa.Text).label("version"),
    journal.c.through,
    (journal.c.case + "/" + sa.func.lpad(sa.cast(journal.c.version, sa.Text), 9, "0")).label("id"),
)
_MADE = sa.func.concat("version_moves/", version_moves.c.version, "/", version_moves.c.number)
_OF_VERSIONS = (
    version_moves.c.at,
    version_moves.c.event,
    sa.null().cast(sa.Text).label("case"),
    sa.null().cast(sa.Text).label("kind"),
    version_moves.c.version,
    # The record that vouches for the move says through what it came.
    sa.select(records.c.through)
    .where(records.c.at == version_moves.c.at, records.c.rows.has_key(_MADE))
    .limit(1)
    .scalar_subquery()
    .label("through"),
    (version_moves.c.version + "/" + sa.func.lpad(sa.cast(version_moves.c.number, sa.Text), 9, "0")).label("id"),
)


@dataclass(frozen=True)
class Day:
    """Whose acts, from a time until before another."""

    person: str
    since: datetime
    until: datetime


def page(connection: Connection, actor: Actor, at: datetime, day: Day, after: str | None, limit: int) -> Page:
    """A page of the lines, newest first: `at`, `event`, `case` and its `kind`, or the `version`; `through`.

    Raises:
        RefusedError: `invalid`; field `cursor` or `limit`.
    """
    lines = _theirs(actor, at, day)
    made, last = lines.c.at.label("at"), lines.c.id.label("id")
    return cursor.newest_first(connection, sa.select(lines), made, last, after, limit)


def counts(connection: Connection, actor: Actor, at: datetime, day: Day) -> list[dict[str, Any]]:
    """How many lines there are: by `event` and `through`, with `count`, the most first."""
    lines, count = _theirs(actor, at, day), sa.func.count().label("count")
    found = sa.select(lines.c.event, lines.c.through, count).group_by(lines.c.event, lines.c.through)
    rows = connection.execute(found.order_by(count.desc(), lines.c.event, lines.c.through)).mappings()
    return [dict(row) for row in rows]


def _theirs(actor: Actor, at: datetime, day: Day) -> sa.Subquery:
    """Their lines of the cases that the actor sees; of versions of the rulebook to overseers, who see them all."""
    of_cases = sa.select(*_OF_CASES).join(cases, cases.c.id == journal.c.case)
    of_cases = of_cases.where(*_on(journal.c, day), visible(actor, at))
    of_versions = sa.select(*_OF_VERSIONS).where(*_on(version_moves.c, day), sa.literal(actor.role in OVERSEERS))
    return sa.union_all(of_cases, of_versions).subquery()


def _on(line: Any, day: Day) -> tuple[sa.ColumnElement[bool], ...]:
    return line.actor == day.person, line.at >= day.since, line.at < day.until
