"""How long is a span? Lengths of time as policy people write them: `30 minutes`, `2 weeks`, `6 calendar months`."""

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal, Self, cast
from zoneinfo import ZoneInfo

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import CoreSchema, core_schema

from rulebook.calendar import local
from rulebook.mistake import Mistake

Unit = Literal["second", "minute", "hour", "day", "week", "month", "year"]

# fmt: off
SHORT: dict[str, Unit] = {"s": "second", "m": "minute", "h": "hour", "d": "day", "w": "week"}
DAYS:  dict[Unit, float] = {
    "second": 1 / 86400, "minute": 1 / 1440, "hour": 1 / 24, "day": 1, "week": 7, "month": 31, "year": 366
}
# fmt: on

PATTERN = r"^\s*(\d{1,8})\s*(?:([smhdw])|(second|minute|hour|day|week|calendar month|calendar year|month|year)s?)\s*$"
CENTURY = 36_600


@dataclass(frozen=True, slots=True)
class Span:
    """A positive length of time of at most a century, in one unit; its text is canonical (`2h` reads `2 hours`).

    Seconds, minutes and hours are elapsed time; days, weeks, months and years are counted on the calendar (ruling 11).
    """

    amount: int
    unit: Unit

    def __post_init__(self) -> None:
        if not 0 < self.amount * DAYS[self.unit] <= CENTURY:
            raise ValueError("a length of time is more than nothing and at most a century")

    @classmethod
    def of(cls, text: str) -> Self:
        """Read a text such as `30m`, `72 hours` or `6 calendar months`.

        Raises:
            ValueError: the text is no length of time.
        """
        found = re.match(PATTERN, text)
        if not found:
            raise ValueError("a length of time is a number and a unit, such as `30 minutes`, `7 days` or `6 months`")
        amount, short, long = found.groups()
        return cls(int(amount), SHORT[short] if short else cast("Unit", long.removeprefix("calendar ")))

    def after(self, at: datetime, zone: ZoneInfo) -> datetime:
        """Give the instant, in UTC, that is this long after `at`.

        On the calendar it has the same local time; a month's last day where there is no such day. A local time that
        occurs twice is its first; one that is skipped is read with the offset before the clocks changed (PEP 495).

        Raises:
            ValueError: `at` has no time zone.
        """
        there = local(at, zone)
        if self.unit in ("second", "minute", "hour"):
            return there.astimezone(UTC) + timedelta(**{f"{self.unit}s": self.amount})
        if self.unit in ("day", "week"):
            wall = there.replace(tzinfo=None) + timedelta(**{f"{self.unit}s": self.amount})
        else:
            wall = _months(there.replace(tzinfo=None), self.amount * (12 if self.unit == "year" else 1))
        return wall.replace(tzinfo=zone, fold=0).astimezone(UTC)

    def __str__(self) -> str:
        return f"{self.amount} {self.unit}{'' if self.amount == 1 else 's'}"

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Validate from a text or a Span, serialise to the canonical text."""
        text = core_schema.no_info_after_validator_function(cls.of, core_schema.str_schema(strict=True))
        return core_schema.json_or_python_schema(
            json_schema=text,
            python_schema=core_schema.union_schema(
                [(core_schema.is_instance_schema(cls), "span"), (text, "text")],
                custom_error_type="span",
                custom_error_message=Mistake("span").message,
            ),
            serialization=core_schema.to_string_ser_schema(),
        )

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        """Show editors a text with a pattern."""
        return {"type": "string", "pattern": PATTERN, "examples": ["30 minutes", "7 days", "6 calendar months"]}


def _months(wall: datetime, months: int) -> datetime:
    year, month = divmod(wall.year * 12 + wall.month - 1 + months, 12)
    return wall.replace(year=year, month=month + 1, day=min(wall.day, monthrange(year, month + 1)[1]))
