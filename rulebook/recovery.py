"""When does a creator get points back? The clean days that complete a recovery (§3.4, ruling 9). Pure."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from collections.abc import Set as AbstractSet
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from rulebook.scheme import Recovery


class Gained(NamedTuple):
    """The points that each gain gives back, by the local day that completed it, and the clean days since the last."""

    points: dict[date, int]
    since: int


def gains(
    days: Iterable[tuple[date, Decimal]],
    violation_days: AbstractSet[date],
    recovery_of: Callable[[date], Recovery | None],
) -> Gained:
    """Count the clean days of a creator's whole life, each by the recovery of that day; where it has none, nothing.

    `days` are the streamed hours by local day; several of one day add up. A clean day has at least the recovery's
    hours and no standing violation. The one with which the days since the last gain are as many as the recovery of that
    day asks gives its points; nothing resets the count.
    """
    streamed: defaultdict[date, Decimal] = defaultdict(Decimal)
    for day, hours in days:
        streamed[day] += hours
    gained: dict[date, int] = {}
    since = 0
    for day, hours in sorted(streamed.items()):
        recovery = recovery_of(day)
        if recovery is None or hours < recovery.hours or day in violation_days:
            continue
        since += 1
        if since >= recovery.days:
            gained[day], since = recovery.points, 0
    return Gained(gained, since)


def missing(since: int, recovery: Recovery) -> int:
    """How many more clean days bring the next gain, to somebody with so many since the last."""
    return max(recovery.days - since, 1)
