"""How is a score kept? Append-only lines, each with the balance after it; streamed days that may give points back."""

from collections.abc import Collection, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy import Connection
from sqlalchemy.dialects.postgresql import distinct_on

from store import cursor, seal
from store.cursor import Page
from store.schema.cases import cases
from store.schema.journal import journal
from store.schema.parties import streaming_days
from store.schema.scores import ledger
from store.schema.verdicts import violations

# A score: subject, scheme, period.
Key = tuple[str, str, str]
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
# Of many scores at once.
_ASKED = "unnest(CAST(:subjects AS text[]), CAST(:schemes AS text[]), CAST(:periods AS text[])"
_BALANCES = sa.text(f"""
SELECT subject, last.balance FROM {_ASKED}) AS asked (subject, scheme, period), LATERAL (
  SELECT balance FROM ledger
  WHERE (ledger.subject, ledger.scheme, ledger.period) = (asked.subject, asked.scheme, asked.period)
  ORDER BY number DESC LIMIT 1) AS last
""")  # noqa: S608  # a constant
_CLEAN = sa.text(f"""
SELECT subject, count(*) AS days
FROM {_ASKED}, CAST(:zones AS text[]), CAST(:hours AS numeric[])) AS asked (subject, scheme, period, zone, hours)
JOIN streaming_days AS streamed ON streamed.creator = subject AND streamed.hours >= asked.hours
WHERE streamed.day > coalesce((
  SELECT max(day) FROM (
    SELECT DISTINCT ON (day) day, price FROM ledger
    WHERE (ledger.subject, ledger.scheme, ledger.period) = (asked.subject, asked.scheme, asked.period)
    AND day IS NOT NULL ORDER BY day, number DESC) AS booked WHERE price < 0), '-infinity')
AND NOT EXISTS (
  SELECT FROM violations WHERE (violations.subject, violations.scheme, violations.period)
    = (asked.subject, asked.scheme, asked.period)
  AND stands AND CAST(occurred_at AT TIME ZONE zone AS date) = streamed.day)
GROUP BY subject
""")  # noqa: S608
# The appeals whose decision wrote lines: a line has the report's id, and the time of the move that decided.
_APPEALS = (
    sa.select(cases.c.of_case, journal.c.at, cases.c.id)
    .join(journal, journal.c.case == cases.c.id)
    .where(
        cases.c.of_case.in_(sa.bindparam("reports", expanding=True)),
        journal.c.at.in_(sa.bindparam("times", expanding=True)),
        journal.c.event == "decide",
    )
)
# The last balance of each local day.
_COURSE = sa.text("""
SELECT DISTINCT ON (CAST(at AT TIME ZONE :zone AS date)) at, balance FROM ledger
WHERE subject = :subject AND scheme = :scheme AND period = :period
  AND at >= coalesce((SELECT max(at) FROM ledger WHERE subject = :subject AND scheme = :scheme AND period = :period
                      AND at < CAST(:since AS timestamptz)), CAST(:since AS timestamptz))
ORDER BY CAST(at AT TIME ZONE :zone AS date), number DESC
""")
_DAYS = (
    sa.select(streaming_days.c.day, streaming_days.c.hours)
    .where(streaming_days.c.creator == sa.bindparam("creator"))
    .order_by(streaming_days.c.day)
)


def last(connection: Connection, subject: str, scheme: str, period: str) -> tuple[int, int | None]:
    """The number of the last line and the balance after it; (0, none) where nothing has happened."""
    row = connection.execute(_LAST, {"subject": subject, "scheme": scheme, "period": period}).one_or_none()
    return (row.number, row.balance) if row else (0, None)


def balances(connection: Connection, scores: Collection[Key]) -> dict[str, int]:
    """The balances of many scores, by subject; without those to which nothing has happened."""
    return {row.subject: row.balance for row in connection.execute(_BALANCES, _columns(scores))}


def course(connection: Connection, score: Key, since: datetime, zone: ZoneInfo) -> list[tuple[datetime, int]]:
    """How a score went: the last balance of each local day on which it changed, in order.

    Before the changes `since` a time comes the one before it, if there is one.
    """
    subject, scheme, period = score
    asked = {"subject": subject, "scheme": scheme, "period": period, "since": since, "zone": zone.key}
    return [(row.at, row.balance) for row in connection.execute(_COURSE, asked)]


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


def clean_days(connection: Connection, asked: Mapping[Key, tuple[ZoneInfo, Decimal]]) -> dict[str, int]:
    """How many clean days creators have since their last gain, by name, by their region's zone and hours.

    A clean day is what `rulebook/recovery.py` says.

    Those without any are left out.
    """
    zones, hours = [zone.key for zone, _ in asked.values()], [hours for _, hours in asked.values()]
    rows = connection.execute(_CLEAN, _columns(asked.keys()) | {"zones": zones, "hours": hours})
    return {row.subject: row.days for row in rows}


def appeals(connection: Connection, lines: Collection[Mapping[str, Any]]) -> dict[tuple[str, datetime], str]:
    """The appeals that brought lines, by the lines' case and time; those that their reader sees."""
    asked = {(line["case"], line["at"]) for line in lines if line["case"] is not None}
    if not asked:
        return {}
    reports, times = ([*of] for of in zip(*asked, strict=True))
    found = connection.execute(_APPEALS, {"reports": reports, "times": times})
    return {(row.of_case, row.at): row.id for row in found}


def append(connection: Connection, lines: list[dict[str, Any]]) -> None:
    """Write ledger lines; `lines` hold the table's columns."""
    seal.insert(connection, ledger, lines)


def line(score: Key, number: int, at: datetime, **values: object) -> dict[str, Any]:
    """A ledger line of the score."""
    subject, scheme, period = score
    empty = {"case": None, "violation": None, "day": None, "severity": None}
    return {"subject": subject, "scheme": scheme, "period": period, "number": number, "at": at} | empty | values


def _columns(scores: Collection[Key]) -> dict[str, list[Any]]:
    return dict(zip(("subjects", "schemes", "periods"), map(list, zip(*scores, strict=True)), strict=True))
