"""What a process logs. That a server is away, and the like, takes one line a minute, however often it is missed."""

import logging
import time
from asyncio import CancelledError
from collections import Counter
from collections.abc import Callable

from psycopg import OperationalError as PsycopgError
from sqlalchemy.exc import DisconnectionError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from temporalio.service import RPCError, RPCStatusCode

EVERY = 60.0
_DATABASE = (OperationalError, InterfaceError, DisconnectionError, PoolTimeoutError, PsycopgError)
AWAY = frozenset({RPCStatusCode.UNAVAILABLE, RPCStatusCode.DEADLINE_EXCEEDED, RPCStatusCode.CANCELLED})
# Each of the tries to send traces writes a line.
_TRACES, _COLLECTOR = "opentelemetry.", "the collector of traces"
# How the SDK's own errors begin where Temporal can't be reached.
_SDK = ("Failed client connect", "Poll failure", "Connection failed")


class Seldom(logging.Filter):
    """Lets a line through whose exception says that the database or Temporal is away, once a minute, without traceback.

    It then says how often that was missed since the line before. So does a line that asks for it: one with `seldom`, by
    which it is known. All other lines pass as they are.
    """

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._now = now
        self._next: dict[str, float] = {}
        self._missed: Counter[str] = Counter()

    def filter(self, record: logging.LogRecord) -> bool:
        found = away(record.exc_info[1] if record.exc_info else None)
        who = found[0] if found else getattr(record, "seldom", _COLLECTOR if record.name.startswith(_TRACES) else None)
        if who is None:
            return True
        self._missed[who] += 1
        now = self._now()
        if now < self._next.get(who, now):
            return False
        self._next[who] = now + EVERY
        what = "{} is away: {}".format(*found) if found else record.getMessage()
        record.msg, record.args = "%s (%d since the last such line)", (what, self._missed.pop(who))
        record.exc_info = record.exc_text = None
        return True


def away(error: BaseException | None) -> tuple[str, str] | None:
    """Which server is away by an exception, or by one that it comes from; and the name of the error that says so."""
    while error is not None:
        if isinstance(error, _DATABASE):
            return "the database", type(getattr(error, "orig", None) or error).__name__
        if isinstance(error, RPCError) and error.status in AWAY:
            return "Temporal", error.status.name
        if isinstance(error, RuntimeError) and str(error).startswith(_SDK):
            return "Temporal", type(error).__name__
        if isinstance(error, CancelledError):  # its time was over; it is tried again
            return "what an activity waited for", type(error).__name__
        error = error.__cause__ or error.__context__
    return None
