"""Which mistake is it that a value does not fit its statement? Of pydantic's errors, with the values that they name."""

import re
from collections.abc import Mapping
from typing import Any

from pydantic_core import ErrorDetails, PydanticCustomError

from rulebook.mistake import SENTENCES, Mistake

# fmt: off
_KINDS = {
    "extra_forbidden":         "no_key",
    "union_tag_not_found":     "missing_choice",
    "union_tag_invalid":       "one_of",
    "enum":                    "one_of",
    "literal_error":           "one_of",
    "int_type":                "integer",
    "decimal_type":            "decimal",
    "decimal_parsing":         "decimal",
    "string_type":             "string",
    "bool_type":               "boolean",
    "tuple_type":              "list",
    "frozen_set_type":         "list",
    "dict_type":               "block",
    "model_type":              "block",
    "model_attributes_type":   "block",
    "too_short":               "empty",
    "greater_than_equal":      "at_least",
    "greater_than":            "more_than",
    "less_than_equal":         "at_most",
    "string_too_long":         "long",
    "string_pattern_mismatch": "pattern",
    "zoneinfo_str":            "zone",
}
# fmt: on
_QUOTED = re.compile("'([^']*)'")


def refusing(kind: str) -> PydanticCustomError:
    """What a validator of a statement raises: a mistake whose sentence names no value."""
    return PydanticCustomError(kind, Mistake(kind).message)


def misfit(error: ErrorDetails) -> Mistake:
    """The mistake that a value makes by itself."""
    kind, context = _KINDS.get(error["type"], error["type"]), error.get("ctx", {})
    return Mistake(kind, **_values(kind, context)) if kind in SENTENCES else Mistake("unfit")


def _values(kind: str, context: Mapping[str, Any]) -> dict[str, Any]:
    match kind:
        case "one_of":
            return {"known": tuple(_QUOTED.findall(context.get("expected") or context["expected_tags"]))}
        case "missing_choice":
            return {"name": context["discriminator"].strip("'")}
    named = {name: context[name] for name in _NAMED & context.keys()}
    return {name: value if isinstance(value, int) else f"{value}" for name, value in named.items()}


_NAMED = {"ge", "gt", "le", "max_length", "pattern"}
