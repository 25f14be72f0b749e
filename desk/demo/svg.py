"""Draws a chart as one SVG file without references, for light and dark themes."""

from collections.abc import Iterator
from html import escape

from desk.demo.chart import Chart

_LEFT, _TOP, _HEIGHT, _MONTH, _BAR, _LABELS = 48, 56, 320, 52, 18, 260
_STYLE = """
    text { font: 12px system-ui, sans-serif; fill: #57606a } .back { fill: #fff }
    .axis { fill: none; stroke: #d0d7de } .end { text-anchor: end } .middle { text-anchor: middle }
    .title { font-size: 16px; font-weight: 600; fill: #1f2328 }
    .score { fill: none; stroke: #1f2328; stroke-width: 2.5; stroke-linejoin: round } .dot { fill: #1f2328 }
    .value { font-size: 11px; font-weight: 600; fill: #1f2328; text-anchor: middle }
    .line { stroke: currentColor; stroke-dasharray: 3 4; opacity: .7 } .zone { fill: currentColor; opacity: .08 }
    .key { fill: currentColor } .bar { fill: #8250df } .track { fill: #8250df; opacity: .12 }
    .at0 { color: #9a6700 } .at1 { color: #bc4c00 } .at2 { color: #cf222e }
    .at3 { color: #a40e26 } .at4 { color: #82071e }
    @media (prefers-color-scheme: dark) {
      text { fill: #9198a1 } .title, .value, .dot { fill: #f0f6fc } .score { stroke: #f0f6fc } .back { fill: #0d1117 }
      .axis { stroke: #3d444d } .key { fill: currentColor } .bar, .track { fill: #ab7df8 }
      .at0 { color: #d29922 } .at1 { color: #db6d28 } .at2 { color: #f85149 }
      .at3 { color: #ff7b72 } .at4 { color: #ffa198 }
    }"""
_ZONES = 5


def drawn(chart: Chart) -> str:
    """Draw the chart as the text of an SVG file."""
    width, height = _right(chart) + _LABELS, _y(chart, chart.floor) + 44 + _BAR * len(chart.bars)
    told = ", ".join(f"{points} from {at:%Y-%m-%d}" for at, points in chart.points)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height:.0f}" width="{width}" role="img">',
        f"  <title>{escape(chart.title)}</title>",
        f"  <desc>The score: {told}.</desc>",
        f"  <style>{_STYLE}\n  </style>",
        f'  <rect class="back" width="{width}" height="{height:.0f}" rx="8"/>',
        f'  <text class="title" x="{_LEFT}" y="30">{escape(chart.title)}</text>',
        *_frame(chart),
        *_lines(chart),
        *_score(chart),
        *_bars(chart),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _frame(chart: Chart) -> Iterator[str]:
    bottom = _y(chart, chart.floor)
    for points in range(chart.floor, chart.cap + 1, (chart.cap - chart.floor) // 5):
        yield f'  <text class="end" x="{_LEFT - 8}" y="{_y(chart, points) + 4:.1f}">{points}</text>'
    yield f'  <path class="axis" d="M{_LEFT} {_TOP}V{bottom:.1f}H{_right(chart)}"/>'
    for number, first in enumerate(chart.months):
        x = _x(number)
        yield f'  <path class="axis" d="M{x:.1f} {bottom:.1f}v5"/>'
        yield f'  <text class="middle" x="{x + _MONTH / 2:.1f}" y="{bottom + 18:.1f}">{first:%b}</text>'


def _lines(chart: Chart) -> Iterator[str]:
    """Each tier's threshold as a line, and its zone from there down to the next one."""
    right = _right(chart)
    ends = [*(line.points for line in chart.lines[1:]), chart.floor]
    for number, (line, end) in enumerate(zip(chart.lines, ends, strict=True)):
        y, size = (
            _y(chart, line.points),
            f'width="{right - _LEFT}" height="{_y(chart, end) - _y(chart, line.points):.1f}"',
        )
        yield f'  <g class="at{min(number, _ZONES - 1)}">'
        yield f'    <rect class="zone" x="{_LEFT}" y="{y:.1f}" {size}/>'
        yield f'    <path class="line" d="M{_LEFT} {y:.1f}H{right}"/>'
        yield f'    <text class="key" x="{right + 10}" y="{y + 4:.1f}">{escape(f"{line.reads} {line.key}")}</text>'
        yield "  </g>"


def _score(chart: Chart) -> Iterator[str]:
    steps = chart.steps()
    path = f"M{_x(steps[0][0]):.1f} {_y(chart, steps[0][2]):.1f}"
    path += "".join(f"V{_y(chart, points):.1f}H{_x(until):.1f}" for _, until, points in steps)
    yield f'  <path class="score" d="{path}"/>'
    for (_, before), (at, points) in zip(chart.points, chart.points[1:], strict=False):
        x, y = _x(chart.place(at)), _y(chart, points)
        yield f'  <circle class="dot" cx="{x:.1f}" cy="{y:.1f}" r="3.5"><title>{at:%d %b %Y}: {points}</title></circle>'
        yield f'  <text class="value" x="{x:.1f}" y="{y + (17 if points < before else -8):.1f}">{points}</text>'


def _bars(chart: Chart) -> Iterator[str]:
    right = _right(chart)
    for number, bar in enumerate(chart.bars):
        y = _y(chart, chart.floor) + 34 + _BAR * number
        yield f'  <rect class="track" x="{_LEFT}" y="{y:.1f}" width="{right - _LEFT}" height="8" rx="4"/>'
        for start, end in bar.spans:
            x, until = _x(chart.place(start)), _x(chart.place(end))
            yield f'  <rect class="bar" x="{x:.1f}" y="{y:.1f}" width="{until - x:.1f}" height="8" rx="4"/>'
        yield f'  <text x="{right + 10}" y="{y + 8:.1f}">{escape(bar.label)}</text>'


def _x(month: float) -> float:
    return _LEFT + _MONTH * month


def _right(chart: Chart) -> int:
    return _LEFT + _MONTH * len(chart.months)


def _y(chart: Chart, points: int) -> float:
    return _TOP + _HEIGHT * (chart.cap - points) / (chart.cap - chart.floor)
