"""Which year, month and day is it in a region? Calendar arithmetic in its time zone; every instant returned is UTC."""

import re
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

LIFE = "life"
# How people write a period of a score, and a month; others than these have figures of nobody.
PERIOD = re.compile(f"[0-9]{{4}}|{LIFE}")
MONTH = re.compile("(19|20)[0-9]{2}-(0[1-9]|1[0-2])")

PeriodKind = Literal["calendar year", "none"]


def local(at: datetime, zone: ZoneInfo) -> datetime:
    """Give an instant as the zone's clocks show it.

    Raises:
        ValueError: `at` has no time zone; a naive time is a mistake, not a local one.
    """
    if at.tzinfo is None:
        raise ValueError(f"{at.isoformat()} has no time zone")
    return at.astimezone(zone)


def local_day(at: datetime, zone: ZoneInfo) -> date:
    """Give the local date of an instant."""
    return local(at, zone).date()


def month(at: datetime, zone: ZoneInfo) -> str:
    """Give the local calendar month of an instant, as `2026-06`: the month of a quota (§4.1)."""
    return f"{local(at, zone):%Y-%m}"


def period(kind: PeriodKind, at: datetime, zone: ZoneInfo) -> str:
    """Give the period that an act belongs to: its local year, as `2026`, or `life` where a score has none (§2.2)."""
    return f"{local(at, zone):%Y}" if kind == "calendar year" else LIFE


def period_end(period: str, zone: ZoneInfo) -> datetime | None:
    """Give the instant at which a period is over, none for `life`."""
    return None if period == LIFE else _midnight(date(int(period) + 1, 1, 1), zone)


def month_bounds(month: str, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """Give the first instant of a month and the first of the one after: inside is `start <= at < end`."""
    first = date.fromisoformat(f"{month}-01")
    return _midnight(first, zone), _midnight((first + timedelta(days=31)).replace(day=1), zone)


def year_bounds(year: str, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """Give the first instant of a year and the first of the one after: inside is `start <= at < end`."""
    return _midnight(date(int(year), 1, 1), zone), _midnight(date(int(year) + 1, 1, 1), zone)


def next_month(at: datetime, zone: ZoneInfo) -> datetime:
    """Give the instant at which the next local month begins: when a quota opens again (§4.1)."""
    return month_bounds(month(at, zone), zone)[1]


def day_bounds(day: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """Give the first instant of a local day and the first of the one after: inside is `start <= at < end`."""
    return _midnight(day, zone), _midnight(day + timedelta(days=1), zone)


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), tzinfo=zone).astimezone(UTC)
