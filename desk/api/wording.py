"""Turns what FastAPI's validation found into a refusal with a key of the catalogues."""

from collections.abc import Mapping, Sequence

from activities.wording import Found, sentence
from desk.api.shapes.codec import BASE64
from desk.identity.keys import LABEL
from desk.refusal import ProblemError
from rulebook import calendar
from rulebook.files import NAME
from rulebook.tag import LANGUAGE
from rulebook.terms import REGION
from states.terms import Code
from store.history import PERIOD

# How a pattern is called (`form.` in the catalogues); patterns that are not here are shown as they are.
FORMS: Mapping[str, str] = {
    r"^[\x21-\x7e]+$": "ascii",
    REGION: "region",
    LANGUAGE: "language",
    f"^({calendar.PERIOD.pattern})$": "period",
    f"^{calendar.MONTH.pattern}$": "month",
    f"^{PERIOD.pattern}$": "year_or_month",
    r'^"[0-9]{1,9}"$': "version",
    r"^dl-[0-9a-f]{20}$": "delivery",
    r"^[0-9a-f]{12}$": "basis",
    r"^[0-9a-f]{16}$": "key",
    r"^[0-9a-f]{64}$": "digest",
    r"^[0-9]{6}$": "code",
    BASE64: "base64",
    LABEL: "label",
    NAME: "yaml_file",
}
_LINES = ("violations",)


def said(error: Found, moves: Sequence[str]) -> ProblemError:
    """The refusal for one error of pydantic's: `invalid`, with the field. `moves` are those of what the path names."""
    kind, where, found = str(error["type"]), tuple(error["loc"]), error.get("ctx", {})
    field = next((part for part in reversed(where) if isinstance(part, str)), "body")
    if where[1:2] == _LINES and len(where) > len(_LINES) + 1:
        field = ".".join(str(part) for part in where[1:])  # the whole path, with the line's number
    if kind == "json_invalid":
        return ProblemError(Code.INVALID, "json_invalid", "body", error=found["error"], place=where[-1])
    if kind in {"union_tag_not_found", "union_tag_invalid"}:
        return ProblemError(Code.INVALID, "one_of_moves", "do", moves=", ".join(f"`{move}`" for move in moves))
    if where == ("body",):
        return ProblemError(Code.INVALID, "no_object", "body")
    if kind == "extra_forbidden" and where[0] == "query":
        return ProblemError(Code.INVALID, "no_parameter", field)
    if kind == "string_pattern_mismatch" and found["pattern"] in FORMS:
        return ProblemError(Code.INVALID, "input.form", field, form=FORMS[found["pattern"]])
    key, named = sentence(error)
    return ProblemError(Code.INVALID, key, field, **named)
