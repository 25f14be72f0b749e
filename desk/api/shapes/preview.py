"""What a decision would do, before it is made."""

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from desk.api.shapes.moves import Approve, Decide, Reject, SetAside
from desk.api.shapes.words import Instant, Shown
from rulebook.terms import PenaltyKind
from states.terms import Kind, Outcome, Status

Wish = Annotated[Decide | Approve | Reject | SetAside, Field(discriminator="do")]


class MoveShown(Shown):
    """A case that moves, from where and through which statuses."""

    case: str
    kind: Kind
    source: Status = Field(alias="from")
    through: list[Status]
    outcome: Outcome | None


class PriceShown(Shown):
    """A line that the ledger gets: what the act cost before and costs now, and the score after it. In points."""

    case: str | None = Field(description="The case of the violation; of a day, and of a case you can't see, none.")
    day: date | None
    reason: str = Field(examples=["verdict"])
    rank: int | None = Field(description="Which violation of the period it now is, where the price goes by that.")
    before: int
    price: int
    change: int
    score: int
    why: str = Field(examples=["Violation 3 of 2026: \N{MINUS SIGN}10"])


class ScoreShown(Shown):
    """A score in points, before and after, and the lines that lead from one to the other."""

    subject: str
    scheme: str
    period: str
    before: int
    after: int
    on_trial: bool = Field(description="Points are only counted: nothing follows from the score.")
    lines: list[PriceShown]


class PenaltyChange(Shown):
    """A penalty that begins, until `ends_at` if it has an end of its own; or one that ends then."""

    change: Literal["begins", "ends"]
    instead_of: str | None = Field(description="The key of the penalty in whose place it is put.")
    subject: str
    kind: PenaltyKind
    key: str
    text: str
    restrictions: list[str]
    starts_at: Instant
    ends_at: Instant | None
    on_trial: bool = Field(description="Only counted, and told to nobody.")


class NoticeShown(Shown):
    """Who is told, and the subject of the letter."""

    recipient: str
    case: str
    template: str
    subject: str


class HeldAppeal(Shown):
    """What becomes of the appeal that was held until the verdict."""

    case: str
    then: Literal["starts", "moot"]


class Effects(Shown):
    """What is done: to cases, to the scores and penalties of subjects that you can see; and who is told."""

    moves: list[MoveShown]
    scores: list[ScoreShown]
    penalties: list[PenaltyChange]
    held_appeal: HeldAppeal | None
    window_ends_at: Instant | None = Field(description="When the verdict can no longer be appealed.")
    notices: list[NoticeShown]


class Preview(Shown):
    """What a decision would do now, and what a second person's approval then does, where one is needed."""

    case: str
    version: int
    basis: str = Field(
        description="Sent with the move, it is refused (412) where it would do something else by then.",
        examples=["b413b6d1f516"],
    )
    now: Effects
    if_seconded: Effects | None
