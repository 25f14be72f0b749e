"""Days, times, ages and what is left, as the reader's language and zone have them."""

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache

from babel import Locale
from babel.dates import format_date, format_skeleton, format_timedelta
from babel.units import format_unit

from desk.words import Words
from desk.words.times import locale_of
from rulebook.span import Span

# In minutes, and in seconds.
_DAY, _HOUR, _MINUTE = 24 * 60, 60, 60


@lru_cache(4096)
def _apart(minutes: int, locale: Locale) -> str:
    """Kept: a list tells ages in each of its rows, and Babel takes longer for one than the rest of the row takes."""
    away = timedelta(minutes=minutes)
    return str(format_timedelta(away, granularity="minute", threshold=1.2, add_direction=True, locale=locale))


class Times:
    """Writes times for a reader at `now`; without a zone of theirs in UTC. Babel joins no skeletons."""

    def __init__(self, words: Words, now: datetime) -> None:
        self._zone = words.zone or UTC
        self._locale = locale_of(words.language)
        self._words = words
        self.now = now

    def day(self, at: datetime | date) -> str:
        """`3 May`, and with its year where that is not this one."""
        local = at.astimezone(self._zone) if isinstance(at, datetime) else at
        own = local.year == self.now.astimezone(self._zone).year
        return str(format_skeleton("MMMd" if own else "yMMMd", local, locale=self._locale))

    def minute(self, at: datetime) -> str:
        """`3 May 09:00`."""
        local = at.astimezone(self._zone)
        return f"{self.day(at)} {format_skeleton('Hm', local, locale=self._locale)}"

    def second(self, at: datetime) -> str:
        """`3 May 09:00:07`."""
        local = at.astimezone(self._zone)
        return f"{self.day(at)} {format_skeleton('Hms', local, locale=self._locale)}"

    def lasting(self, time: timedelta) -> str:
        """`23 days`, `4 hours`."""
        if time >= timedelta(days=2):
            return str(format_unit(time.days, "duration-day", locale=self._locale))
        return str(format_timedelta(time, granularity="second", threshold=1.5, locale=self._locale))

    def span(self, span: Span) -> str:
        """A length of time as a rulebook states it: `6 months`."""
        return str(format_unit(span.amount, f"duration-{span.unit.removesuffix('s')}", locale=self._locale))

    def full(self, at: datetime) -> str:
        """The time in the reader's zone and in UTC."""
        return self._words.time(at)

    def apart(self, at: datetime) -> str:
        """`5 minutes ago`, `in 3 days`."""
        away = round((at - self.now).total_seconds() / _MINUTE)
        if abs(away) > _DAY:
            away = round(away / _HOUR) * _HOUR
        return _apart(away or (1 if at >= self.now else -1), self._locale)

    @property
    def zone(self) -> str:
        """In which zone times are told: `Asia/Ho_Chi_Minh`."""
        return getattr(self._zone, "key", "UTC")

    @property
    def this_month(self) -> str:
        """The reader's month, as `2026-05`."""
        return f"{self.now.astimezone(self._zone):%Y-%m}"

    def short_month(self, on: date) -> str:
        """`May`, as short as the language has it."""
        return str(format_date(on, "MMM", locale=self._locale))

    def month(self, on: date) -> str:
        """`May 2026`."""
        return str(format_skeleton("yMMMM", on, locale=self._locale))
