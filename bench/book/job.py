"""What goes into the steps of a move and comes out of them; the numbers of procedure that they need."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

QUOTA = 30
START, PRICES = 100, (5, 5, 10)
# A score's tiers: at or below so many points, which penalty, which restrictions.
TIERS: tuple[tuple[int, str, list[str]], ...] = (
    (80, "watch", []),
    (60, "restricted", ["recruiting"]),
    (40, "probation", ["bonus"]),
    (20, "suspended", ["operations"]),
    (0, "terminated", ["contract"]),
)
# By severity: the base penalty, its days, its restrictions.
BASE: dict[str, tuple[str, int, list[str]]] = {
    "mild": ("warning", 30, []),
    "moderate": ("recruiting_paused", 7, ["recruiting"]),
}
# By status: what time does when it has passed, after how many seconds, and where that leads.
DEADLINES: dict[str, tuple[str, float, str]] = {
    "queued": ("overdue", 72 * 3600, "escalated"),
    "claimed": ("lease_ran_out", 30 * 60, "queued"),
}


@dataclass(frozen=True)
class Report:
    """A report by one agency against another; `window` is in seconds."""

    case: str
    agency: str
    respondent: str
    text: str
    window: float
    occurred_at: datetime
    clause: str = "agency.poaching"


@dataclass(frozen=True)
class Appeal:
    """An appeal against a report's verdict; `key` is its sender's."""

    case: str
    agency: str
    text: str
    key: str


@dataclass(frozen=True)
class Decision:
    """A verdict on a report by its severity, or on an appeal by its outcome."""

    actor: str
    reasons: str
    severity: str | None = None
    outcome: str | None = None


@dataclass(frozen=True)
class Move:
    """A move of a case's row; `due` is its next deadline, in seconds from now."""

    case: str
    event: str
    actor: str
    source: str
    target: str
    key: str
    due: float | None = None
    outcome: str | None = None


@dataclass(frozen=True)
class Charge:
    """A violation that a verdict finds, or that an appeal takes back."""

    violation: str
    subject: str
    occurred_at: datetime
    severity: str
    stands: bool = True

    @property
    def period(self) -> str:
        """The year that the violation counts in."""
        return f"{self.occurred_at:%Y}"


@dataclass(frozen=True)
class Brought:
    """The keys of penalties that began and were lifted, and when the first restriction ends, if there is one."""

    imposed: list[str]
    lifted: list[str]
    restricts_until: datetime | None = None


@dataclass(frozen=True)
class Restriction:
    """What a violation's penalties restrict a subject to, until the first of them ends."""

    subject: str
    violation: str
    until: datetime


@dataclass(frozen=True)
class Notice:
    """A notice to an agency."""

    case: str
    recipient: str
    template: str
    values: dict[str, Any]


@dataclass(frozen=True)
class Answer:
    """What a move's sender is told."""

    case: str
    status: str
    version: int
    score: int | None = None


class RefusedError(Exception):
    """The move can't be made, and has left nothing."""
