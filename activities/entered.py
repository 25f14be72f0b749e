"""What may people and systems enter? Names, texts and moments, by one meaning for commands, feeds and requests."""

import re
from collections.abc import Callable
from datetime import datetime
from typing import Annotated

from pydantic import AwareDatetime, BeforeValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

from rulebook import characters
from rulebook.characters import CharacterError
from states.terms import Code, RefusedError

LONGEST_NAME = 200
LONGEST_TEXT = 20_000
# Of one side of a case: so neither uses up the other's room, nor learns from a refusal what the other has brought.
MOST_FILES = 10
# What a template of reasons leaves for its writer to say: `On [[day]] it was said that [[what]].`
GAP = re.compile(r"\[\[[^\[\]\n]{1,80}\]\]")


def _meant(value: object, read: Callable[[str], str], most: int) -> str:
    """What was written, in the form that is kept."""
    if not isinstance(value, str):
        raise PydanticCustomError("string_type", "no text")
    _fits(value, most)
    try:
        meant = read(value)
    except CharacterError as error:
        raise PydanticCustomError(error.key, "other characters") from None
    _fits(meant, most)
    return meant


def _fits(value: str, most: int) -> None:
    if len(value) > most:
        raise PydanticCustomError("text_too_long", "too long", {"size": len(value), "most": most})


def free_text(value: object) -> str:
    """A free text as it is kept; else an error of pydantic's: also where a template's gap was left."""
    said = _meant(value, characters.text, LONGEST_TEXT)
    if left := GAP.search(said):
        raise PydanticCustomError("gap", "a gap is left", {"gap": left[0]})
    return said


def name(value: object) -> str:
    """A name as it is kept; else an error of pydantic's."""
    return _meant(value, characters.name, LONGEST_NAME)


def named(value: object, field: str) -> str:
    """A name as it is kept, of who or what a command is about.

    Raises:
        RefusedError: `invalid`, naming the field.
    """
    try:
        return name(value)
    except PydanticCustomError:
        raise RefusedError(Code.INVALID, "no_name", field, most=LONGEST_NAME) from None


def files(value: object) -> str | tuple[str, ...] | None:
    """Evidence as it is kept: the ids of uploads, each once, or words; else an error of pydantic's."""
    if not isinstance(value, list | tuple):
        return None if value is None else free_text(value)
    if len(value) > MOST_FILES:
        raise PydanticCustomError("too_long", "too many", {"max_length": MOST_FILES})
    return tuple(dict.fromkeys(map(name, value))) or None


def _no_number(value: object) -> object:
    if not isinstance(value, str | datetime):
        raise PydanticCustomError("moment", "no moment")
    return value


_NAME = {"type": "string", "minLength": 1, "maxLength": LONGEST_NAME, "pattern": characters.NAME}
_TEXT = {
    "type": "string",
    "minLength": 1,
    "maxLength": LONGEST_TEXT,
    "pattern": characters.TEXT,
    "description": "Free text in which something is seen; without control characters but tab and newline, and without "
    "`[[…]]`, the gap of a template.",
}
Name = Annotated[str, BeforeValidator(name), WithJsonSchema(_NAME)]
Text = Annotated[str, BeforeValidator(free_text), WithJsonSchema(_TEXT)]
# Files by the ids of their uploads. Words are taken too, as from before there were files.
Evidence = Annotated[
    str | tuple[str, ...] | None,
    BeforeValidator(files),
    WithJsonSchema(
        {"anyOf": [{"type": "array", "items": _NAME, "maxItems": MOST_FILES}, _TEXT, {"type": "null"}]},
    ),
]
Moment = Annotated[AwareDatetime, BeforeValidator(_no_number)]
