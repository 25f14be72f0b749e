"""How is a rulebook's file read? As a mapping of sections, whose switches may also be `yes`, `no`, `on` or `off`."""

from typing import Any

from rulebook import notation
from rulebook.fault import MISSING, RulebookError
from rulebook.layer import dotted
from rulebook.mistake import Mistake
from rulebook.notation import NotationError, Place

# The keys whose value is a switch, and what its words mean; under any other key `no` is text (a language's tag).
SWITCHES = frozenset({"illustrative", "any_extra", "every_clause", "for_good", "enforced", "appeals.by_reporter"})
_WORDS = {"yes": True, "on": True, "no": False, "off": False}


def parse(file: str, raw: bytes) -> dict[str, Any]:
    """Read what a file of this name holds.

    Raises:
        RulebookError: it is no YAML, or no mapping.
    """
    try:
        content = notation.parse(raw)
    except NotationError as error:
        its = file, _named(error.place), MISSING, error.mistake
        raise RulebookError(*its, line=error.line, column=error.column) from None
    if not isinstance(content, dict):
        raise RulebookError(file, "(file)", content, Mistake("no_sections"))
    return {name: _switched(name, value) for name, value in content.items()}


def _named(place: Place) -> str:
    return str(place[0]) if len(place) == 1 else dotted(tuple(map(str, place)))


def _switched(name: str, value: object) -> object:
    """Make the words of switches booleans, so that `yes` and `true` give a rulebook the same digest."""
    if isinstance(value, dict):
        return {key: _switched(name if key == "value" else key, inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_switched("", inner) for inner in value]
    return _WORDS.get(value.lower(), value) if name in SWITCHES and isinstance(value, str) else value
