"""What does a table look like? Mermaid text for the README, the docs and `casework states KIND --mermaid`."""

from states.law import BY_PEOPLE, CaseRow, CaseTable, Who
from states.terms import Stage, Status


def mermaid(table: CaseTable) -> str:
    """Draw the table as a Mermaid state diagram: the five stages as boxes, the rows as arrows.

    What people do that leaves a case where it is (a note, a renewed claim) is not drawn.
    """
    lines = ["stateDiagram-v2"]
    for stage in Stage:
        inside = [s for s in table.statuses if s.stage is stage and s is not Status.NEW]
        if not inside:
            continue
        lines.append(f"    state {stage} {{" if inside != [Status.CLOSED] else "")
        lines += [f"        {_name(status)}" for status in inside if status is not Status.CLOSED]
        lines.append("    }" if inside != [Status.CLOSED] else "")
    arrows: dict[tuple[Status, Status], list[str]] = {}
    for row in table.rows:
        if row.source is row.target and row.who in BY_PEOPLE:
            continue
        labels = arrows.setdefault((row.source, row.target), [])
        if (label := _label(row)) not in labels:
            labels.append(label)
    lines += [f"    {_name(a)} --> {_name(b)}: {', '.join(labels)}" for (a, b), labels in arrows.items()]
    lines.append("    closed --> [*]")
    return "\n".join(line for line in lines if line) + "\n"


def _name(status: Status) -> str:
    if status is Status.NEW:
        return "[*]"
    # Mermaid takes a state inside a box of the same name for the box itself.
    return f"{status}_" if status.value in set(Stage) and status is not Status.CLOSED else status.value


def _label(row: CaseRow) -> str:
    name = row.event.replace("_", " ")
    mark = "⏰ " if row.who is Who.CLOCK else ""
    return f"{mark}{name} ({row.outcome})" if row.outcome and row.outcome != row.event else f"{mark}{name}"
