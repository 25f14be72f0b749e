"""What of a history is dated before a moment of its region: lines, prices, gains, penalties, notices and tellings."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from reforms import REGIONS
from sqlalchemy import Connection

# A subject's ledger lines; a case's notices and moves, which may tell of an agency of another region, too; tellings.
AT = {
    "lines": 'SELECT subject, at, number, scheme, period, "case", reason, price, change, balance, day, region'
    " FROM ledger JOIN subjects ON subjects.id = subject",
    "notices": 'SELECT at, recipient, template, "values", notices."case", cases.region, subjects.region AS other'
    ' FROM notices JOIN cases ON cases.id = notices."case" JOIN subjects ON subjects.id = cases.agency',
    "moves": 'SELECT at, event, actor, target, facts, "case", cases.region, subjects.region AS other'
    ' FROM journal JOIN cases ON cases.id = journal."case" JOIN subjects ON subjects.id = cases.agency',
    "tellings": "SELECT tellings.number, decided_at AS at, subject, restrictions, region"
    " FROM tellings JOIN subjects ON subjects.id = subject",
}  # fmt: skip
# What acts cost now, and bring, however late they were decided: an act is dated when it happened.
ACTS = {
    "prices": "SELECT violations.id, occurred_at AS at, violations.subject, price, stands, rulebook, region"
    " FROM violations JOIN subjects ON subjects.id = subject",
    "brought": "SELECT violation, occurred_at AS at, penalties.subject, key, starts_at, ends_at, lifted_at, region FROM"
    " penalties JOIN violations ON violations.id = violation JOIN subjects ON subjects.id = penalties.subject",
}
# Of score penalties those that began then: what a take-back has imposed later, it imposed since a time before.
CARRIED = (
    'SELECT subject, starts_at AS at, key, scheme, period, penalties."case", region, lifted_at'
    " FROM penalties JOIN subjects ON subjects.id = subject WHERE penalties.kind = 'score' AND imposed_at IS NULL"
)  # fmt: skip

# What each day of a stream has gained.
GAINS = (
    "SELECT DISTINCT ON (subject, day) subject, day, price, region FROM ledger JOIN subjects ON subjects.id = subject"
    " WHERE day IS NOT NULL ORDER BY subject, day, number DESC"
)


def dated(connection: Connection, until: Mapping[str, datetime]) -> dict[str, list[Any]]:
    """All of it, by what it is, in one order; `until` is the moment of each region."""
    found = {
        name: sorted(tuple(map(str, row)) for row in _rows(connection, query, until))
        for name, query in (AT | ACTS).items()
    }
    found["carried"] = sorted(
        (*map(str, row[:-1]), str(row.lifted_at) if row.lifted_at and row.lifted_at < until[row.region] else "stands")
        for row in _rows(connection, CARRIED, until)
    )
    found["gains"] = [
        tuple(row) for row in connection.execute(sa.text(GAINS)) if row.price and _begins(row) < until[row.region]
    ]
    return found


def _begins(row: sa.Row[Any]) -> datetime:
    return datetime(row.day.year, row.day.month, row.day.day, tzinfo=ZoneInfo(REGIONS[row.region]))


def _rows(connection: Connection, query: str, until: Mapping[str, datetime]) -> Iterator[sa.Row[Any]]:
    found = connection.execute(sa.text(query))
    return (row for row in found if row.at < min(until[row.region], until[getattr(row, "other", row.region)]))
