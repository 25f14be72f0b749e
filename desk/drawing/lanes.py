"""Draws what happened in lanes over one time axis, to scale; where nothing happens for long, the axis is broken."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from html import escape
from itertools import accumulate, pairwise

from desk.drawing.svg import across, anchored, band, element, line, picture, text

_MINUTE, _HOUR, _WEEK = 60, 3600, 7 * 24 * 3600
# A gap of an hour or more is broken where it is so many times as long as all the rest; one of a week always.
_TIMES = 8
# Parts of the width: a break, the least of what is to scale, and how close two words may stand.
_BREAK, _LEAST, _APART = 0.07, 0.3, 0.11
_TOP, _LANE, _MIDDLE, _AXIS, _BAR, _DOT = 18, 52, 38, 24, 14, 5


@dataclass(frozen=True)
class Bar:
    """From one second until another, of a kind (a class of the picture); `says` is what it is, and when."""

    start: float
    end: float
    kind: str
    says: str


@dataclass(frozen=True)
class Dot:
    """At a second, of a kind; `says` is what happened, and when."""

    at: float
    kind: str
    says: str


@dataclass(frozen=True)
class Lane:
    """A lane with its name; bars lie below dots."""

    name: str
    bars: Sequence[Bar] = ()
    dots: Sequence[Dot] = ()

    def moments(self) -> Iterator[float]:
        """All seconds at which something is."""
        yield from (at for bar in self.bars for at in (bar.start, bar.end))
        yield from (dot.at for dot in self.dots)


@dataclass(frozen=True)
class Lanes:
    """Lanes over the same seconds; how the reader writes a moment of the axis, and how long a break lasts."""

    lanes: Sequence[Lane]
    moment: Callable[[float], str]
    lasting: Callable[[float], str]

    @cached_property
    def scale(self) -> "Scale":
        """Where each second stands."""
        return Scale(sorted({at for lane in self.lanes for at in lane.moments()}))

    @property
    def height(self) -> int:
        """The picture's height in pixels."""
        return self.top + _LANE * len(self.lanes) + _AXIS

    @property
    def top(self) -> int:
        """Where the lanes begin: below the rows in which stands how long the breaks last."""
        return _TOP * (max(self.scale.rows, default=-1) + 1)


class Scale:
    """An axis over seconds, given in order: to scale between its breaks, each of which is equally wide."""

    def __init__(self, moments: Sequence[float]) -> None:
        gaps = list(pairwise(moments))
        self.breaks = frozenset(_broken(gaps))
        self.ends = sorted({*moments[:1], *moments[-1:], *(at for gap in self.breaks for at in gap)})
        wide = min(_BREAK, (1 - _LEAST) / max(len(self.breaks), 1))
        whole = sum(end - start for start, end in gaps if (start, end) not in self.breaks)
        left = 1 - wide * len(self.breaks)
        steps = (wide if (start, end) in self.breaks else left * (end - start) / whole for start, end in gaps)
        self._places = dict(zip(moments, accumulate(steps, initial=0.0), strict=False))
        self.rows = _rows([self.middle(gap) for gap in sorted(self.breaks)])

    def x(self, at: float) -> float:
        """Where one of the moments stands, as a part of the width."""
        return min(self._places[at], 1.0)

    def middle(self, gap: tuple[float, float]) -> float:
        """Where the middle of a break stands."""
        return (self.x(gap[0]) + self.x(gap[1])) / 2


def _rows(middles: Sequence[float]) -> list[int]:
    """In which row the words at each of these places stand, from the lowest up: in none do two touch."""
    ends, rows = list[float](), list[int]()
    for middle in middles:
        row = next((number for number, end in enumerate(ends) if middle - end > _APART), len(ends))
        ends[row : row + 1] = [middle]
        rows.append(row)
    return rows


def _broken(gaps: Sequence[tuple[float, float]]) -> Iterator[tuple[float, float]]:
    """The gaps that are broken, the longest first; never one beside which there is nothing to see."""
    rest = sum(end - start for start, end in gaps)
    for start, end in sorted(gaps, key=lambda gap: gap[0] - gap[1]):
        lasts = end - start
        rest -= lasts
        if rest < _MINUTE or lasts < _HOUR or (lasts < _WEEK and lasts < _TIMES * rest):
            return
        yield start, end


def drawn(lanes: Lanes, title: str, told: str) -> str:
    """Draw the lanes; `title` and `told` are for who can't see them."""
    return picture("lanes", lanes.height, title, told, _parts(lanes))


def _parts(lanes: Lanes) -> Iterator[str]:
    """The breaks lie over what lasts and below what is written and what happened."""
    scale, bottom = lanes.scale, lanes.top + _LANE * len(lanes.lanes)
    placed = [(lane, lanes.top + _LANE * number) for number, lane in enumerate(lanes.lanes)]
    for lane, top in placed:
        yield from _bars(lane, scale, top + _MIDDLE)
    for (start, end), row in zip(sorted(scale.breaks), scale.rows, strict=True):
        middle = scale.middle((start, end))
        yield band("break", scale.x(start), lanes.top, scale.x(end), bottom)
        yield text(f"⋯ {lanes.lasting(end - start)}", middle, lanes.top - _TOP * row - 5, "lasting", anchored(middle))
    for lane, top in placed:
        yield text(lane.name, 0, top + 16, "name", "start")
        yield from _dots(lane, scale, top + _MIDDLE)
    yield line("axis", 0, bottom, 1, bottom)
    yield from _axis(lanes, bottom)


def _bars(lane: Lane, scale: Scale, middle: float) -> Iterator[str]:
    yield line("rail", 0, middle, 1, middle)
    for bar in lane.bars:
        x, end = scale.x(bar.start), scale.x(bar.end)
        yield element(
            "rect",
            element("title", escape(bar.says)),
            class_=f"bar {bar.kind}",
            x=across(x),
            y=middle - _BAR / 2,
            width=across(max(end - x, 0.003)),
            height=_BAR,
            rx=3,
        )


def _dots(lane: Lane, scale: Scale, middle: float) -> Iterator[str]:
    for dot in lane.dots:
        said = element("title", escape(dot.says))
        yield element("circle", said, class_=f"dot {dot.kind}", cx=across(scale.x(dot.at)), cy=middle, r=_DOT)


def _axis(lanes: Lanes, bottom: float) -> Iterator[str]:
    """When each stretch begins, and when the last one ends; of words that would touch, the first is written."""
    scale, right = lanes.scale, -1.0
    for at in scale.ends:
        x = scale.x(at)
        yield line("axis", x, bottom, x, bottom + 4)
        if x - right > _APART:
            yield text(lanes.moment(at), x, bottom + 18, "moment", anchored(x))
            right = x
