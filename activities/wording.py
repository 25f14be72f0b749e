"""Which sentence says what pydantic found wrong in an input? Its key and values; the desk makes the sentence."""

import re
from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from states.terms import Code, RefusedError

Found = Mapping[str, Any]

_MEMBER = re.compile(r"'([^']*)'")  # what is possible, in pydantic's English list of it
# Which sentence says an error of pydantic's, by its type: the key's last part.
_SENTENCES: Mapping[str, str] = {
    **{kind: kind for kind in (
        "extra_forbidden", "missing", "string_pattern_mismatch", "string_type", "string_unicode", "string_too_short",
        "string_too_long", "too_short", "too_long", "list_type", "bool_type", "int_type", "greater_than_equal",
        "less_than_equal", "enum", "model_type", "datetime_type", "timezone_aware", "decimal_type",
        "decimal_max_places", "moment", "date", "year", "hours", "zone", "blank", "no_text", "no_name", "in_path",
        "text_too_long", "gap",
    )},
    "tuple_type": "list_type",
    "bool_parsing": "bool_type",
    "int_parsing": "int_type",
    "int_from_float": "int_type",
    "int_parsing_size": "int_type",
    "literal_error": "enum",
    "model_attributes_type": "model_type",
    "datetime_parsing": "datetime_type",
    "date_from_datetime_parsing": "date",
    "date_parsing": "date",
    "datetime_from_date_parsing": "datetime_type",
    "finite_number": "decimal_type",
}  # fmt: skip


def sentence(error: Found) -> tuple[str, dict[str, Any]]:
    """The key and the values of the sentence for an error of pydantic's; the field is the caller's to add."""
    kind, named = str(error["type"]), dict(error.get("ctx", {}))
    if named.get("min_length") == 1:
        return "input.empty", {}
    if kind not in _SENTENCES:
        return "input.other", {"message": str(error["msg"])}
    if "expected" in named:
        members = _MEMBER.findall(named["expected"])
        named["expected"] = ", ".join(f"`{one}`" for one in members) or named["expected"]
    return f"input.{_SENTENCES[kind]}", named


def refused(errors: ValidationError) -> RefusedError:
    """The refusal that names the first wrong field."""
    first = errors.errors(include_url=False)[0]
    field = str(first["loc"][0]) if first["loc"] else "body"
    key, named = sentence(first)
    return RefusedError(Code.INVALID, key, field, **named)
