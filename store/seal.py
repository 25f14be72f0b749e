"""How is a forged row found? The digest of each row that a transaction writes goes into its line of a hash chain.

A write gives its rows back and notes their digests on the connection; the line of the journal, or of the records, takes
them. `casework verify` compares every row with the newest digest that a chain has of it.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection
from sqlalchemy.dialects.postgresql import Insert

from store import numbers
from store.schema.metadata import ADDED_LATER, REPEATS

_NOTED = "casework.written"
_canonical = json.JSONEncoder(sort_keys=True).encode
# What no digest covers, as it changes without a line: a workflow must read its row, an answer was received; and what
# each try of a login leaves.
PASSING = frozenset({"stirred", "signed_for", "failures", "locked_until", "totp_step"})
# Instead of the digest of a row that was deleted.
GONE = "gone"
Row = Mapping[Any, Any] | sa.RowMapping


def digest(table: sa.Table, row: Row) -> str:
    """The SHA-256 of a row's canonical JSON, without its passing marks; 64 hex digits."""
    values = {name: _plain(row[name]) for name, later in _sealed(table) if not (later and _empty(row[name]))}
    return hashlib.sha256(_canonical([table.name, values]).encode()).hexdigest()


def _empty(value: object) -> bool:
    return value is None or value is False


@cache
def _sealed(table: sa.Table) -> tuple[tuple[str, bool], ...]:
    """The columns that a digest covers, and whether they were added later."""
    covered = (c for c in table.columns if c.name not in PASSING and c.info != REPEATS)
    return tuple((c.name, c.info == ADDED_LATER) for c in covered)


def name(table: sa.Table, row: Row) -> str:
    """What a chain calls a row: its table and primary key."""
    return "/".join([table.name, *(str(_plain(row[c.name])) for c in table.primary_key.columns)])


def insert(
    connection: Connection, table: sa.Table, values: Mapping[str, Any] | Sequence[Mapping[str, Any]]
) -> Sequence[sa.RowMapping]:
    """Write new rows, note their digests, and give them."""
    if not values:
        return []
    one = values[0] if isinstance(values, Sequence) and len(values) == 1 else values
    rows = connection.execute(_inserting(table), numbers.given(connection, table, one)).mappings().all()
    note(connection, table, rows)
    return rows


def upsert(connection: Connection, table: sa.Table, statement: Insert) -> bool:
    """Write a row that may be there already, and note its digest; say whether it was written."""
    rows = connection.execute(statement.returning(*table.c)).mappings().all()
    note(connection, table, rows)
    return bool(rows)


def update(connection: Connection, table: sa.Table, key: Mapping[str, Any], **values: Any) -> Sequence[sa.RowMapping]:
    """Change the rows whose columns are as `key` says, note their digests, and give them."""
    which = {f"of_{name}": value for name, value in key.items()}
    rows = connection.execute(_updating(table, *key), which | values).mappings().all()
    note(connection, table, rows)
    return rows


def note(connection: Connection, table: sa.Table, rows: Sequence[Row]) -> None:
    """Note the digests of rows as they now are."""
    noted = connection.info.setdefault(_NOTED, {})
    noted.update({name(table, row): digest(table, row) for row in rows})


def gone(connection: Connection, table: sa.Table, rows: Sequence[Row]) -> None:
    """Note that rows are no more."""
    connection.info.setdefault(_NOTED, {}).update({name(table, row): GONE for row in rows})


def forget(connection: Connection) -> None:
    """Begin with nothing noted: an earlier transaction of this connection may have been rolled back."""
    take(connection)


def take(connection: Connection) -> dict[str, str]:
    """The digests noted in this transaction, by the rows' names; they are noted no longer."""
    found: dict[str, str] = connection.info.pop(_NOTED, {})
    return found


def begin_with(connection: Connection, noted: dict[str, str]) -> None:
    """Begin with these digests noted, of what the transaction wrote before."""
    connection.info[_NOTED] = noted


@cache
def _inserting(table: sa.Table) -> Any:
    return sa.insert(table).returning(*table.c)


@cache
def _updating(table: sa.Table, *key: str) -> Any:
    which = (table.c[name] == sa.bindparam(f"of_{name}") for name in key)
    return sa.update(table).where(*which).returning(*table.c)


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value.normalize())
    return value
