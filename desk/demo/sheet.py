"""The look of the demo's tables: plain columns under a bold title."""

from rich.table import Table


def sheet(title: str, *columns: str, right: int = 0) -> Table:
    """An empty table; the last `right` columns hold numbers."""
    table = Table(
        title=title,
        title_justify="left",
        title_style="bold",
        header_style="dim",
        box=None,
        padding=(0, 2, 0, 0),
        pad_edge=False,
    )
    for number, column in enumerate(columns, start=1):
        table.add_column(column, justify="right" if number > len(columns) - right else "left")
    return table
