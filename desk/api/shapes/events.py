"""The payloads of webhooks: ids, statuses and links, never anybody's words."""

from typing import Literal

from pydantic import Field

from desk.api.shapes.words import Instant, Shown
from rulebook.terms import PenaltyKind
from states.terms import Kind, Outcome, Stage, Status
from store.schema.webhooks import Event


class _Told(Shown):
    id: str = Field(
        description="Of the delivery: the same each time that it is sent.", examples=["dl-8a1c3e5f70b2d4961c0e"]
    )
    at: Instant


class CaseTold(_Told):
    """How a case stands after a move; of `verdict.decided`, when a report's or an appeal's verdict was given."""

    event: Literal[Event.CASE_MOVED, Event.VERDICT_DECIDED]
    case: str = Field(examples=["report-1d5a0c7e9b3f4482a6d1"])
    kind: Kind
    stage: Stage
    status: Status
    outcome: Outcome | None
    version: int
    link: str = Field(description="Where the case is read.", examples=["/api/v1/cases/report-1d5a0c7e9b3f4482a6d1"])


class _Penalty(_Told):
    subject: str = Field(examples=["kim"])
    key: str = Field(examples=["base.warning"])
    kind: PenaltyKind
    restrictions: list[str]
    starts_at: Instant
    ends_at: Instant | None


class PenaltyTold(_Penalty):
    """A penalty of yours, or of a creator whom you manage; `ends_at` is none where only the score carries it."""

    event: Literal[Event.PENALTY_IN_FORCE]


class LiftedTold(_Penalty):
    """A penalty that was lifted; of one that ends at its `ends_at` nothing more is said."""

    event: Literal[Event.PENALTY_LIFTED]
    lifted_at: Instant


class NoticeTold(_Told):
    """A notice to you: `GET /api/v1/notices` has its words."""

    event: Literal[Event.NOTICE_SENT]
    template: str = Field(examples=["verdict.violation"])
    case: str | None = Field(description="The case that it is about.")
    version: str | None = Field(description="Or the version of the rulebook, by its digest.")
    about: str | None = Field(description="For which agency or creator the version changed something.")
