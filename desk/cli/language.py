"""The command line's language: that of the terminal, by the same variables that gettext's programs read."""

import os
from functools import cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from desk.words import Languages, Words

# Where a terminal says its locale, the strongest first; `LANGUAGE` comes before them, unless the locale is C.
_LOCALE = ("LC_ALL", "LC_MESSAGES", "LANG")


@cache
def words() -> Words:
    """The words of whoever runs the command; times are in the zone that `TZ` names, else in UTC."""
    locale = next((value for name in _LOCALE if (value := os.environ.get(name))), "")
    said = locale if locale in {"C", "POSIX"} else os.environ.get("LANGUAGE") or locale
    tags = [tag.partition(".")[0].partition("@")[0].replace("_", "-") for tag in said.split(":")]
    languages = Languages()
    return languages.words(languages.negotiate(",".join(tags)), _zone())


def _zone() -> ZoneInfo | None:
    name = os.environ.get("TZ", "").removeprefix(":")
    try:
        return ZoneInfo(name) if name else None
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None
