"""What is a line of the log for programs? JSON that says what happened, where, to which case; nobody's words.

A line has what is named here and nothing else: of an error its class and where it was raised, as messages of errors
have what they were raised over; of a sentence's values the numbers.
"""

import json
import logging
from collections.abc import Iterator
from contextvars import ContextVar
from datetime import UTC, datetime
from pathlib import Path
from traceback import extract_tb

from temporalio import activity
from temporalio.runtime import LogForwardingConfig, LoggingConfig, Runtime, TelemetryConfig, TelemetryFilter

# The id of the request that is at work here; with traces it is that of its trace.
REQUEST: ContextVar[str | None] = ContextVar("request", default=None)
# What a line may say beside its sentence (`extra`): ids, words of closed sets, and numbers.
TOLD = (
    "case", "command", "move", "status", "code", "key", "subject", "version", "webhook", "delivery", "file",
    "number", "checkpoint", "signature",
    "route", "method", "seconds",
)  # fmt: skip
# Loggers of our own: these tell of what goes well, too.
OURS = ("casework", "desk", "workers")
_HOUSE = str(Path(__file__).parents[1])


class Lines(logging.Formatter):
    """Writes each record as one line of JSON."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": _sentence(record),
            "request": REQUEST.get(),
            **_activity(),
            **{name: getattr(record, name, None) for name in TOLD},
            "error": " < ".join(_errors(record)) or None,
            "raised": [*_frames(record)] or None,
        }
        return json.dumps({name: value for name, value in line.items() if value is not None}, default=str)


def log_lines(handler: logging.Handler) -> None:
    """Have all that is logged written as such lines, also by Temporal's SDK; ours tell of what goes well, too.

    It comes before the first client of Temporal.
    """
    handler.setFormatter(Lines())
    for name in OURS:
        logging.getLogger(name).setLevel(logging.INFO)
    forwarded = LogForwardingConfig(logger=logging.getLogger("temporalio.core"))
    logs = LoggingConfig(filter=TelemetryFilter(core_level="WARN", other_level="ERROR"), forwarding=forwarded)
    Runtime.set_default(Runtime(telemetry=TelemetryConfig(logging=logs)))


def _sentence(record: logging.LogRecord) -> str:
    """The first line of the sentence, in which other values than numbers are left out."""
    sentence = str(record.msg).partition("\n")[0]
    given = record.args if isinstance(record.args, tuple) else ()
    try:
        return sentence % tuple(one if isinstance(one, int | float) else "…" for one in given)
    except (TypeError, ValueError):
        return sentence


def _activity() -> dict[str, object]:
    if not activity.in_activity():
        return {}
    info = activity.info()
    return {"workflow": info.workflow_id, "activity": info.activity_type, "attempt": info.attempt}


def _errors(record: logging.LogRecord) -> Iterator[str]:
    """The classes of the error, and of those that it comes from."""
    error = record.exc_info[1] if record.exc_info else None
    while error is not None:
        yield type(error).__name__
        error = error.__cause__ or error.__context__


def _frames(record: logging.LogRecord) -> Iterator[str]:
    if record.exc_info:
        for frame in extract_tb(record.exc_info[2]):
            yield f"{frame.filename.removeprefix(f'{_HOUSE}/')}:{frame.lineno} {frame.name}"
