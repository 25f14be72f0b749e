"""The bodies of moves: the engine's own inputs (`activities/move/input.py`), with descriptions and examples.

Only `Decide` is a shape of its own, for both kinds: only its case tells whether it decides a report or an appeal.
"""

from typing import Annotated, Literal

from pydantic import Field

from activities.entered import Evidence, Name, Text
from activities.move import input as inputs
from desk.api.shapes.words import Asked, Extra, Instant, Shown
from rulebook.terms import Language, Severity
from states.terms import Code, Finding, Kind, Outcome, Side, Stage, Status

FILES = "What proves it: the ids of files that you have uploaded (`POST /api/v1/evidence`). Words are taken, too."
REFERENCE = "The platform's own name of the act, one for good: sent again, also under another key, it is the same case."


Basis = Annotated[
    str | None,
    Field(
        pattern=r"^[0-9a-f]{12}$",
        description="Of the preview that you have seen: the move is refused (412) where it would do something else.",
        examples=["b413b6d1f516"],
    ),
]


class Report(inputs.Report):
    """A report; `occurred` defaults to now; `severity` and `reference` are the platform's to state."""

    clause: Name = Field(examples=["agency.poaching"])
    against: Name = Field(description="An agency, one of its agents, or a creator.", examples=["lotus"])
    about: Annotated[tuple[Name, ...], Field(max_length=100, description="The creators that it is about.")] = ()
    occurred: Instant | None = None
    severity: Severity | None = None
    language: Language | None = Field(default=None, description="Defaults to that of the respondent's region.")
    again: Name | None = Field(default=None, description="A closed report that a senior moderator files again.")
    reference: Name | None = Field(default=None, description=REFERENCE)
    details: Text = Field(examples=["They offered our creator money to change over."])
    evidence: Evidence = Field(default=None, description=FILES)


class NewAppeal(inputs.Appeal):
    """An appeal against a report's verdict, also before it: then it is held."""

    of: Name = Field(description="The report.")
    grounds: Text = Field(examples=["The clip is of another year."])
    evidence: Evidence = Field(default=None, description=FILES)


class Claim(inputs.Bare):
    do: Literal["claim"]


class Renew(inputs.Bare):
    do: Literal["renew"]


class Release(inputs.Release):
    do: Literal["release"]
    reasons: Text | None = Field(default=None, description="Why; ops, who put back another's case, must say it.")


class Summarise(inputs.Worded):
    """What the respondent is told that it is accused of; said again, the last one counts."""

    do: Literal["summarise"]
    text: Text


class Note(inputs.Worded):
    """A note for reviewers, which no party reads."""

    do: Literal["note"]
    text: Text


class Withdraw(inputs.Bare):
    do: Literal["withdraw"]


class Ask(inputs.Ask):
    do: Literal["ask"]
    question: Text
    to: Side | None = Field(default=None, description="Whom: the reporter, unless said otherwise.")


class Answer(inputs.AnswerGiven):
    do: Literal["answer"]
    text: Text
    evidence: Evidence = Field(default=None, description=FILES)


class Escalate(inputs.Reasoned):
    do: Literal["escalate"]
    reasons: Text


class Decide(Asked):
    """Of a report: `finding` (and `of` for a duplicate); of an appeal: `outcome`."""

    do: Literal["decide"]
    reasons: Text
    finding: Finding | None = None
    outcome: Literal[Outcome.UPHELD, Outcome.OVERTURNED, Outcome.MODIFIED] | None = None
    severity: Severity | None = None
    clause: Name | None = None
    extra: Extra | None = None
    of: Name | None = None
    basis: Basis = None


class Approve(inputs.Reasoned):
    do: Literal["approve"]
    reasons: Text
    basis: Basis = None


class Reject(inputs.Reasoned):
    do: Literal["reject"]
    reasons: Text
    basis: Basis = None


class SetAside(inputs.Reasoned):
    """A verdict falls while its window is open, and the report is reviewed again by others."""

    do: Literal["set_aside"]
    reasons: Text
    basis: Basis = None


Move = Annotated[
    Claim
    | Renew
    | Release
    | Withdraw
    | Summarise
    | Note
    | Ask
    | Answer
    | Escalate
    | Decide
    | Approve
    | Reject
    | SetAside,
    Field(discriminator="do"),
]


class Moved(Shown):
    """What a move's sender is told."""

    case: str
    kind: Kind
    stage: Stage
    status: Status
    outcome: Outcome | None
    version: int
    at: Instant
    of: str | None


class Possible(Shown):
    """A move, and whether it is yours now; if not, why."""

    do: str = Field(description="A move; or `appeal`, which is filed with `POST /api/v1/appeals`.", examples=["claim"])
    allowed: bool
    code: Code | None = None
    reason: str | None = Field(
        default=None,
        description="Why not, in a sentence; of `appeal` the reason that `GET` of the case's `appeal` gives.",
    )


class Moves(Shown):
    case: str
    version: int
    moves: list[Possible]
