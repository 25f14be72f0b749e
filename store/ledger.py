"""How is a score kept? Append-only lines, each with the balance after it; streamed days that may give points back."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection
from sqlalchemy.dialects.postgresql import distinct_on

from store import cursor, seal
from store.cursor import Page
from store.schema.parties import streaming_days
from store.schema.scores import ledger
from store.schema.verdicts import violations

_OF_SCORE = (
    ledger.c.subject == sa.bindparam("subject"),
    ledger.c.scheme == sa.bindparam("scheme"),
    ledger.c.period == sa.bindparam("period"),
)
_LAST = sa.select(ledger.c.number, ledger.c.balance).where(*_OF_SCORE).order_by(ledger.c.number.desc()).limit(1)
_SEVERITY = sa.func.coalesce(ledger.c.severity, violations.c.severity).label("severity")
_LINES = (
    sa.select(*(column for column in ledger.c if column.name != "severity"), violations.c.clause, _SEVERITY)
    .outerjoin(violations, violations.c.id == ledger.c.violation)
    .where(*_OF_SCORE)
)
_GAINS = (
    sa.select(ledger.c.day, ledger.c.price)
    .ext(distinct_on(ledger.c.day))
    .where(*_OF_SCORE, ledger.c.day.is_not(None))
    .order_by(ledger.c.day, ledger.c.number.desc())
)
_DAYS = (
    sa.select(streaming_days.c.day, streaming_days.c.hours)
    .where(streaming_days.c.creator == sa.bindparam("creator"))
    .order_by(streaming_days.c.day)
)


def last(connection: Connection, subject: str, scheme: str, period: str) -> tuple[int, int | None]:
    """The number of the last line and the balance after it; (0, none) where nothing has happened."""
    row = connection.execute(_LAST, {"subject": subject, "scheme": scheme, "period": period}).one_or_none()
    return (row.number, row.balance) if row else (0, None)


def lines(
    connection: Connection,
    subject: str,
    scheme: str,
    period: str,
    *,
    after: str | None = None,
    limit: int | None = None,
) -> Page:
    """A page of the lines with the clause and severity of their violations, newest first; without `limit` all.

    The severity is the one that the line was written for; of lines that don't say it, the present one.

    Raises:
        RefusedError: `invalid`; field `cursor` or `limit`.
    """
    of_score = {"subject": subject, "scheme": scheme, "period": period}
    return cursor.highest_first(connection, _LINES, ledger.c.number, after, limit, of_score)


def gains(connection: Connection, subject: str, scheme: str, period: str) -> dict[date, int]:
    """The price now booked for each day that gave points: negative, or 0 where the gain was taken back."""
    rows = connection.execute(_GAINS, {"subject": subject, "scheme": scheme, "period": period})
    return {row.day: row.price for row in rows}


def days(connection: Connection, creator: str) -> list[tuple[date, Decimal]]:
    """The local days on which the creator streamed, with hours, in order."""
    return [(row.day, row.hours) for row in connection.execute(_DAYS, {"creator": creator})]


def append(connection: Connection, lines: list[dict[str, Any]]) -> None:
    """Write ledger lines; `lines` hold the table's columns."""
    seal.insert(connection, ledger, lines)


def line(score: tuple[str, str, str], number: int, at: datetime, **values: object) -> dict[str, Any]:
    """A ledger line of the score (subject, scheme, period)."""
    subject, scheme, period = score
    empty = {"case": None, "violation": None, "day": None, "severity": None}
    return {"subject": subject, "scheme": scheme, "period": period, "number": number, "at": at} | empty | values
