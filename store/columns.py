"""Which columns has a result? SQLAlchemy looks at a statement's first run, and keeps what it saw."""

from collections.abc import Sequence
from typing import Any

from psycopg import Column, Cursor
from psycopg.rows import TupleRow


class Lazy(Cursor[TupleRow]):
    """A cursor that describes a result's columns when somebody looks.

    psycopg's own does at every run, as SQLAlchemy asks whether there are any; to send the statement takes less time.
    """

    @property
    def description(self) -> Any:
        """The columns, each with name and type; none where the statement has no result."""
        return _Columns(self) if self.pgresult and self.pgresult.nfields else super().description


class _Columns(Sequence[Column]):
    def __init__(self, cursor: Lazy) -> None:
        self._cursor = cursor

    def __len__(self) -> int:
        return self._cursor.pgresult.nfields if self._cursor.pgresult else 0

    def __getitem__(self, place: Any) -> Any:
        found = range(len(self))[place]
        return Column(self._cursor, found) if isinstance(found, int) else [Column(self._cursor, one) for one in found]
