"""What is wrong with what was asked? What the validator found, in plain words."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from pydantic import ValidationError

from states.terms import Code, RefusedError

Found = Mapping[str, Any]

_MEMBER = re.compile(r"<\w+\.\w+: ('[^']*')>")  # of an enumeration, of which only some are possible
_ITS_VALUE = r"\1"
_WHOLE = "it must be a whole number"
_TIME = "there is no such time: one is like 2026-03-02T09:00:00Z"

_WORDS: Mapping[str, Callable[[Found], str]] = {
    "extra_forbidden": lambda _: "there is no such field",
    "missing": lambda _: "it is missing",
    "string_pattern_mismatch": lambda found: f"it must be of the form {found['pattern']}",
    "string_type": lambda _: "it must be a text",
    "string_unicode": lambda _: "it has characters that are no text",
    "string_too_short": lambda found: _too_few(found, "characters"),
    "string_too_long": lambda found: f"it has more than {found['max_length']:,} characters",
    "too_short": lambda found: _too_few(found, "entries"),
    "too_long": lambda found: f"it has more than {found['max_length']:,} entries",
    "list_type": lambda _: "it must be a list",
    "tuple_type": lambda _: "it must be a list",
    "bool_type": lambda _: "it must be true or false",
    "bool_parsing": lambda _: "it must be true or false",
    "int_type": lambda _: _WHOLE,
    "int_parsing": lambda _: _WHOLE,
    "int_from_float": lambda _: _WHOLE,
    "int_parsing_size": lambda _: _WHOLE,
    "greater_than_equal": lambda found: f"it must be at least {found['ge']}",
    "less_than_equal": lambda found: f"it must be at most {found['le']:,}",
    "enum": lambda found: f"it is one of {found['expected']}",
    "literal_error": lambda found: f"it is one of {_MEMBER.sub(_ITS_VALUE, found['expected'])}",
    "model_type": lambda _: "it must be a JSON object",
    "model_attributes_type": lambda _: "it must be a JSON object",
    "datetime_type": lambda _: _TIME,
    "datetime_parsing": lambda _: _TIME,
    "datetime_from_date_parsing": lambda _: _TIME,
    "timezone_aware": lambda _: "it must say its time zone, as in 2026-03-02T09:00:00+07:00",
    "decimal_type": lambda _: "it must be a number",
    "decimal_max_places": lambda found: f"it has more than {found['decimal_places']} decimal places",
    "finite_number": lambda _: "it must be a number",
}


def plain(error: Found) -> str:
    """What is wrong, as the end of a sentence that begins with the field."""
    words = _WORDS.get(str(error["type"]))
    return words(error.get("ctx", {})) if words else str(error["msg"])


def refused(errors: ValidationError) -> RefusedError:
    """The refusal that names the first wrong field."""
    first = errors.errors(include_url=False)[0]
    field = str(first["loc"][0]) if first["loc"] else "body"
    return RefusedError(Code.INVALID, f"`{field}`: {plain(first)}.", field)


def _too_few(found: Found, what: str) -> str:
    return "it is empty" if found["min_length"] == 1 else f"it has fewer than {found['min_length']:,} {what}"
