"""How is the journal kept? Each line's hash covers the line and the hash of the line before."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from states.situation import ENGINE
from store import lock, seal
from store.schema.journal import journal, journal_number, records

FIRST = "0" * 64
# Through no door: a rehearsal.
DIRECT = "direct"
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
# Of a column that came after lines were sealed: a line without it has the hash that it had.
_ADDED_LATER = ("through",)
# A number for each line, and the last hash of its case.
_NEXT = sa.text("""
    SELECT nextval('journal_number') AS number,
           (SELECT hash FROM journal WHERE "case" = line.case_id ORDER BY version DESC LIMIT 1) AS hash
    FROM unnest(CAST(:cases AS text[])) AS line (case_id)
""")
_APPEND = sa.insert(journal)
_TIMELINE = sa.select(journal).where(journal.c.case == sa.bindparam("case_id")).order_by(journal.c.version)
_LAST_RECORD = (
    sa.select(records.c.hash)
    .where(records.c.topic == sa.bindparam("topic_"))
    .order_by(records.c.number.desc())
    .limit(1)
    .scalar_subquery()
)
_NEXT_RECORD = sa.select(journal_number.next_value().label("number"), _LAST_RECORD.label("hash"))
_RECORD = sa.insert(records)


def digest(line: Mapping[Any, Any]) -> str:
    """The SHA-256 of a line's canonical JSON, as 64 hex digits."""
    values = {name: line[name] for name in _HASHED}
    values |= {name: line[name] for name in _ADDED_LATER if line.get(name) is not None}
    values["at"] = line["at"].astimezone(UTC).isoformat()
    return hashlib.sha256(json.dumps(values, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def append(connection: Connection, lines: list[dict[str, Any]]) -> None:
    """Chain the lines, given in order, to those of their cases; the last takes the digests of all that was written."""
    seals, hashes = seal.take(connection), dict[str, str]()
    found = connection.execute(_NEXT, {"cases": [line["case"] for line in lines]}).all()
    for line, (number, last) in zip(lines, found, strict=True):
        previous = hashes.get(line["case"]) or last or FIRST
        line |= {"number": number, "rows": seals if line is lines[-1] else {}, "previous": previous}
        hashes[line["case"]] = line["hash"] = digest(line)
    connection.execute(_APPEND, lines if len(lines) > 1 else lines[0])


def timeline(connection: Connection, case_id: str) -> list[sa.RowMapping]:
    """The case's journal, oldest line first."""
    return list(connection.execute(_TIMELINE, {"case_id": case_id}).mappings())


@contextmanager
def recording(connection: Connection, topic: str, at: datetime, through: str | None = ENGINE.id) -> Iterator[None]:
    """Chain what is written inside, outside of a case (feeds, tellings, rulebooks), to the records of its topic.

    `through` says through what it came, as in the lines of cases; none in migrations to a schema without it.
    """
    seal.forget(connection)
    yield
    rows = seal.take(connection)
    if not rows:
        return
    lock.hold(connection, topic)
    found = connection.execute(_NEXT_RECORD, {"topic_": topic}).one()
    line = {"number": found.number, "topic": topic, "at": at, "rows": rows, "previous": found.hash or FIRST}
    line |= {"through": through} if through is not None else {}
    connection.execute(_RECORD, line | {"hash": record_digest(line)})


def record_digest(line: Mapping[Any, Any]) -> str:
    """The SHA-256 of a record's canonical JSON, as 64 hex digits."""
    values = {name: line[name] for name in ("number", "topic", "rows", "previous")}
    values |= {name: line[name] for name in _ADDED_LATER if line.get(name) is not None}
    values["at"] = line["at"].astimezone(UTC).isoformat()
    return hashlib.sha256(json.dumps(values, sort_keys=True, ensure_ascii=False).encode()).hexdigest()
