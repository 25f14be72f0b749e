"""What does a person have to say for each move? The desk checks it before anything is sent (code `invalid`)."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, ClassVar, Literal

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from pydantic.types import StringConstraints
from pydantic_core import PydanticCustomError

from activities.wording import refused
from rulebook.terms import Language, Severity
from states.terms import Code, Finding, Kind, Outcome, RefusedError, Side

LONGEST_TEXT = 20_000
Name = Annotated[str, StringConstraints(strict=True, min_length=1, max_length=200, pattern=r"^[^\x00-\x1f]+$")]


def _no_number(value: object) -> object:
    if not isinstance(value, str | datetime):
        raise PydanticCustomError("moment", "no moment")
    return value


Moment = Annotated[AwareDatetime, BeforeValidator(_no_number)]


class Input(BaseModel):
    """The facts of a move; `texts` name its fields of free text, `optional_texts` those that may be left out."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    texts: ClassVar[tuple[str, ...]] = ()
    optional_texts: ClassVar[tuple[str, ...]] = ()


class Bare(Input):
    """A move that needs no words: claim, release, withdraw."""


class Report(Input):
    """A report's facts; `severity` only where the platform states it; `language` defaults to its region's."""

    texts = ("details",)
    optional_texts = ("evidence",)

    clause: Name
    against: Name
    about: Annotated[tuple[Name, ...], Field(max_length=100)] = ()
    occurred: Moment | None = None
    severity: Severity | None = None
    language: Language | None = None


class Appeal(Input):
    """An appeal's facts: the report that it is about."""

    texts = ("grounds",)
    optional_texts = ("evidence",)

    of: Name


class Ask(Input):
    """A question to one side; on an appeal only the side that filed it can be asked."""

    texts = ("question",)

    to: Side | None = None


class AnswerGiven(Input):
    """The answer of the side that was asked."""

    texts = ("text",)
    optional_texts = ("evidence",)


class Reasoned(Input):
    """A move that needs reasons: escalate, approve, reject."""

    texts = ("reasons",)


class ReportDecision(Input):
    """A report's verdict. `extra` is in points; `clause` and `severity` default to the report's own."""

    texts = ("reasons",)

    finding: Finding
    severity: Severity | None = None
    clause: Name | None = None
    extra: Annotated[int, Field(strict=True, ge=0, le=100)] = 0
    of: Name | None = None


class AppealDecision(Input):
    """An appeal's verdict; `severity` and `extra` are what a modification lowers."""

    texts = ("reasons",)

    outcome: Literal[Outcome.UPHELD, Outcome.OVERTURNED, Outcome.MODIFIED]
    severity: Severity | None = None
    extra: Annotated[int, Field(strict=True, ge=0, le=100)] | None = None


INPUTS: dict[tuple[Kind, str], type[Input]] = {
    (Kind.REPORT, "submit"): Report,
    (Kind.APPEAL, "submit"): Appeal,
    (Kind.REPORT, "decide"): ReportDecision,
    (Kind.APPEAL, "decide"): AppealDecision,
    **{(kind, event): Bare for kind in Kind for event in ("claim", "release", "withdraw")},
    **{(kind, "ask"): Ask for kind in Kind},
    **{(kind, "answer"): AnswerGiven for kind in Kind},
    # An appeal has no second vote: the table says so to those who see it.
    **{(kind, event): Reasoned for kind in Kind for event in ("escalate", "approve", "reject")},
}


def check(kind: Kind, event: str, raw: Mapping[str, Any]) -> tuple[Input, dict[str, str]]:
    """Check what was said for a move; give its facts and its texts by field.

    Raises:
        RefusedError: `invalid`, naming the field.
    """
    model = INPUTS.get((kind, event))
    if model is None:
        raise RefusedError(Code.INVALID, "no_move", "do", kind=kind.value, move=event)
    names = (*model.texts, *model.optional_texts)
    texts = {
        name: _text(name, raw.get(name))
        for name in names
        if name in model.texts or raw.get(name) is not None
    }  # fmt: skip
    try:
        facts = model.model_validate({k: v for k, v in raw.items() if k not in names})
    except ValidationError as error:
        raise refused(error) from None
    for field, value in facts:
        if not all(is_text(item) for item in _strings(value)):
            raise RefusedError(Code.INVALID, "no_text", field)
    return facts, texts


def parse(kind: Kind, event: str, args: Mapping[str, Any]) -> Input:
    """The facts of a command that `check` has passed."""
    return INPUTS[kind, event].model_validate(args)


def _strings(value: object) -> list[str]:
    if isinstance(value, str):
        return [value]
    return [item for item in value if isinstance(item, str)] if isinstance(value, tuple) else []


def _text(field: str, value: object) -> str:
    if not isinstance(value, str):
        raise RefusedError(Code.INVALID, "input.string_type", field)
    if not value.strip():
        raise RefusedError(Code.INVALID, "empty", field)
    if len(value) > LONGEST_TEXT:
        raise RefusedError(Code.INVALID, "text_too_long", field, size=len(value), most=LONGEST_TEXT)
    if not is_text(value):
        raise RefusedError(Code.INVALID, "no_text", field)
    return value


def is_text(value: str) -> bool:
    """Whether the characters can be stored: no NUL, no lone surrogates."""
    return "\x00" not in value and not any("\ud800" <= char <= "\udfff" for char in value)
