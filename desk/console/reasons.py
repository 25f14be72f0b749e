"""How do reasons begin? Templates by finding, and by clause where that has its own; each has a gap to be filled.

A template's text is the message `template.` and its name; `[[…]]` in it is a gap, which nobody can send
(`activities/entered.py`).
"""

from collections.abc import Mapping, Sequence

_OF_FINDING: Mapping[str, Sequence[str]] = {
    "violation": ("messages", "recording"),
    "none": ("unproven", "allowed"),
    "duplicate": ("same_act",),
    "upheld": ("nothing_new",),
    "overturned": ("shown_wrong",),
    "modified": ("milder",),
}
_OF_CLAUSE: Mapping[str, Sequence[str]] = {
    "agency.multi_account": ("accounts",),
}


def templates(clause: str) -> dict[str, Sequence[str]]:
    """The names of the templates for each finding or outcome, the clause's own first."""
    own = _OF_CLAUSE.get(clause, ())
    return {found: (*own, *names) if found == "violation" else names for found, names in _OF_FINDING.items()}
