"""How is the journal kept? Each line's hash covers the line and the hash of the line before."""

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from store import seal
from store.schema.journal import incidents, journal, journal_number, notices, records

FIRST = "0" * 64
_HASHED = (
    "number",
    "case",
    "version",
    "at",
    "event",
    "actor",
    "source",
    "target",
    "command",
    "facts",
    "rows",
    "previous",
)
_LAST = (
    sa.select(journal.c.hash)
    .where(journal.c.case == sa.bindparam("case_id"))
    .order_by(journal.c.version.desc())
    .limit(1)
)
_NUMBER = sa.select(journal_number.next_value())
_NEXT = sa.select(journal_number.next_value().label("number"), _LAST.scalar_subquery().label("hash"))
_APPEND = sa.insert(journal)
_ONE_AT_A_TIME = sa.text("SELECT pg_advisory_xact_lock(hashtext(:topic))")
_LAST_RECORD = (
    sa.select(records.c.hash)
    .where(records.c.topic == sa.bindparam("topic_"))
    .order_by(records.c.number.desc())
    .limit(1)
)


def digest(line: Mapping[Any, Any]) -> str:
    """The SHA-256 of a line's canonical JSON, as 64 hex digits."""
    values = {name: line[name] for name in _HASHED}
    values["at"] = line["at"].astimezone(UTC).isoformat()
    return hashlib.sha256(json.dumps(values, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


async def append(connection: AsyncConnection, lines: list[dict[str, Any]]) -> None:
    """Chain the lines, given in order, to those of their cases; the last takes the digests of all that was written."""
    last: dict[str, str] = {}
    for line in lines:
        case_id = line["case"]
        found = (await connection.execute(_NEXT, {"case_id": case_id})).one()
        line["number"] = found.number
        line["rows"] = seal.take(connection) if line is lines[-1] else {}
        last.setdefault(case_id, found.hash or FIRST)
        line["previous"] = last[case_id]
        line["hash"] = last[case_id] = digest(line)
    await connection.execute(_APPEND, lines)


async def notify(connection: AsyncConnection, told: list[dict[str, Any]]) -> None:
    """Store notices: recipient, case, template, values, at."""
    await seal.insert(connection, notices, told)


async def raise_incident(
    connection: AsyncConnection,
    kind: str,
    at: datetime,
    *,
    case: str | None = None,
    subject: str | None = None,
    facts: Mapping[str, Any],
) -> None:
    """Put something before ops."""
    values = {"kind": kind, "case": case, "subject": subject, "facts": dict(facts), "at": at}
    await seal.insert(connection, incidents, values)


async def record(connection: AsyncConnection, topic: str, at: datetime) -> None:
    """Chain what was written outside a case (feeds, tellings, rulebooks) to the records of its topic."""
    rows = seal.take(connection)
    if not rows:
        return
    await connection.execute(_ONE_AT_A_TIME, {"topic": topic})
    number = (await connection.execute(_NUMBER)).scalar_one()
    last = (await connection.execute(_LAST_RECORD, {"topic_": topic})).scalar()
    line = {"number": number, "topic": topic, "at": at, "rows": rows, "previous": last or FIRST}
    await connection.execute(sa.insert(records), line | {"hash": record_digest(line)})


def record_digest(line: Mapping[Any, Any]) -> str:
    """The SHA-256 of a record's canonical JSON, as 64 hex digits."""
    values = {name: line[name] for name in ("number", "topic", "rows", "previous")}
    values["at"] = line["at"].astimezone(UTC).isoformat()
    return hashlib.sha256(json.dumps(values, sort_keys=True, ensure_ascii=False).encode()).hexdigest()
