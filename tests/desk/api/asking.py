"""What the database is asked while something runs, and by whom."""

import asyncio
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Engine


@dataclass
class Asked:
    """The statements, and those of them that the desk's code sent from the event loop, where all others wait."""

    statements: list[str] = field(default_factory=list)
    on_the_loop: list[str] = field(default_factory=list)


@contextmanager
def asking(engine: Engine) -> Iterator[Asked]:
    found = Asked()

    def hear(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        found.statements.append(statement)
        if _on_the_loop() and _of_the_desk():
            found.on_the_loop.append(statement)

    sa.event.listen(engine, "before_cursor_execute", hear)
    try:
        yield found
    finally:
        sa.event.remove(engine, "before_cursor_execute", hear)


def _on_the_loop() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True


def _of_the_desk() -> bool:
    frame = sys._getframe(1)  # noqa: SLF001  # frames are not public in any other way that is quick
    while frame.f_back is not None:
        if "/desk/api/" in frame.f_code.co_filename and "/tests/" not in frame.f_code.co_filename:
            return True
        frame = frame.f_back
    return False
