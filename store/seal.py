"""How is a row kept honest? Whatever a transaction writes is digested into its hash-chained line of the journal.

A write gives its rows back and notes their digests on the connection; the journal's line, or a record's, takes them.
`casework verify` then holds every row against the newest digest that a chain has of it.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection
from sqlalchemy.dialects.postgresql import Insert

from store.schema.metadata import ADDED_LATER

_NOTED = "casework.written"
# Marks that say who must still look or has received; they change without a commit.
PASSING = frozenset({"stirred", "signed_for"})


def digest(table: sa.Table, row: sa.RowMapping) -> str:
    """The SHA-256 of a row's canonical JSON, without its passing marks; 64 hex digits."""
    values = {c.name: _plain(row[c.name]) for c in table.columns if c.name not in PASSING and not _not_yet(c, row)}
    return hashlib.sha256(json.dumps([table.name, values], sort_keys=True).encode()).hexdigest()


def _not_yet(column: sa.Column[object], row: sa.RowMapping) -> bool:
    return column.info == ADDED_LATER and row[column.name] is None


def name(table: sa.Table, row: sa.RowMapping) -> str:
    """What a chain calls a row: its table and primary key."""
    return "/".join([table.name, *(str(_plain(row[c.name])) for c in table.primary_key.columns)])


def insert(connection: Connection, table: sa.Table, values: Mapping[str, Any] | Sequence[Mapping[str, Any]]) -> None:
    """Write new rows and note their digests."""
    rows = [dict(values)] if isinstance(values, Mapping) else [dict(row) for row in values]
    if rows:
        note(connection, table, connection.execute(_inserting(table), rows).mappings().all())


def upsert(connection: Connection, table: sa.Table, statement: Insert) -> None:
    """Write a row that may be there already, and note its digest."""
    note(connection, table, connection.execute(statement.returning(*table.c)).mappings().all())


def update(
    connection: Connection, table: sa.Table, where: sa.ColumnElement[bool], **values: Any
) -> Sequence[sa.RowMapping]:
    """Change rows, note their digests, and give them."""
    changed = sa.update(table).where(where).values(values).returning(*table.c)
    rows = connection.execute(changed).mappings().all()
    note(connection, table, rows)
    return rows


def note(connection: Connection, table: sa.Table, rows: Sequence[sa.RowMapping]) -> None:
    """Note the digests of rows as they now are."""
    noted = connection.info.setdefault(_NOTED, {})
    noted.update({name(table, row): digest(table, row) for row in rows})


def forget(connection: Connection) -> None:
    """Begin with nothing noted: an earlier transaction of this connection may have been rolled back."""
    take(connection)


def take(connection: Connection) -> dict[str, str]:
    """The digests noted in this transaction, by the rows' names; they are noted no longer."""
    found: dict[str, str] = connection.info.pop(_NOTED, {})
    return found


_statements: dict[str, Any] = {}


def _inserting(table: sa.Table) -> Any:
    if table.name not in _statements:
        _statements[table.name] = sa.insert(table).returning(*table.c)
    return _statements[table.name]


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value.normalize())
    return value
