"""A month's figures: what was decided, how soon, and what appeals made of it; for ops and auditors."""

import csv
import io
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Engine

from desk.reading.life import must_oversee
from rulebook.calendar import MONTH, month_bounds
from states.situation import Actor
from states.terms import Code, RefusedError
from store.month import figures
from store.row_security import present

COLUMNS = (
    "by", "key", "decided", "violation", "none", "duplicate", "hours_median", "hours_90",
    "appealed", "upheld", "modified", "overturned", "set_aside",
)  # fmt: skip
# With these a spreadsheet begins what it computes.
_COMPUTED = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True)
class Month:
    """A month of a zone, and its rows (`store/month.py`)."""

    month: str
    zone: ZoneInfo
    rows: list[dict[str, Any]]

    @property
    def sheet(self) -> str:
        """The rows as CSV, for other programs; a name that a spreadsheet would compute has a ' before it."""
        written = io.StringIO(newline="")
        csv.writer(written).writerows([COLUMNS, *([_plain(row[name]) for name in COLUMNS] for row in self.rows)])
        return written.getvalue()


class Months:
    """Reads; nothing is changed."""

    def __init__(self, engine: Engine, now: Callable[[], datetime]) -> None:
        self._engine = engine
        self._now = now

    def of(self, actor: Actor, month: str, zone: ZoneInfo | None = None) -> Month:
        """The figures of a month, like `2026-10`, of a zone (default: UTC).

        Raises:
            RefusedError: `forbidden`; `invalid`, field `month`: it is none.
        """
        must_oversee(actor)
        if not MONTH.fullmatch(month):
            raise RefusedError(Code.INVALID, "input.form", "month", form="month")
        zone = zone or ZoneInfo("UTC")
        with present(self._engine, actor, self._now()) as (connection, _):
            return Month(month, zone, figures(connection, *month_bounds(month, zone)))


def _plain(value: Any) -> Any:
    return f"'{value}" if isinstance(value, str) and value.startswith(_COMPUTED) else value
