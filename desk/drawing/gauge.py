"""Draws a score as a gauge: how much there is, and where the lines are."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from desk.drawing.svg import anchored, band, element, line, picture, text

HEIGHT = 64
_TOP, _BOTTOM, _POINTS, _LABEL = 24, 38, 14, 60


@dataclass(frozen=True)
class Gauge:
    """A score of `points` between `floor` and `cap`.

    `lines` are the thresholds of its tiers from the highest to the lowest: below the first its zone begins.
    """

    points: int
    floor: int
    cap: int
    lines: Sequence[int]

    def place(self, points: int) -> float:
        """Where points are, as a part of the width."""
        return (min(max(points, self.floor), self.cap) - self.floor) / (self.cap - self.floor)


def drawn(gauge: Gauge, title: str, told: str) -> str:
    """Draw the gauge; `title` and `told` are for who can't see it."""
    return picture("gauge", HEIGHT, title, told, _parts(gauge))


def bar(gauge: Gauge) -> str:
    """Draw it small and without words, for a table that says them."""
    place = gauge.place(gauge.points)
    parts = [*_zones(gauge, 0, 8), line("here", place, -2, place, 10)]
    return element("svg", *parts, class_="gauge small", width="100%", height=8, aria_hidden="true")


def _parts(gauge: Gauge) -> Iterator[str]:
    yield from _zones(gauge, _TOP, _BOTTOM)
    for number, points in enumerate(gauge.lines):
        at, class_ = gauge.place(points), "tick" if number else "limit"
        yield line(class_, at, _TOP, at, _BOTTOM)
        yield text(f"{points}", at, _LABEL, class_, anchored(at) if at in {0, 1} else "middle")
    here = gauge.place(gauge.points)
    yield line("here", here, _TOP - 5, here, _BOTTOM + 5)
    yield text(f"{gauge.points}", here, _POINTS, "points", anchored(here))


def _zones(gauge: Gauge, top: float, bottom: float) -> Iterator[str]:
    begins = gauge.place(gauge.lines[0]) if gauge.lines else 0
    yield band("zone", 0, top, begins, bottom)
    yield band("safe", begins, top, 1, bottom)
