"""Ends a transaction between two of its statements: cut off, its server process killed, or by an error of our own."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import psycopg
import sqlalchemy as sa
from chance import DEPTH
from sqlalchemy import Connection, Engine, event
from sqlalchemy.exc import OperationalError

from store.schema import metadata

_KILL = sa.text("SELECT pg_terminate_backend(:pid)")
_DIGEST = "SELECT '{0}' AS name, md5(string_agg(md5(t::text), '' ORDER BY md5(t::text))) AS digest FROM {0} t"
_PICTURE = sa.text(" UNION ALL ".join(_DIGEST.format(table.name) for table in metadata.sorted_tables))


class How(StrEnum):
    """What fails at a point; before a commit it is the connection, where it isn't the server."""

    SLOW = "a statement takes longer than it may"
    BROKEN = "an error that nobody foresaw"
    CUT = "the connection is cut off"
    KILLED = "the server's process is killed"


class BrokenError(Exception):
    """One that nobody foresaw."""


@dataclass
class Attempt:
    """One that fails at a point, counted from 0; without one, before its commit. `passed` are the points that it came to.

    `committed`: its commit was done, and its sender never heard of it.
    """

    point: int | None
    how: How
    passed: int = 0
    committed: bool = False


class Failing:
    """Has an engine's transactions fail at points: before each statement, and before and after the commit.

    Where it looks deeper also after each statement. `beside` is another engine of the same database, which doesn't fail.
    """

    def __init__(self, engine: Engine, beside: Engine) -> None:
        self._beside = beside
        self._attempt: Attempt | None = None
        for name in ("before_cursor_execute", "after_cursor_execute") if DEPTH > 1 else ("before_cursor_execute",):
            event.listen(engine, name, lambda connection, *_: self._pass(connection))
        event.listen(engine, "commit", self._commit)

    @contextmanager
    def at(self, point: int | None, how: How) -> Iterator[Attempt]:
        """Fail once in what is done inside."""
        self._attempt = made = Attempt(point, how)
        yield made
        self._attempt = None

    def picture(self) -> dict[str, str]:
        """A digest of each table."""
        with self._beside.connect() as connection:
            return {row.name: row.digest for row in connection.execute(_PICTURE)}

    def _commit(self, connection: Connection) -> None:
        attempt = self._attempt
        if attempt is not None and attempt.point == attempt.passed + 1:
            _driver(connection).commit()
            attempt.committed = True
            self._end(connection, How.CUT)
        elif self._comes() or (attempt is not None and attempt.point is None):
            self._end(connection, attempt.how if attempt and attempt.how is How.KILLED else How.CUT)

    def _pass(self, connection: Connection) -> None:
        attempt = self._attempt
        if attempt is not None and self._comes():
            self._end(connection, attempt.how)

    def _comes(self) -> bool:
        """Go on to the next point; whether it is the attempt's."""
        if self._attempt is None:
            return False
        self._attempt.passed += 1
        return self._attempt.passed - 1 == self._attempt.point

    def _end(self, connection: Connection, how: How) -> None:
        self._attempt = None  # what is done then, such as to refuse, doesn't fail
        if how is How.BROKEN:
            raise BrokenError
        if how is How.SLOW:
            raise OperationalError("", {}, psycopg.errors.QueryCanceled("it took too long"))
        if how is How.CUT:
            _driver(connection).close()
            return
        with self._beside.connect() as other:
            assert other.execute(_KILL, {"pid": _driver(connection).info.backend_pid}).scalar()


def _driver(connection: Connection) -> Any:
    return connection.connection.driver_connection
