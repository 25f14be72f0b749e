"""What is told of a statement that doesn't fit: its path, its value and what is wrong with it."""

from collections.abc import Iterator

from rulebook.clause import Penalty
from rulebook.layer import Path
from rulebook.terms import PenaltyKind

Complaint = tuple[Path, object, str]


def named(key: str, kind: PenaltyKind, penalties: dict[str, Penalty], at: Path) -> Iterator[Complaint]:
    """Complain of a penalty's key that names none, or one of another kind."""
    if key not in penalties:
        yield at, key, "no such penalty"
    elif penalties[key].kind is not kind:
        yield at, key, f"is a penalty of kind {penalties[key].kind}, not {kind}"
