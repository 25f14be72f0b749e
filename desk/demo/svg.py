"""Draws a chart as one SVG file without references, for light and dark themes."""

from collections.abc import Iterator
from datetime import datetime
from html import escape

from desk.drawing.chart import Chart
from desk.drawing.strip import LEFT, RIGHT, Strip, parts
from desk.drawing.svg import element

_TOP, _SCALE, _MONTH, _BAR, _LABELS = 36, 320, 60, 18, 250
_STYLE = """
    text { font: 12px system-ui, sans-serif; fill: #57606a } .back { fill: #fff } line { fill: none; stroke: #d0d7de }
    .title { font-size: 16px; font-weight: 600; fill: #1f2328 }
    .score { stroke: #1f2328; stroke-width: 2.5; stroke-linecap: round } circle { fill: #1f2328 }
    .value { font-size: 11px; font-weight: 600; fill: #1f2328 } .zone { fill: #cf222e; opacity: .08 }
    line.limit, line.tick { stroke: #cf222e; stroke-dasharray: 3 4; opacity: .7 } text.limit { fill: #cf222e }
    .bar { fill: #8250df } .track { fill: #8250df; opacity: .12 }
    @media (prefers-color-scheme: dark) {
      text { fill: #9198a1 } .title, .value, circle { fill: #f0f6fc } .score { stroke: #f0f6fc } .back { fill: #0d1117 }
      line { stroke: #3d444d } line.limit, line.tick { stroke: #f85149 } text.limit, .zone { fill: #f85149 }
      .bar, .track { fill: #ab7df8 }
    }"""


def drawn(chart: Chart) -> str:
    """Draw the chart as the text of an SVG file: the strip, the names of its lines, and what was restricted when."""
    strip = Strip(chart, _month, _day, scale=_SCALE)
    wide = _MONTH * len(chart.months)
    size = {"width": wide + _LABELS, "height": _TOP + strip.height + 16 + _BAR * len(chart.bars)}
    told = ", ".join(f"{points} from {at:%Y-%m-%d}" for at, points in chart.points)
    return element(
        "svg",
        element("title", escape(chart.title)),
        element("desc", escape(f"The score: {told}.")),
        element("style", _STYLE),
        element("rect", class_="back", rx=8, **size),
        element("text", escape(chart.title), class_="title", x=24, y=28),
        element("svg", *parts(strip), y=_TOP, width=wide, height=strip.height),
        *_names(chart, strip, wide),
        *_bars(chart, strip, wide),
        xmlns="http://www.w3.org/2000/svg",
        role="img",
        **size,
    )


def _names(chart: Chart, strip: Strip, wide: int) -> Iterator[str]:
    for one in chart.lines:
        yield element("text", escape(f"{one.reads} {one.key}"), x=wide + 6, y=_TOP + strip.y(one.points) + 4)


def _bars(chart: Chart, strip: Strip, wide: int) -> Iterator[str]:
    for number, bar in enumerate(chart.bars):
        place = {"y": _TOP + strip.height + 8 + _BAR * number, "height": 8, "rx": 4}
        yield element("rect", class_="track", x=LEFT * wide, width=(RIGHT - LEFT) * wide, **place)
        for start, end in bar.spans:
            x, until = strip.x(chart.place(start)) * wide, strip.x(chart.place(end)) * wide
            yield element("rect", class_="bar", x=x, width=until - x, **place)
        yield element("text", escape(bar.label), x=wide + 6, y=place["y"] + 8)


def _month(first: datetime) -> str:
    return f"{first:%b}"


def _day(at: datetime, points: int) -> str:
    return f"{at:%d %b %Y}: {points}"
