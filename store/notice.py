"""Who was told what, and what was put before ops? Lists for people, newest first."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy import Connection

from states.terms import Code, RefusedError
from store import cursor
from store.cursor import Cursor, Page
from store.schema.journal import incidents as raised
from store.schema.journal import notices

_SORT, _DIGITS = "notices", 6


def page(connection: Connection, recipients: list[str], *, after: str | None = None, limit: int = 50) -> Page:
    """A page of what these recipients were told.

    A notice's id counts everybody's. The cursor names the page's last notice by its time, its case, and which it is of
    those that these recipients have of both.

    Raises:
        RefusedError: `invalid`; field `cursor` or `limit`.
    """
    start, most = cursor.read(after, _SORT), cursor.size(limit)
    found = sa.select(notices).where(notices.c.recipient.in_(recipients))
    if start is not None:
        which, _, case = start.id.partition("/")
        if not which.isdecimal() or len(which) > _DIGITS:
            raise RefusedError(Code.INVALID, "The cursor is none that was given here.", "cursor")
        same = sa.select(notices.c.id).where(_beside(recipients, case, start.at)).order_by(notices.c.id.desc())
        found = found.where(notices.c.id < same.offset(int(which)).limit(1).scalar_subquery())
    rows = connection.execute(found.order_by(notices.c.id.desc()).limit(most + 1)).mappings().all()
    if len(rows) <= most:
        return Page([dict(row) for row in rows], None)
    last = rows[most - 1]
    newer = sa.select(sa.func.count()).where(
        _beside(recipients, last["case"], last["at"]), notices.c.id > last["id"]
    )  # fmt: skip
    name = f"{connection.execute(newer).scalar()}/{last['case']}"
    return Page([dict(row) for row in rows[:most]], Cursor(_SORT, last["at"], name).opaque())


def _beside(recipients: list[str], case: str, at: datetime | None) -> sa.ColumnElement[bool]:
    """The notices of a case and a time."""
    return sa.and_(notices.c.recipient.in_(recipients), notices.c.case == case, notices.c.at == at)


def incidents(connection: Connection, *, before: int | None = None, limit: int = 50) -> list[sa.RowMapping]:
    """What was put before ops; `before` an id."""
    found = sa.select(raised).order_by(raised.c.id.desc()).limit(limit)
    if before is not None:
        found = found.where(raised.c.id < before)
    return list(connection.execute(found).mappings())
