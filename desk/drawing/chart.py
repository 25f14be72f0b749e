"""The data of a chart: a score over months, the thresholds of its tiers, and when something was restricted."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

Span = tuple[datetime, datetime]


@dataclass(frozen=True)
class Line:
    """A tier's threshold: in points, as it is labelled (`≤ 80`), and the tier's key."""

    points: int
    reads: str
    key: str

    @property
    def name(self) -> str:
        """The key's last word."""
        return self.key.rpartition(".")[2]


@dataclass(frozen=True)
class Bar:
    """The times at which something was restricted."""

    label: str
    spans: Sequence[Span]


@dataclass(frozen=True)
class Chart:
    """A score in points from `start` until `end`, both the first instant of a month there.

    `points` are in order, each the score from that time on; the first is at or before `start`.
    """

    title: str
    start: datetime
    end: datetime
    floor: int
    cap: int
    points: Sequence[tuple[datetime, int]]
    lines: Sequence[Line] = ()
    bars: Sequence[Bar] = ()

    @property
    def months(self) -> list[datetime]:
        """The first instants of the months."""
        return list(_firsts(self.start, self.end))

    def place(self, at: datetime) -> float:
        """Where a time is on the axis, in months from the start; a short month is as wide as a long one."""
        here = min(max(at.astimezone(self.start.tzinfo), self.start), self.end)
        first = here.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
        whole = (first.year - self.start.year) * 12 + first.month - self.start.month
        return whole + (here - first) / (following(first) - first)

    def depth(self, points: int) -> int:
        """How many thresholds a score has reached: 0 is above them all."""
        return sum(points <= line.points for line in self.lines)

    def steps(self) -> list[tuple[float, float, int]]:
        """The stretches at one score: from and until (in months from the start), and the points."""
        starts = [self.place(at) for at, _ in self.points]
        ends = [*starts[1:], self.place(self.end)]
        return [(a, b, points) for a, b, (_, points) in zip(starts, ends, self.points, strict=True)]


def following(first: datetime) -> datetime:
    """The first instant of the month after."""
    return first.replace(year=first.year + first.month // 12, month=first.month % 12 + 1)


def _firsts(start: datetime, end: datetime) -> Iterator[datetime]:
    while start < end:
        yield start
        start = following(start)
