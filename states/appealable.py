"""Can a report be appealed? The one answer for API, console and commit (`docs/domain.md` §5.3, rulings 6 and 16).

What of the report counts, such as that the platform never appeals, is `window_of` of `activities/move/situation.py`;
which roles of a side file appeals is a requirement of `states/law.py`, and who is on a side, a rule of
`states/sight.py`.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from states.situation import Window
from states.terms import AppealReason, Finding, Outcome, Side, Stage, Status


class Appeal(StrEnum):
    """Available; hidden: not, or no longer, eligible; expired: the window is over."""

    AVAILABLE = "available"
    HIDDEN = "hidden"
    EXPIRED = "expired"


@dataclass(frozen=True)
class Appealable:
    """The answer, its reason (an `AppealReason` by its value), and the end of the window where there is one."""

    answer: Appeal
    reason: str
    until: datetime | None = None

    @classmethod
    def of_nobody(cls) -> "Appealable":
        """The answer to somebody who is no party."""
        return cls(Appeal.HIDDEN, AppealReason.NOT_A_PARTY)


def appealable(report: Window, side: Side | None, now: datetime) -> Appealable:
    """Say whether `side` can appeal the report at `now`; `at < end` is inside the window."""
    if side is None:
        return Appealable(Appeal.HIDDEN, AppealReason.NOT_A_PARTY)
    if report.live_appeal and side is _whose(report):
        return Appealable(Appeal.HIDDEN, AppealReason.ALREADY_APPEALED, report.ends_at)
    if report.status.to_parties.stage is Stage.UNDER_REVIEW:
        if side is Side.RESPONDENT:
            return Appealable(Appeal.AVAILABLE, AppealReason.HELD_UNTIL_VERDICT)
        return Appealable(Appeal.HIDDEN, AppealReason.NO_VERDICT)
    if not _entitled(report, side):
        return Appealable(Appeal.HIDDEN, AppealReason.NOT_ENTITLED)
    if report.ends_at is None:
        return Appealable(Appeal.HIDDEN, AppealReason.NO_WINDOW)
    if report.status is Status.OPEN and now < report.ends_at:
        return Appealable(Appeal.AVAILABLE, AppealReason.WINDOW_OPEN, report.ends_at)
    if report.status is Status.OPEN or _ran_out(report, report.ends_at):
        return Appealable(Appeal.EXPIRED, AppealReason.WINDOW_OVER, report.ends_at)
    return Appealable(Appeal.HIDDEN, AppealReason.FINAL)


def of_an_appeal() -> Appealable:
    """The answer about a case that is an appeal itself."""
    return Appealable(Appeal.HIDDEN, AppealReason.IS_AN_APPEAL)


def _whose(report: Window) -> Side:
    """The side that can have a live appeal; the other side is not told of it."""
    return Side.REPORTER if report.finding is Finding.NONE else Side.RESPONDENT


def _ran_out(report: Window, ends_at: datetime) -> bool:
    """Whether the window ran out; not where an appeal outlived it and was then withdrawn."""
    over = report.outcome in {Outcome.WINDOW_OVER, Outcome.DISMISSED}
    return over and report.closed_at is not None and report.closed_at <= ends_at


def _entitled(report: Window, side: Side) -> bool:
    if side is Side.RESPONDENT:
        return report.finding is Finding.VIOLATION
    return report.finding is Finding.NONE and report.by_reporter
