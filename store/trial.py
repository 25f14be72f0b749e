"""How is something tried, and not done? In a transaction that is rolled back, and gives way to those that are not.

It sees the database as it was at its first statement, takes no number of a sequence, and locks nothing that a foreign
key refers to. It hardly waits: where a row that it writes is another transaction's just then, it lets go of its own.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

import sqlalchemy as sa
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

from store import numbers, seal
from store.engine import roll_back

T = TypeVar("T")
# In seconds: so long it is tried again.
PATIENCE = 0.25
# In milliseconds: so long a trial waits for a row, and so long a statement may take; who waits gives up before.
_BOUNDS = sa.text("SELECT set_config('lock_timeout', '20', true), set_config('statement_timeout', '300', true)")
_SAVED = sa.text("SAVEPOINT aside")
_DEFERRED = sa.text("SET CONSTRAINTS ALL DEFERRED")
# What PostgreSQL says where another transaction has the row: it is locked, has changed, or is there already.
_MET = frozenset({"55P03", "40001", "40P01", "23505"})


class MetError(Exception):
    """A trial has met another transaction, which writes the same rows."""


def attempt(engine: Engine, work: Callable[[Connection], T]) -> T:
    """Give the result of work whose writing is rolled back; where it meets others it begins anew, for at most 0.3 s.

    Raises:
        MetError: others wrote the same rows all the time.
    """
    until = time.monotonic() + PATIENCE
    while True:
        try:
            with trial(engine) as connection:
                return work(connection)
        except MetError:
            if time.monotonic() > until:
                raise


@contextmanager
def trial(engine: Engine) -> Iterator[Connection]:
    """A connection on which all that is written is rolled back.

    Raises:
        MetError: what is written inside is just being written by another transaction.
    """
    with engine.connect() as connection:
        connection.execution_options(isolation_level="REPEATABLE READ")
        seal.forget(connection)
        try:
            with numbers.own(connection):
                connection.execute(_BOUNDS)
                connection.execute(_DEFERRED)
                yield connection
        except DBAPIError as error:
            if getattr(error.orig, "sqlstate", None) in _MET:
                raise MetError from error
            raise
        finally:
            _take_back(connection, {})


@contextmanager
def aside(connection: Connection) -> Iterator[None]:
    """Roll back what is written inside, in a transaction that goes on; the digests noted before are kept."""
    noted = seal.take(connection)
    connection.execute(_SAVED)
    try:
        with numbers.own(connection):
            connection.execute(_DEFERRED)
            yield
    finally:
        _take_back(connection, noted, to="aside")


def _take_back(connection: Connection, noted: dict[str, str], to: str | None = None) -> None:
    roll_back(connection, to)
    if not connection.invalidated:
        seal.begin_with(connection, noted)
