"""Draws a score over months as a strip: its steps, the lines of its tiers, and where it begins anew."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from math import inf

from desk.drawing.chart import Chart
from desk.drawing.svg import across, anchored, band, element, line, picture, text

_TOP, _FOOT, _DOT = 20, 24, 4
# The parts of the width at which the months begin and end: before them stand the points of the lines.
LEFT, RIGHT = 0.09, 0.99
# Of dots that stand closer than this, only the last has its points written: there nothing covers them.
_APART = 0.06


@dataclass(frozen=True)
class Strip:
    """A chart, at so many pixels between floor and cap; and how the reader names a month, and a day with its points.

    `until` is how far the score is known: the steps end there. `reset` is the score with which the time after the
    chart begins, of a score that begins anew.
    """

    chart: Chart
    month: Callable[[datetime], str]
    day: Callable[[datetime, int], str]
    until: datetime | None = None
    reset: int | None = None
    scale: int = 120

    @property
    def height(self) -> int:
        """The picture's height in pixels."""
        return _TOP + self.scale + _FOOT

    def x(self, months: float) -> float:
        """Where a time is, as a part of the width; of `Chart.place`."""
        return LEFT + (RIGHT - LEFT) * months / len(self.chart.months)

    def y(self, points: int) -> float:
        """How high points stand, in pixels from the top."""
        return _TOP + self.scale * (self.chart.cap - points) / (self.chart.cap - self.chart.floor)


def drawn(strip: Strip, title: str, told: str) -> str:
    """Draw the strip; `title` and `told` are for who can't see it."""
    return picture("strip", strip.height, title, told, parts(strip))


def parts(strip: Strip) -> Iterator[str]:
    """The strip's elements, for a picture that holds more than it."""
    yield from _lines(strip)
    yield from _months(strip)
    yield from _steps(strip)
    yield from _events(strip)
    yield from _anew(strip)


def _lines(strip: Strip) -> Iterator[str]:
    """The zone below the first line, and each line; of those that stand too close to be read, the higher is named."""
    chart, named = strip.chart, strip.y(strip.chart.cap)
    yield text(f"{chart.cap}", LEFT - 0.01, named + 4, "tick", "end")
    if chart.lines:
        yield band("zone", LEFT, strip.y(chart.lines[0].points), RIGHT, strip.y(chart.floor))
    for number, one in enumerate(chart.lines):
        y, class_ = strip.y(one.points), "tick" if number else "limit"
        yield line(class_, LEFT, y, RIGHT, y)
        if y - named > _TOP / 2 + _DOT:
            yield text(f"{one.points}", LEFT - 0.01, y + 4, class_, "end")
            named = y


def _months(strip: Strip) -> Iterator[str]:
    """Each month's name; every other one may be left out where there is little room."""
    bottom = strip.y(strip.chart.floor)
    yield line("axis", LEFT, bottom, RIGHT, bottom)
    for number, first in enumerate(strip.chart.months):
        yield line("axis", strip.x(number), bottom, strip.x(number), bottom + _DOT)
        class_ = "month between" if number % 2 else "month"
        yield text(strip.month(first), strip.x(number + 0.5), bottom + _FOOT - 6, class_)


def _steps(strip: Strip) -> Iterator[str]:
    """Level at each score, and down or up to the next one."""
    known = strip.chart.place(strip.until or strip.chart.end)
    before: int | None = None
    for start, end, points in strip.chart.steps():
        if before not in {None, points}:
            yield line("score", strip.x(start), strip.y(before or 0), strip.x(start), strip.y(points))
        yield line("score", strip.x(start), strip.y(points), strip.x(min(end, known)), strip.y(points))
        before = points


def _events(strip: Strip) -> Iterator[str]:
    """A dot for each change, with the points after it where nothing else stands."""
    points = strip.chart.points
    places = [strip.x(strip.chart.place(at)) for at, _ in points[1:]]
    for (_, before), (at, after), x, following in zip(points, points[1:], places, [*places[1:], inf], strict=False):
        y, said = strip.y(after), element("title", strip.day(at, after))
        yield element("circle", said, class_="lost" if after < before else "gained", cx=across(x), cy=y, r=_DOT)
        if following - x > _APART:
            yield text(f"{after}", x, y + (17 if after < before else -9), "value")


def _anew(strip: Strip) -> Iterator[str]:
    if strip.reset is not None:
        top, chart = strip.y(strip.reset), strip.chart
        yield line("anew", RIGHT, strip.y(chart.floor), RIGHT, top)
        yield element("circle", class_="anew", cx=across(RIGHT), cy=top, r=_DOT)
        yield text(f"{strip.reset}", RIGHT, top - 8, "anew", anchored(RIGHT))
