"""What is wrong with what was asked? What the validator found, in plain words: a sentence, and of which field."""

from collections.abc import Callable, Mapping
from typing import Any

Found = Mapping[str, Any]

# What a form of the documentation means; one that is not here is shown as it stands there.
FORMS: Mapping[str, str] = {
    r"^[^\x00-\x1f]+$": "one line of text, without control characters",
    r"^[^\x00]*[^\x00\s][^\x00]*$": "a text that is more than white space",
    r"^[^\x00-\x1f/.][^\x00-\x1f/]*$": "a name without `/` and control characters that does not begin with a dot",
    r"^[\x21-\x7e]+$": "ASCII characters without spaces",
    r"^[A-Z]{2}$": "a region of two capital letters, like VN",
    r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$": "a language, like vi or zh-Hant",
    r"^([0-9]{4}|life)$": "a year of four digits, or `life`",
    r"^(19|20)[0-9]{2}-(0[1-9]|1[0-2])$": "a month like 2026-03",
    r'^"[0-9]{1,9}"$': 'a version in quotes, like "3": the `ETag` of the case',
    r"^dl-[0-9a-f]{20}$": "the id of a delivery: dl- and 20 digits from 0 to f",
    r"^[0-9a-f]{16}$": "the id of a key: 16 digits from 0 to f",
    r"^[0-9a-f]{64}$": "a digest: 64 digits from 0 to f",
    r"^[0-9]{6}$": "six digits",
    r"^[A-Za-z0-9][A-Za-z0-9 ._-]{0,63}$": "up to 64 letters, digits, spaces and . _ - after a letter or a digit",
}
_WHOLE = "it must be a whole number"
_MOVES = "the moves that the documentation names"

_WORDS: Mapping[str, Callable[[Found], str]] = {
    "extra_forbidden": lambda _: "there is no such field",
    "missing": lambda _: "it is missing",
    "string_pattern_mismatch": lambda found: f"it must be {_form(found['pattern'])}",
    "string_type": lambda _: "it must be a text",
    "string_too_short": lambda found: _too_few(found, "characters"),
    "string_too_long": lambda found: f"it has more than {found['max_length']:,} characters",
    "too_short": lambda found: _too_few(found, "entries"),
    "too_long": lambda found: f"it has more than {found['max_length']:,} entries",
    "list_type": lambda _: "it must be a list",
    "bool_type": lambda _: "it must be true or false",
    "bool_parsing": lambda _: "it must be true or false",
    "int_type": lambda _: _WHOLE,
    "int_parsing": lambda _: _WHOLE,
    "int_from_float": lambda _: _WHOLE,
    "int_parsing_size": lambda _: _WHOLE,
    "greater_than_equal": lambda found: f"it must be at least {found['ge']}",
    "less_than_equal": lambda found: f"it must be at most {found['le']:,}",
    "enum": lambda found: f"it is one of {found['expected']}",
    "literal_error": lambda found: f"it is one of {found['expected']}",
    "model_type": lambda _: "it must be a JSON object",
    "model_attributes_type": lambda _: "it must be a JSON object",
    "datetime_parsing": lambda found: f"there is no such time: {found['error']}",
    "datetime_from_date_parsing": lambda found: f"there is no such time: {found['error']}",
    "decimal_type": lambda _: "it must be a number",
    "decimal_max_places": lambda found: f"it has more than {found['decimal_places']} decimal places",
    "finite_number": lambda _: "it must be a number",
}


def said(error: Found) -> tuple[str, str]:
    """What is wrong, in a sentence, and of which field."""
    kind, where, found = str(error["type"]), tuple(error["loc"]), error.get("ctx", {})
    field = next((part for part in reversed(where) if isinstance(part, str)), "body")
    if kind == "json_invalid":
        return f"The body is no JSON: {found['error']} (at character {where[-1]}).", "body"
    if kind in {"union_tag_not_found", "union_tag_invalid"}:
        moves = found.get("expected_tags", _MOVES)
        return f"`do`: it is one of {moves}; an appeal is filed with `POST /api/v1/appeals`.", "do"
    if where == ("body",):
        return "The body must be a JSON object, sent with `Content-Type: application/json`.", "body"
    if kind == "extra_forbidden" and where[0] == "query":
        return f"`{field}`: there is no such parameter.", field
    words = _WORDS.get(kind)
    return f"`{field}`: {words(found) if words else error['msg']}.", field


def _form(pattern: str) -> str:
    return FORMS.get(pattern, f"of the form {pattern}")


def _too_few(found: Found, what: str) -> str:
    return "it is empty" if found["min_length"] == 1 else f"it has fewer than {found['min_length']:,} {what}"
