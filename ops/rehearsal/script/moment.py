"""The two notations of time in a scenario: a span such as `1d12h`, and an instant with its offset."""

import re
from datetime import datetime, timedelta
from typing import Annotated

from pydantic import BeforeValidator
from pydantic_core import PydanticCustomError

_SPAN = re.compile(r"(?=\d)(?:(\d{1,18})d)?(?:(\d{1,18})h)?(?:(\d{1,18})m)?(?:(\d{1,18})s)?", re.ASCII)


def span(given: object) -> timedelta:
    """Read `30m`, `2h`, `3d`, `90s` or several in this order: days, hours, minutes, seconds."""
    if isinstance(given, timedelta):
        return given
    found = _SPAN.fullmatch(given) if isinstance(given, str) else None
    if found is None:
        raise PydanticCustomError("span", "must be a time such as 90s, 30m, 2h, 3d or 1d12h")
    days, hours, minutes, seconds = (int(part or 0) for part in found.groups())
    try:
        return timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
    except OverflowError:
        raise PydanticCustomError("span", "is too long") from None


def instant(given: object) -> datetime:
    """Read an ISO 8601 time; one without an offset is refused."""
    read = given
    if isinstance(given, str):
        try:
            read = datetime.fromisoformat(given)
        except ValueError:
            read = None
    if not isinstance(read, datetime):
        raise PydanticCustomError("instant", "must be a time such as 2026-03-02T09:00:00+07:00")
    if read.utcoffset() is None:
        raise PydanticCustomError("instant", "must have an offset, such as +07:00 or Z")
    return read


Span = Annotated[timedelta, BeforeValidator(span)]
Instant = Annotated[datetime, BeforeValidator(instant)]
