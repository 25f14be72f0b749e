"""What does a command bring for each move? One model a move, validated once by the desk and once by the commit.

At the desk a field of free text holds the text itself; at the commit, the id under which the text is stored.
"""

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal, Self, cast

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from activities.entered import Evidence, Moment, Name, Text
from activities.wording import refused
from rulebook.terms import Language, Severity
from states.terms import Code, Finding, Kind, Outcome, RefusedError, Side


class Input(BaseModel):
    """The input of a move; `texts` names its fields of free text."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    texts: ClassVar[tuple[str, ...]] = ()
    # Fields that came later: left out, a wish is hashed as it was before them, for it may be sent again.
    later: ClassVar[tuple[str, ...]] = ()

    def facts(self) -> dict[str, Any]:
        """All fields but the free texts, as JSON, also those that were left out."""
        absent = {name for name in self.later if getattr(self, name) is None}
        return self.model_dump(mode="json", exclude=absent | set(self.texts))

    def words(self) -> dict[str, str]:
        """The free texts that were given, by field."""
        return {name: value for name in self.texts if (value := getattr(self, name)) is not None}

    def plain(self) -> "Input":
        """The input itself, without the fields that a door's own shape of it adds."""
        base: type[Input] = next(base for base in type(self).__mro__ if base in _PLAIN)
        return base.taken_from(self)

    @classmethod
    def taken_from(cls, shape: BaseModel) -> Self:
        """The input that a shape with the same fields holds, which has checked them already."""
        given = {name: getattr(shape, name, None) for name in cls.model_fields}
        given = {name: value for name, value in given.items() if value is not None}
        return cast("Self", cls.model_construct(**given))


class Bare(Input):
    """A move without input: claim, renew, withdraw."""


class Proven(Input):
    """A move that may bring evidence: files, by the ids of their uploads; or words, as from before there were files."""

    evidence: Evidence = None

    @property
    def files(self) -> tuple[str, ...]:
        """The files that it brings."""
        return self.evidence if isinstance(self.evidence, tuple) else ()

    def facts(self) -> dict[str, Any]:
        """The fields, with the files that were brought."""
        return super().facts() | ({"evidence": list(self.files)} if self.files else {})

    def words(self) -> dict[str, str]:
        """The free texts, among them evidence in words."""
        return {name: value for name, value in super().words().items() if name != "evidence" or not self.files}


class Report(Proven):
    """A report; `language` defaults to its region's.

    `severity` and `reference`, the platform's own name of the act, only where the platform reports; `again`, a closed
    report, only where a senior moderator files it again (ruling 20).
    """

    texts = ("details", "evidence")
    later = ("again", "reference")

    clause: Name
    against: Name
    about: Annotated[tuple[Name, ...], Field(max_length=100)] = ()
    occurred: Moment | None = None
    severity: Severity | None = None
    language: Language | None = None
    again: Name | None = None
    reference: Name | None = None
    details: Text


class Appeal(Proven):
    """An appeal, of the report that it is about."""

    texts = ("grounds", "evidence")

    of: Name
    grounds: Text


class Ask(Input):
    """A question to one side; on an appeal only the side that filed it can be asked."""

    texts = ("question",)

    to: Side | None = None
    question: Text


class AnswerGiven(Proven):
    """The answer of the side that was asked."""

    texts = ("text", "evidence")

    text: Text


class Worded(Input):
    """A move that is made of words: a note, a summary."""

    texts = ("text",)

    text: Text


class Reasoned(Input):
    """A move that needs reasons: escalate, approve, reject, set_aside."""

    texts = ("reasons",)

    reasons: Text


class Release(Input):
    """A claimed case is put back; ops, who put back another's, must say why (`activities/move/wish.py`)."""

    texts = ("reasons",)

    reasons: Text | None = None


class ReportDecision(Input):
    """A report's verdict. `extra` is in points; `clause` and `severity` default to the report's own."""

    texts = ("reasons",)

    finding: Finding
    severity: Severity | None = None
    clause: Name | None = None
    extra: Annotated[int, Field(strict=True, ge=0, le=100)] = 0
    of: Name | None = None
    reasons: Text


class AppealDecision(Input):
    """An appeal's verdict; `severity` and `extra` are what a modification lowers."""

    texts = ("reasons",)

    outcome: Literal[Outcome.UPHELD, Outcome.OVERTURNED, Outcome.MODIFIED]
    severity: Severity | None = None
    extra: Annotated[int, Field(strict=True, ge=0, le=100)] | None = None
    reasons: Text


INPUTS: dict[tuple[Kind, str], type[Input]] = {
    (Kind.REPORT, "submit"): Report,
    (Kind.APPEAL, "submit"): Appeal,
    (Kind.REPORT, "decide"): ReportDecision,
    (Kind.APPEAL, "decide"): AppealDecision,
    **{(kind, event): Bare for kind in Kind for event in ("claim", "renew", "withdraw")},
    **{(kind, "release"): Release for kind in Kind},
    **{(kind, "ask"): Ask for kind in Kind},
    **{(kind, "answer"): AnswerGiven for kind in Kind},
    # Also for appeals, which have neither summary nor second vote and are not set aside: so the table refuses it, after
    # the check of who sees the case.
    **{(kind, event): Worded for kind in Kind for event in ("summarise", "note")},
    **{(kind, event): Reasoned for kind in Kind for event in ("escalate", "approve", "reject", "set_aside")},
}

_PLAIN = frozenset(INPUTS.values())


def read(kind: Kind, event: str, said: Mapping[str, Any]) -> Input:
    """Validate the input of a move.

    Raises:
        RefusedError: `invalid`, naming the field.
    """
    model = INPUTS.get((kind, event))
    if model is None:
        raise RefusedError(Code.INVALID, "no_move", "do", kind=kind.value, move=event)
    try:
        return model.model_validate(dict(said))
    except ValidationError as error:
        raise refused(error) from None
