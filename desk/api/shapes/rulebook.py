"""The rules in answers: effective values with their origin, the policy's texts, and the penalty table."""

from typing import Literal

from pydantic import Field, JsonValue

from desk.api.shapes.words import Shown
from rulebook.terms import PenaltyKind, Severity, SubjectKind


class Value(Shown):
    """An effective value, where it was stated, and by what right."""

    key: str
    value: JsonValue
    origin: str = Field(
        description="`default` where no file states a key that came later.", examples=["base", "overlay DE", "default"]
    )
    source: str = Field(examples=["S 001", "illustrative"])


class Rulebook(Shown):
    key: str
    version: str
    digest: str
    region: str | None
    values: list[Value]


class ClauseShown(Shown):
    """A rule that can be broken; `base_penalty` names a penalty by severity.

    Where `evidence` is `required`, a report of it must bring a file. `appeals_window` is how long its verdicts can be
    appealed; none where the value `appeals.window` says so. One that is not `enforced` is on trial: its violations are
    found and shown, and nothing follows from them.
    """

    key: str
    title: str
    text: str
    family: str
    charged_to: SubjectKind
    reported_by: str
    attributed_via: list[str]
    base_penalty: dict[Severity, str]
    evidence: Literal["required", "optional"]
    appeals_window: str | None = Field(examples=["2 weeks"])
    enforced: bool
    source: str


class Clauses(Shown):
    region: str
    version: str
    clauses: list[ClauseShown]


class PenaltyTerms(Shown):
    """What a penalty means; `lasts` is none where it is in force for good, or as long as a score brings it."""

    key: str
    kind: PenaltyKind
    text: str
    lasts: str | None
    for_good: bool
    restrictions: list[str]
    source: str


class RestrictionShown(Shown):
    """A word for what the platform is told to withhold."""

    key: str
    text: str


class PenaltyTable(Shown):
    region: str
    version: str
    restrictions: list[RestrictionShown]
    penalties: list[PenaltyTerms]
