"""How is the journal kept? Each line's hash covers the line and the hash of the line before."""

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from store.schema.journal import incidents, journal, notices

FIRST = "0" * 64
_HASHED = ("case", "version", "at", "event", "actor", "source", "target", "command", "facts", "previous")
_LAST = (
    sa.select(journal.c.hash)
    .where(journal.c.case == sa.bindparam("case_id"))
    .order_by(journal.c.version.desc())
    .limit(1)
)
_APPEND = sa.insert(journal)
_NOTICE = sa.insert(notices)
_INCIDENT = sa.insert(incidents)


def digest(line: Mapping[str, Any]) -> str:
    """The SHA-256 of a line's canonical JSON, as 64 hex digits."""
    values = {name: line[name] for name in _HASHED}
    values["at"] = line["at"].astimezone(UTC).isoformat()
    return hashlib.sha256(json.dumps(values, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


async def append(connection: AsyncConnection, lines: list[dict[str, Any]]) -> None:
    """Chain the lines, given in order, to those of their cases and store them."""
    last: dict[str, str] = {}
    for line in lines:
        case_id = line["case"]
        if case_id not in last:
            found = None
            if line["version"] > 1:
                found = (await connection.execute(_LAST, {"case_id": case_id})).scalar()
            last[case_id] = found or FIRST
        line["previous"] = last[case_id]
        line["hash"] = last[case_id] = digest(line)
    await connection.execute(_APPEND, lines)


async def notify(connection: AsyncConnection, told: list[dict[str, Any]]) -> None:
    """Store notices: recipient, case, template, values, at."""
    if told:
        await connection.execute(_NOTICE, told)


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
    await connection.execute(_INCIDENT, values)
