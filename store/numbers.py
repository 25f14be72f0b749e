"""Which numbers do new rows get in a trial? High ones of its own: a sequence's number would not be given back."""

import secrets
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from itertools import count
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

_OWN = "casework.numbers"
_HIGH = 2**62  # no sequence comes so far
Values = Mapping[str, Any] | Sequence[Mapping[str, Any]]


@contextmanager
def own(connection: Connection) -> Iterator[None]:
    """Give the rows that are inserted inside numbers above all others, in order, that no other trial has."""
    outside = connection.info.get(_OWN)
    connection.info[_OWN] = outside or count(_HIGH + secrets.randbits(61))
    try:
        yield
    finally:
        if not connection.invalidated:
            connection.info[_OWN] = outside


def given(connection: Connection, table: sa.Table, values: Values) -> Values:
    """The values of new rows, in a trial with the number that the table's sequence gives otherwise."""
    numbers, column = connection.info.get(_OWN), _numbered(table)
    if numbers is None or column is None:
        return values
    if isinstance(values, Mapping):
        return {**values, column: next(numbers)}
    return [{**each, column: next(numbers)} for each in values]


@cache
def _numbered(table: sa.Table) -> str | None:
    return next((column.name for column in table.columns if column.identity is not None), None)
