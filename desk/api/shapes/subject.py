"""Subjects in answers: score, the ledger in words, penalties, quota, and an agency's monthly content verdict."""

from datetime import date

from pydantic import Field

from desk.api.shapes.words import Instant, Shown
from rulebook.terms import PenaltyKind, Severity, SubjectKind
from states.terms import Outcome
from store.history import Who

# What became of a violation.
_APPEAL = Field(
    description="An appeal's outcome, `none`, `under_appeal`, or `set_aside` where a senior set the verdict aside.",
    examples=["none"],
)
OF_A_CLAUSE_ON_TRIAL = Field(description="Its clause was on trial: it is found, and nothing follows from it.")
# Of a penalty.
ON_TRIAL = Field(description="Only counted: the rule that brings it is on trial, and nobody was told.")


class PenaltyShown(Shown):
    """A penalty, in force from `starts_at` until it is lifted, or until `ends_at` if it has an end of its own.

    One on trial is counted for as long, and never in force.
    """

    number: int = Field(description="Which of the subject's penalties it is, from 1.")
    kind: PenaltyKind
    key: str
    text: str
    restrictions: list[str]
    case: str | None
    starts_at: Instant
    ends_at: Instant | None
    lifted_at: Instant | None
    in_force: bool
    on_trial: bool = ON_TRIAL
    ends_above: int | None = Field(description="Of a score penalty: lifted before its end once the score is above.")


class Penalties(Shown):
    subject: str
    penalties: list[PenaltyShown]
    next: str | None = Field(description="Give it as `cursor` for the next page.")


class Subject(Shown):
    """An agency or a creator with its score in points, now or in another period, and what is in force now."""

    id: str
    kind: SubjectKind
    region: str
    scheme: str
    period: str
    score: int
    cap: int
    tier: str | None = Field(description="The lowest tier that the score has come to.", examples=["zone_80"])
    next_in: int | None = Field(description="How many points less bring the next tier.")
    left_by: int | None = Field(description="How many points more end this tier.")
    on_trial: bool = Field(description="The score is on trial: points are counted, and nothing follows from them.")
    penalties: list[PenaltyShown]
    counted: list[PenaltyShown] = Field(description="Penalties on trial that would be in force.")


class Line(Shown):
    """A ledger line: what it is about, why it was written, by which rule, and the balance after it. In points."""

    number: int
    at: Instant
    what: str = Field(examples=["Violation of Poaching (mild)"])
    why: str = Field(examples=["A violation was found."])
    rule: str
    case: str | None
    appeal: str | None = Field(description="The appeal that brought it, if one did.")
    day: date | None
    price: int
    change: int
    balance: int


class Ledger(Shown):
    subject: str
    scheme: str
    period: str
    lines: list[Line]
    next: str | None = Field(description="Give it as `cursor` for the next page.")


class Quota(Shown):
    """The reports that an agency has left in its month, and when the next month opens."""

    agency: str
    month: str
    limit: int
    left: int
    opens_at: Instant


class Brought(Shown):
    """A penalty that a violation brought, to whom, and since when."""

    subject: str
    kind: PenaltyKind
    key: str
    text: str
    restrictions: list[str]
    starts_at: Instant
    ends_at: Instant | None
    lifted_at: Instant | None
    in_force: bool
    on_trial: bool = ON_TRIAL


class ContentLine(Shown):
    """A creator's violation: which rule, when, what it brought, and what an appeal made of it."""

    creator: str
    case: str
    clause: str
    title: str
    occurred_at: Instant
    severity: Severity
    stands: bool
    on_trial: bool = OF_A_CLAUSE_ON_TRIAL
    penalties: list[Brought]
    appeal: Outcome | str = _APPEAL
    policy: str = Field(description="Where the clause stands.")


class ContentVerdict(Shown):
    """The monthly content verdict of an agency: what its creators violated, and where the penalties are told."""

    agency: str
    month: str
    lines: list[ContentLine]
    penalty_table: str


class VerdictLine(Shown):
    """A violation: found against whom, which rule, when, what it brought, and what an appeal made of it."""

    case: str
    who: Who
    respondent: str
    agency: str | None = Field(description="Who managed the respondent when it happened.")
    agent: str | None
    clause: str
    title: str
    severity: Severity
    occurred_at: Instant
    decided_at: Instant
    stands: bool
    on_trial: bool = OF_A_CLAUSE_ON_TRIAL
    penalties: list[Brought]
    appeal: Outcome | str = _APPEAL
    policy: str = Field(description="Where the clause stands.")


class Verdicts(Shown):
    """The verdict history of an agency with its agents and creators, or of a creator; newest act first."""

    subject: str
    lines: list[VerdictLine]
    penalty_table: str
    next: str | None = Field(description="Give it as `cursor` for the next page.")
