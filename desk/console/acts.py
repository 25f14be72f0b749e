"""The acts of a reviewer's page, with their fields and keys. Whether they are there is said by `offered()`."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from desk.console.form import Form
from desk.reading.offered import Offered
from desk.words import Words
from states.terms import Code

_NUMBER = re.compile(r"\d{1,9}")


@dataclass(frozen=True)
class Act:
    """A move, its key, and the fields of its form: texts, and those in `numbers`.

    `previewed`: it is sent with the basis of a preview. With `seen` it holds for the version that its sender saw.
    """

    move: str
    key: str
    fields: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()
    previewed: bool = False
    seen: bool = False

    def said(self, form: Form) -> dict[str, Any]:
        """What a form says for it; what is no number of so few digits is refused by whoever reads it."""
        said: dict[str, Any] = form.said(*self.fields, *self.numbers)
        return said | {name: int(said[name]) for name in self.numbers if _NUMBER.fullmatch(said.get(name, ""))}


@dataclass(frozen=True)
class Shown:
    """An act on a page; `reason` says why it can't be done now."""

    act: Act
    reason: str | None = None


_DECIDED = ("finding", "severity", "clause", "of", "outcome", "reasons")
# fmt: off
ACTS: Mapping[str, Act] = {act.move: act for act in (
    Act("claim",     "c"),
    Act("decide",    "",  _DECIDED, ("extra",), previewed=True, seen=True),
    Act("approve",   "p", ("reasons",), previewed=True, seen=True),
    Act("reject",    "j", ("reasons",), previewed=True, seen=True),
    Act("ask",       "a", ("to", "question"), seen=True),
    Act("summarise", "s", ("text",), seen=True),
    Act("escalate",  "e", ("reasons",), seen=True),
    Act("release",   "z", ("reasons",)),
    Act("renew",     "w"),
    Act("set_aside", "k", ("reasons",), previewed=True, seen=True),
    Act("note",      "n", ("text",)),
    Act("again",     "y", ("details",)),
)}
# fmt: on

# Refusals that one may not expect: the act stands there greyed, with the reason. For any other refusal it is absent.
_EXPECTED = frozenset({Code.FORBIDDEN, Code.ALREADY_CLAIMED, Code.CONFLICT_OF_INTEREST, Code.SAME_PERSON})
_DONE = "claimed_by_yourself"


def shown(offered: Offered, words: Words) -> dict[str, Shown]:
    """The acts that a page shows, by their moves."""
    found: dict[str, Shown] = {}
    for one in (*offered.moves, *([offered.again] if offered.again else [])):
        refused = one.refusal
        if one.event in ACTS and refused is None:
            found[one.event] = Shown(ACTS[one.event])
        elif one.event in ACTS and refused is not None and refused.code in _EXPECTED and refused.key != _DONE:
            found[one.event] = Shown(ACTS[one.event], words.refusal(refused))
    return found
