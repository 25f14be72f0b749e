"""The keys of pages: which there are, and what each does. What presses them is `assets/console.js`.

A letter presses what it is printed on; a page has those of what can be done on it.
"""

from collections.abc import Mapping, Sequence

from desk.console.acts import ACTS
from states.terms import REVIEWERS, Role

# Keys with the messages that say what they do, by where they are.
KEYS: Mapping[str, Sequence[tuple[str, str]]] = {
    "everywhere": (("?", "keys.show"), ("Ctrl ↵", "keys.send"), ("Esc", "keys.leave")),
    "lists": (("g", "queue.next"), ("f", "queue.filter")),
    "case": (
        *((act.key, f"act.{act.move}") for act in ACTS.values() if act.key),
        ("b", "keys.veil"),
        ("h", "keys.moves"),
        ("i", "keys.others"),
        ("l", "keys.alike"),
    ),
    "decision": (
        ("v", "decide.violation"),
        ("x", "decide.none"),
        ("d", "decide.duplicate"),
        ("u", "decide.upheld"),
        ("m", "decide.modified"),
        ("o", "decide.overturned"),
        ("1", "severity.mild"),
        ("2", "severity.moderate"),
        ("3", "severity.severe"),
        ("r", "keys.reasons"),
        ("t", "keys.template"),
        ("Tab", "keys.gap"),
    ),
}


# What is everywhere where letters press nothing.
_WITHOUT_LETTERS = KEYS["everywhere"][1:]


def lettered(role: Role | None) -> bool:
    """Whether the pages of a role have keys that are letters: those of reviewers do."""
    return role in REVIEWERS


def keys_of(role: Role) -> Mapping[str, Sequence[tuple[str, str]]]:
    """The keys of the pages that a role has."""
    return KEYS if lettered(role) else {"everywhere": _WITHOUT_LETTERS}
