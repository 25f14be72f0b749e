"""How is a chart drawn as a picture? As one SVG that needs nothing else, in light and in dark."""

from collections.abc import Iterator
from html import escape

from desk.demo.chart import Chart

_LEFT, _TOP, _MONTH, _POINT, _BAR = 48, 56, 52, 3.2, 18
_LABELS = 230
_STYLE = """
    text { font: 12px system-ui, sans-serif; fill: #57606a } .title { font-size: 16px; font-weight: 600; fill: #1f2328 }
    .back { fill: #fff } .axis { stroke: #d0d7de } .line { stroke-width: 1; stroke-dasharray: 3 4; opacity: .7 }
    .score { fill: none; stroke: #1f2328; stroke-width: 2.5; stroke-linejoin: round } .dot { fill: #1f2328 }
    .value { font-size: 11px; font-weight: 600; fill: #1f2328; text-anchor: middle }
    .bar { fill: #8250df } .track { fill: #8250df; opacity: .12 } .end { text-anchor: end } .middle { text-anchor: middle }
    @media (prefers-color-scheme: dark) {
      text { fill: #9198a1 } .title, .value { fill: #f0f6fc } .back { fill: #0d1117 } .axis { stroke: #3d444d }
      .score { stroke: #f0f6fc } .dot { fill: #f0f6fc } .bar { fill: #ab7df8 } .track { fill: #ab7df8 }
    }"""
_ZONES = ("#d4a72c", "#e16f24", "#cf222e", "#a40e26", "#66061a")


def drawn(chart: Chart) -> str:
    """Draw the chart as the text of an SVG file."""
    width, height = round(_x(chart, len(chart.months)) + _LABELS), round(_floor(chart) + 36 + _BAR * len(chart.bars) + 12)
    told = ", ".join(f"{points} from {at:%Y-%m-%d}" for at, points in chart.points)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" role="img">',
        f"  <title>{escape(chart.title)}</title>",
        f"  <desc>{escape(f'The score was {told}.')}</desc>",
        f"  <style>{_STYLE}\n  </style>",
        f'  <rect class="back" width="{width}" height="{height}" rx="8"/>',
        f'  <text class="title" x="{_LEFT}" y="30">{escape(chart.title)}</text>',
        *_frame(chart),
        *_lines(chart),
        *_score(chart),
        *_bars(chart),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _frame(chart: Chart) -> Iterator[str]:
    right, bottom = _x(chart, len(chart.months)), _floor(chart)
    for points in range(chart.floor, chart.cap + 1, (chart.cap - chart.floor) // 5):
        yield f'  <text class="end" x="{_LEFT - 8}" y="{_y(chart, points) + 4:.1f}">{points}</text>'
    yield f'  <path class="axis" fill="none" d="M{_LEFT} {_TOP}V{bottom:.1f}H{right:.1f}"/>'
    for number, first in enumerate(chart.months):
        x = _x(chart, number)
        yield f'  <path class="axis" d="M{x:.1f} {bottom:.1f}v5"/>'
        yield f'  <text class="middle" x="{x + _MONTH / 2:.1f}" y="{bottom + 18:.1f}">{first:%b}</text>'


def _lines(chart: Chart) -> Iterator[str]:
    """Each tier's line, and below it the zone down to the next."""
    right = _x(chart, len(chart.months))
    for number, line in enumerate(chart.lines):
        y, colour = _y(chart, line.points), _ZONES[min(number, len(_ZONES) - 1)]
        below = chart.lines[number + 1].points if number + 1 < len(chart.lines) else chart.floor
        size = f'width="{right - _LEFT:.1f}" height="{_y(chart, below) - y:.1f}"'
        yield f'  <rect x="{_LEFT}" y="{y:.1f}" {size} fill="{colour}" opacity=".08"/>'
        yield f'  <path class="line" stroke="{colour}" d="M{_LEFT} {y:.1f}H{right:.1f}"/>'
        label = escape(f"{line.reads}  {line.key}")
        yield f'  <text x="{right + 10:.1f}" y="{y + 4:.1f}" style="fill: {colour}">{label}</text>'


def _score(chart: Chart) -> Iterator[str]:
    steps = chart.steps()
    path = [f"M{_x(chart, steps[0][0]):.1f} {_y(chart, steps[0][2]):.1f}"]
    path += [f"V{_y(chart, points):.1f}H{_x(chart, until):.1f}" for _, until, points in steps]
    yield f'  <path class="score" d="{"".join(path)}"/>'
    before = steps[0][2]
    for (since, _, points), (at, _) in list(zip(steps, chart.points, strict=True))[1:]:
        x, y = _x(chart, since), _y(chart, points)
        yield f'  <circle class="dot" cx="{x:.1f}" cy="{y:.1f}" r="3.5"><title>{at:%d %b}: {points}</title></circle>'
        yield f'  <text class="value" x="{x:.1f}" y="{y + (17 if points < before else -8):.1f}">{points}</text>'
        before = points


def _bars(chart: Chart) -> Iterator[str]:
    right = _x(chart, len(chart.months))
    for number, bar in enumerate(chart.bars):
        y = _floor(chart) + 34 + _BAR * number
        yield f'  <rect class="track" x="{_LEFT}" y="{y:.1f}" width="{right - _LEFT:.1f}" height="8" rx="4"/>'
        for start, end in bar.spans:
            x, until = _x(chart, chart.place(start)), _x(chart, chart.place(end))
            yield f'  <rect class="bar" x="{x:.1f}" y="{y:.1f}" width="{until - x:.1f}" height="8" rx="4"/>'
        yield f'  <text x="{right + 10:.1f}" y="{y + 8:.1f}">{escape(bar.label)}</text>'


def _x(chart: Chart, month: float) -> float:
    return _LEFT + _MONTH * month


def _y(chart: Chart, points: int) -> float:
    return _TOP + _POINT * (chart.cap - points) * 100 / (chart.cap - chart.floor)


def _floor(chart: Chart) -> float:
    return _y(chart, chart.floor)
