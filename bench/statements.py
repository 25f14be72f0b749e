"""How many statements a process sends to its database: every execution of a cursor, on all of SQLAlchemy's engines."""

from typing import Any

from sqlalchemy import Engine, event


class Statements:
    """Counts from when it is made."""

    def __init__(self) -> None:
        self.so_far = 0
        event.listen(Engine, "before_cursor_execute", self._one)

    def _one(self, *_: Any) -> None:
        self.so_far += 1
