"""What is told of a statement that doesn't fit: its path, its value and what is wrong with it."""

from collections.abc import Iterator

from rulebook.clause import Penalty
from rulebook.layer import Path
from rulebook.mistake import Mistake
from rulebook.terms import PenaltyKind

Complaint = tuple[Path, object, Mistake]


def named(key: str, kind: PenaltyKind, penalties: dict[str, Penalty], at: Path) -> Iterator[Complaint]:
    """Complain of a penalty's key that names none, or one of another kind."""
    if key not in penalties:
        yield at, key, Mistake("no_penalty")
    elif penalties[key].kind is not kind:
        yield at, key, Mistake("penalty_kind", kind=penalties[key].kind.value, wanted=kind.value)
