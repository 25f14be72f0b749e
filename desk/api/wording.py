"""What is wrong with what was asked? What the validator found, in plain words: a sentence, and of which field."""

from collections.abc import Mapping

from activities.wording import Found, plain
from rulebook.terms import REGION

# What a form of the documentation means; one that is not here is shown as it stands there.
FORMS: Mapping[str, str] = {
    r"^[^\x00-\x1f]+$": "one line of text, without control characters",
    r"^[^\x00]*[^\x00\s][^\x00]*$": "a text that is more than white space",
    r"^[^\x00-\x1f/.][^\x00-\x1f/]*$": "a name without `/` and control characters that does not begin with a dot",
    r"^[\x21-\x7e]+$": "ASCII characters without spaces",
    REGION: "a region in capital letters, like VN",
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
_LINES = ("violations",)
_MOVES = "the moves that the documentation names"


def said(error: Found) -> tuple[str, str]:
    """What is wrong, in a sentence, and of which field."""
    kind, where, found = str(error["type"]), tuple(error["loc"]), error.get("ctx", {})
    field = next((part for part in reversed(where) if isinstance(part, str)), "body")
    if where[1:2] == _LINES and len(where) > len(_LINES) + 1:
        field = ".".join(str(part) for part in where[1:])  # of a thousand lines, which one
    if kind == "json_invalid":
        return f"The body is no JSON: {found['error']} (at character {where[-1]}).", "body"
    if kind in {"union_tag_not_found", "union_tag_invalid"}:
        moves = found.get("expected_tags", _MOVES)
        return f"`do`: it is one of {moves}; an appeal is filed with `POST /api/v1/appeals`.", "do"
    if where == ("body",):
        return "The body must be a JSON object, sent with `Content-Type: application/json`.", "body"
    if kind == "extra_forbidden" and where[0] == "query":
        return f"`{field}`: there is no such parameter.", field
    if kind == "string_pattern_mismatch" and found["pattern"] in FORMS:
        return f"`{field}`: it must be {FORMS[found['pattern']]}.", field
    return f"`{field}`: {plain(error)}.", field
