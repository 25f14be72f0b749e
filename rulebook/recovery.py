"""When does a creator get points back? The clean days that complete a recovery (§3.4, ruling 9). Pure."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from rulebook.scheme import Recovery


def gains(days: Iterable[tuple[date, Decimal]], violation_days: set[date], recovery: Recovery) -> list[date]:
    """Give the local day of each gain of `recovery.points`, in order.

    `days` are the streamed hours by local day, of the creator's whole life; several of one day add up. A clean day has
    at least `recovery.hours` and no standing violation; every `recovery.days`-th one gains, nothing resets the count.
    """
    streamed: defaultdict[date, Decimal] = defaultdict(Decimal)
    for day, hours in days:
        streamed[day] += hours
    clean = sorted(day for day, hours in streamed.items() if hours >= recovery.hours and day not in violation_days)
    return clean[recovery.days - 1 :: recovery.days]


def missing(clean: int, recovery: Recovery) -> int:
    """How many more clean days bring the next gain, to somebody with so many."""
    return recovery.days - clean % recovery.days
