"""Draws a bench as one SVG file without references, for light and dark themes: lives a second, and CPU a life."""

from collections.abc import Iterator
from html import escape
from statistics import median

from bench.table import PROCESSES, Turns, used

_LEFT, _WIDE, _ROW, _BAR, _WIDTH = 130, 420, 34, 18, 680
_STYLE = """
    text { font: 12px system-ui, sans-serif; fill: #57606a } .back { fill: #fff }
    .title { font-size: 14px; font-weight: 600; fill: #1f2328 } .end { text-anchor: end }
    .value { font-weight: 600; fill: #1f2328 } .pace { fill: #0969da }
    .temporal { fill: #8250df } .postgres { fill: #0969da } .worker { fill: #bc4c00 } .client { fill: #9a6700 }
    @media (prefers-color-scheme: dark) {
      text { fill: #9198a1 } .title, .value { fill: #f0f6fc } .back { fill: #0d1117 } .pace { fill: #4493f8 }
      .temporal { fill: #ab7df8 } .postgres { fill: #4493f8 } .worker { fill: #db6d28 } .client { fill: #d29922 }
    }"""


def drawn(turns: Turns) -> str:
    """Draw the medians of all rounds as the text of an SVG file."""
    height = 2 * (50 + _ROW * len(turns)) + 30
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" width="{_WIDTH}" role="img">',
        "  <title>Lives a second, and CPU a life</title>",
        f"  <style>{_STYLE}\n  </style>",
        f'  <rect class="back" width="{_WIDTH}" height="{height}" rx="8"/>',
        *_paces(turns, 30),
        *_cpu(turns, 80 + _ROW * len(turns)),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _paces(turns: Turns, top: int) -> Iterator[str]:
    yield f'  <text class="title" x="20" y="{top}">Lives a second: more is better</text>'
    paces = {name: median(turn.pace for turn in found) for name, found in turns.items()}
    for number, (name, pace) in enumerate(paces.items()):
        width, y = _WIDE * pace / max(paces.values()), top + 14 + _ROW * number
        yield from _label(name, f"{pace:.1f}", y, width)
        yield f'  <rect class="pace" x="{_LEFT}" y="{y}" width="{width:.1f}" height="{_BAR}" rx="3"/>'


def _cpu(turns: Turns, top: int) -> Iterator[str]:
    yield f'  <text class="title" x="20" y="{top}">CPU of a life, in milliseconds: less is better</text>'
    most = max(used(found, PROCESSES) for found in turns.values())
    for number, (name, found) in enumerate(turns.items()):
        y, x = top + 14 + _ROW * number, float(_LEFT)
        yield from _label(name, f"{used(found, PROCESSES):.0f}", y, _WIDE * used(found, PROCESSES) / most)
        for process in PROCESSES:
            width = _WIDE * used(found, (process,)) / most
            yield f'  <rect class="{process}" x="{x:.1f}" y="{y}" width="{width:.1f}" height="{_BAR}"/>'
            x += width
    y = top + 26 + _ROW * len(turns)
    for number, process in enumerate(PROCESSES):
        yield f'  <rect class="{process}" x="{_LEFT + 110 * number}" y="{y}" width="10" height="10"/>'
        yield f'  <text x="{_LEFT + 16 + 110 * number}" y="{y + 9}">{process}</text>'


def _label(name: str, value: str, y: int, width: float) -> Iterator[str]:
    yield f'  <text class="end" x="{_LEFT - 10}" y="{y + 13}">{escape(name)}</text>'
    yield f'  <text class="value" x="{_LEFT + width + 8:.1f}" y="{y + 13}">{value}</text>'
