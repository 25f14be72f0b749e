"""How is a score kept? Append-only lines, each with the balance after it; streamed days that may give points back."""

from collections.abc import Collection, Mapping, Sequence
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
from store.schema.metadata import Instant
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
_UNTIL = _LAST.where(ledger.c.at <= sa.bindparam("until", type_=Instant))
_SEVERITY = sa.func.coalesce(ledger.c.severity, violations.c.severity).label("severity")
_LINES = (
    sa.select(
        *(column for column in ledger.c if column.name != "severity"),
        violations.c.clause,
        violations.c.stands,
        _SEVERITY,
    )
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
_SINCE_GAIN = sa.text(f"""
SELECT subject, streamed.day, streamed.hours, (
  SELECT coalesce(jsonb_agg(jsonb_build_array(rulebook, clause)), '[]') FROM violations
  WHERE (violations.subject, violations.scheme, violations.period) = (asked.subject, asked.scheme, asked.period)
  AND stands AND CAST(occurred_at AT TIME ZONE zone AS date) = streamed.day) AS violations
FROM {_ASKED}, CAST(:zones AS text[])) AS asked (subject, scheme, period, zone)
JOIN streaming_days AS streamed ON streamed.creator = subject
WHERE streamed.day > coalesce((
  SELECT max(day) FROM (
    SELECT DISTINCT ON (day) day, price FROM ledger
    WHERE (ledger.subject, ledger.scheme, ledger.period) = (asked.subject, asked.scheme, asked.period)
    AND day IS NOT NULL ORDER BY day, number DESC) AS booked WHERE price < 0), '-infinity')
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
# Since when a score is at a line, or below: what a transaction does to it is seen at its end.
_DOWN = sa.text("""
WITH moved AS (
  SELECT DISTINCT ON (at) at, balance FROM ledger
  WHERE subject = :subject AND scheme = :scheme AND period = :period ORDER BY at, number DESC)
SELECT min(at) FROM moved
WHERE at > coalesce((SELECT max(at) FROM moved WHERE balance > :line), '-infinity')
""")
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


def last(
    connection: Connection, subject: str, scheme: str, period: str, until: datetime | None = None
) -> tuple[int, int | None]:
    """The number of the last line, of those `until` a time, and the balance after it; (0, none) where there is none."""
    score = {"subject": subject, "scheme": scheme, "period": period}
    found = connection.execute(_LAST, score) if until is None else connection.execute(_UNTIL, score | {"until": until})
    row = found.one_or_none()
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


def down_to(connection: Connection, score: Key, line: int) -> datetime | None:
    """When a score that is at a line, or below, came there, as it was booked; none where it has no lines."""
    subject, scheme, period = score
    asked = {"subject": subject, "scheme": scheme, "period": period, "line": line}
    found: datetime | None = connection.execute(_DOWN, asked).scalar()
    return found


def lines(
    connection: Connection,
    subject: str,
    scheme: str,
    period: str,
    *,
    until: datetime | None = None,
    after: str | None = None,
    limit: int | None = None,
) -> Page:
    """A page of the lines, newest first; without `limit` all. Of a violation its clause, severity, and if it `stands`.

    Those `until` a time, where one is given.

    The severity is the one that the line was written for; of lines that don't say it, the present one.

    Raises:
        RefusedError: `invalid`; field `cursor` or `limit`.
    """
    of_score = {"subject": subject, "scheme": scheme, "period": period}
    found = _LINES if until is None else _LINES.where(ledger.c.at <= until)
    return cursor.highest_first(connection, found, ledger.c.number, after, limit, of_score)


def gains(connection: Connection, subject: str, scheme: str, period: str) -> dict[date, int]:
    """The price now booked for each day that gave points: negative, or 0 where the gain was taken back."""
    rows = connection.execute(_GAINS, {"subject": subject, "scheme": scheme, "period": period})
    return {row.day: row.price for row in rows}


def days(connection: Connection, creator: str) -> list[tuple[date, Decimal]]:
    """The local days on which the creator streamed, with hours, in order."""
    return [(row.day, row.hours) for row in connection.execute(_DAYS, {"creator": creator})]


def since_gain(connection: Connection, asked: Mapping[Key, ZoneInfo]) -> Sequence[sa.Row[Any]]:
    """The days that creators streamed since their last gain: `subject`, `day`, `hours`, and the day's `violations`.

    Of each violation that stands the version that judged it, and its clause. Days are those of the scores' zones.
    """
    zones = [zone.key for zone in asked.values()]
    return connection.execute(_SINCE_GAIN, _columns(asked.keys()) | {"zones": zones}).all()


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
