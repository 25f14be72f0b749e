"""What does a table look like? Mermaid text for the README, the docs and `casework states KIND --mermaid`."""

from collections.abc import Iterator
from enum import StrEnum
from typing import Any

from states.table import Row, Table
from states.terms import Stage, Status

Drawn = Table[Any, Any, Any]


def mermaid(table: Drawn) -> str:
    """Draw the table as a Mermaid state diagram: the five stages of cases as boxes, the rows as arrows.

    What people do that leaves a case where it is (a note, a renewed claim) is not drawn.
    """
    lines = ["stateDiagram-v2", *_boxes(table)]
    arrows: dict[tuple[StrEnum, StrEnum], list[str]] = {}
    for row in table.rows:
        if row.stays and row.who in table.law.people:
            continue
        labels = arrows.setdefault((row.source, row.target), [])
        if (label := _label(table, row)) not in labels:
            labels.append(label)
    lines += [f"    {_name(table, a)} --> {_name(table, b)}: {', '.join(labels)}" for (a, b), labels in arrows.items()]
    sources = {row.source for row in table.rows}
    lines += [f"    {_name(table, status)} --> [*]" for status in table.statuses if status not in sources]
    return "\n".join(lines) + "\n"


def _boxes(table: Drawn) -> Iterator[str]:
    """The statuses inside the stages of a case; a closed one stands alone."""
    for stage in Stage:
        inside = [s for s in table.statuses if isinstance(s, Status) and s.stage is stage and s is not table.new]
        if inside and inside != [Status.CLOSED]:
            yield f"    state {stage} {{"
            yield from (f"        {_name(table, status)}" for status in inside)
            yield "    }"


def _name(table: Drawn, status: StrEnum) -> str:
    if status is table.new:
        return "[*]"
    # Mermaid takes a state inside a box of the same name for the box itself.
    return f"{status}_" if status.value in set(Stage) and status is not Status.CLOSED else status.value


def _label(table: Drawn, row: Row[Any, Any, Any]) -> str:
    name = row.event.replace("_", " ")
    mark = "⏰ " if row.who is table.law.clock else ""
    return f"{mark}{name} ({row.outcome})" if row.outcome and row.outcome != row.event else f"{mark}{name}"
