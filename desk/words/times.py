"""Writes a time in the reader's zone, as their language does, followed by the same instant in UTC."""

from datetime import UTC, datetime
from functools import cache, lru_cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from babel import Locale

# Babel's locale for the dates of a language; other languages than the shipped ones get English dates.
_LOCALES = {"en": "en_GB", "vi": "vi", "zh": "zh_Hans_CN"}


@cache
def locale_of(language: str) -> "Locale":
    """Babel's locale for the dates of a language; by its name Babel would parse it for every date of a page."""
    from babel import Locale  # noqa: PLC0415  # 50 ms that few commands need

    return Locale.parse(_LOCALES.get(language, "en_GB"))


@lru_cache(4096)
def said(at: datetime, zone: ZoneInfo | None, language: str) -> str:
    """A time to the minute: `3 May 2026 09:00 GMT+07:00 (2026-05-03 02:00 UTC)`; without a zone the part in UTC.

    Kept: the same times of the same cases are told again and again, and each takes longer than the rest of its line.
    """
    instant = f"{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
    if zone is None:
        return instant
    from babel.dates import format_skeleton, get_timezone_gmt  # noqa: PLC0415  # the same

    locale, local = locale_of(language), at.astimezone(zone)
    day = format_skeleton("yMMMd", local, tzinfo=zone, locale=locale)
    minute = format_skeleton("Hm", local, tzinfo=zone, locale=locale)
    return f"{day} {minute} {get_timezone_gmt(local, locale=locale)} ({instant})"
