"""Errors in a scenario's file, with file, step and field; and the base of all that is read from one."""

import re
from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError, model_validator
from pydantic_core import ErrorDetails, PydanticCustomError

from rulebook.fault import short

PLAIN = {
    "missing": "missing",
    "string_type": "must be text",
    "int_type": "must be a whole number",
    "int_from_float": "must be a whole number",
    "bool_parsing": "must be true or false",
    "bool_type": "must be true or false",
    "dict_type": "must be a mapping",
    "model_type": "must be a mapping",
    "model_attributes_type": "must be a mapping",
    "list_type": "must be a list",
}


class MalformedScenario(Exception):  # noqa: N818 - the name reads as a sentence: "malformed scenario"
    """A file is not a scenario.

    Attributes:
        file: the file, as it was named.
        step: the step's number from 1, or None where the flaw lies outside the steps.
        field: the path of the field, e.g. `decide.findng` or `cast.creators.kim.level`.
        message: what is wrong with it.
    """

    def __init__(self, file: Path, step: int | None, field: str, message: str) -> None:
        place = f"{file}: " if step is None else f"{file}: step {step}: "
        super().__init__(f"{place}{field}: {message}")
        self.file = file
        self.step = step
        self.field = field
        self.message = message


class FlawError(Exception):
    """A flaw without its file, which the reader adds. Not a ValueError: pydantic would catch it."""

    def __init__(self, field: str, message: str, step: int | None = None) -> None:
        super().__init__(f"{field}: {message}")
        self.field = field
        self.message = message
        self.step = step


class Written(BaseModel):
    """A mapping that a person wrote: an unknown field is an error that suggests a similar name."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    @classmethod
    def words(cls) -> list[str]:
        """The names of the fields as they are written."""
        return [field.alias or name for name, field in cls.model_fields.items()]

    @classmethod
    def neighbours(cls) -> list[str]:
        """The names to suggest for a misspelt one."""
        return cls.words()

    @model_validator(mode="before")
    @classmethod
    def _only_known_fields(cls, given: object) -> object:
        for name in given if isinstance(given, dict) else ():
            if name not in cls.words():
                message = "unknown field" + near(short(f"{name}"), cls.neighbours())
                raise PydanticCustomError("unknown_field", "{message}", {"message": message, "field": str(name)})
        return given


def near(word: object, words: Iterable[str]) -> str:
    """Give ` (did you mean X?)` where one of `words` is close to `word`, else nothing."""
    found = get_close_matches(str(word), sorted(words), n=1)
    return f" (did you mean {found[0]}?)" if found else ""


def flaw(error: ValidationError) -> FlawError:
    """Pydantic's first error, with the names of the file."""
    first = error.errors()[0]
    path = [part for part in first["loc"] if part not in {"act", "[key]"}]
    if first["type"] == "unknown_field":
        path.append(first["ctx"]["field"])
    return FlawError(dotted(path), _plain(first))


def dotted(path: Sequence[int | str]) -> str:
    """Join a path with dots; an empty one is `step`, the whole mapping."""
    return ".".join(short(f"{part}", 60) for part in path) or "step"


def _plain(error: ErrorDetails) -> str:
    kind, message = error["type"], error["msg"]
    if kind in {"enum", "literal_error"}:
        expected = error["ctx"]["expected"]
        suggestion = near(error["input"], re.findall(r"'([^']+)'", expected))
        return f"unknown value {shown(error['input'])}{suggestion}; known are {expected}"
    if "[key]" in error["loc"] and kind == "string_type":
        return f"the name {shown(error['input'])} must be text: write it in quotes"
    return PLAIN.get(kind) or message[:1].lower() + message[1:]


def shown(value: object) -> str:
    """Write a value for a message, shortened to a line."""
    return short(repr(value) if isinstance(value, str) else str(value), 60)
