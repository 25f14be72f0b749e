"""The command line's language: that of the terminal, by the same variables that gettext's programs read."""

import os
from dataclasses import dataclass
from functools import cache
from zoneinfo import ZoneInfo

from desk.words import Languages, Words
from rulebook.zones import zones

# Where a terminal says its locale, the strongest first; `LANGUAGE` comes before them, unless the locale is C.
_LOCALE = ("LC_ALL", "LC_MESSAGES", "LANG")


@dataclass
class _Told:
    zone: ZoneInfo | None = None


_told = _Told()


def words() -> Words:
    """The words of whoever runs the command; times are in the zone that `TZ` names, else in that of what is shown."""
    of_terminal = terminal()
    return of_terminal if of_terminal.zone else of_terminal.timed(_told.zone)


def times_in(zone: ZoneInfo | None) -> None:
    """Tell times in this zone, that of what is shown, unless `TZ` names another; without any in UTC."""
    _told.zone = zone


@cache
def terminal() -> Words:
    """The words of the terminal's language, in the zone that `TZ` names."""
    locale = next((value for name in _LOCALE if (value := os.environ.get(name))), "")
    said = locale if locale in {"C", "POSIX"} else os.environ.get("LANGUAGE") or locale
    tags = [tag.partition(".")[0].partition("@")[0].replace("_", "-") for tag in said.split(":")]
    languages = Languages()
    return languages.words(languages.negotiate(",".join(tags)), _zone())


def _zone() -> ZoneInfo | None:
    name = os.environ.get("TZ", "").removeprefix(":")
    return ZoneInfo(name) if name in zones() else None
