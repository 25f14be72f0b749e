"""Draws a chart in a terminal, with box-drawing characters."""

from itertools import groupby
from operator import itemgetter

from rich.text import Text

from desk.drawing.chart import Chart

_ROWS = 20
_AXIS = 5
_COLOURS = ("green", "yellow", "dark_orange", "red", "bright_red", "bold bright_red")
_LEFT, _RIGHT, _UP, _DOWN = 1, 2, 4, 8
_ARMS = " ╸╺━╹┛┗┻╻┓┏┳┃┫┣╋"
Grid = list[list[tuple[str, str]]]


def drawn(chart: Chart, width: int = 80) -> Text:
    """Draw the chart, at most `width` characters wide where its months and labels let it."""
    labels = [*(f"{line.reads} {line.name}" for line in chart.lines), *(bar.label for bar in chart.bars)]
    room = width - _AXIS - 1 - max(map(len, labels), default=0)
    month = max(3, room // len(chart.months))
    grid: Grid = [[(" ", "")] * (month * len(chart.months)) for _ in range(_ROWS + 1)]
    _lines(chart, grid)
    _score(chart, grid, month)
    text = Text.assemble((chart.title, "bold"))
    for row in range(_ROWS + 1):
        _row(chart, grid, row, text)
    _foot(chart, month, text)
    return text


def _lines(chart: Chart, grid: Grid) -> None:
    for line in chart.lines:
        row = _row_of(chart, line.points)
        grid[row] = [("┄", "dim")] * len(grid[row])


def _score(chart: Chart, grid: Grid, month: int) -> None:
    """Join, in each column, the row that the score comes from with all that it touches there."""
    steps, left_at = chart.steps(), _row_of(chart, chart.points[0][1])
    for column in range(len(grid[0])):
        left, right = column / month, (column + 1) / month
        rows = [left_at, *(_row_of(chart, points) for a, b, points in steps if b > left and a < right)]
        left_at = rows[-1]
        for row in range(min(rows), max(rows) + 1):
            arms = _LEFT * (row == rows[0]) + _RIGHT * (row == rows[-1])
            arms += _UP * (row > min(rows)) + _DOWN * (row < max(rows))
            grid[row][column] = (_ARMS[arms], _colour(chart, _points(chart, row)))


def _row(chart: Chart, grid: Grid, row: int, text: Text) -> None:
    points = _points(chart, row)
    named = row % (_ROWS // 5) == 0
    text.append(f"\n{points:>3} ┤" if named else f"\n{'':>3} │", "dim")
    for style, cells in groupby(grid[row], key=itemgetter(1)):
        text.append("".join(character for character, _ in cells), style)
    for line in chart.lines:
        if _row_of(chart, line.points) == row:
            text.append(f" {line.reads} {line.name}", _colour(chart, line.points))


def _foot(chart: Chart, month: int, text: Text) -> None:
    text.append(f"\n    └{('┬' + '─' * (month - 1)) * len(chart.months)}", "dim")
    text.append("\n" + " " * _AXIS + "".join(f"{first:%b}"[:month].ljust(month) for first in chart.months))
    for bar in chart.bars:
        places = [(chart.place(start), chart.place(end)) for start, end in bar.spans]
        text.append("\n" + " " * _AXIS)
        for column in range(month * len(chart.months)):
            held = any(a < (column + 1) / month and b > column / month for a, b in places)
            text.append("▀" if held else "·", "magenta" if held else "dim")
        text.append(f" {bar.label}", "magenta")


def _colour(chart: Chart, points: int) -> str:
    return _COLOURS[min(chart.depth(points), len(_COLOURS) - 1)]


def _row_of(chart: Chart, points: int) -> int:
    return round((chart.cap - points) / (chart.cap - chart.floor) * _ROWS)


def _points(chart: Chart, row: int) -> int:
    return round(chart.cap - row * (chart.cap - chart.floor) / _ROWS)
