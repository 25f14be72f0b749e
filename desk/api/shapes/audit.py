"""What people and systems did, in answers."""

from datetime import date

from pydantic import Field

from desk.api.shapes.words import Instant, Shown
from states.terms import Kind


class Counted(Shown):
    """How often somebody made a move; `through` is for ops and auditors."""

    event: str = Field(examples=["claim"])
    through: str | None
    count: int


class Act(Shown):
    """A move that somebody made, of a case or of a version of the rulebook; `through` is for ops and auditors."""

    at: Instant
    event: str = Field(examples=["claim"])
    case: str | None
    kind: Kind | None = Field(description="Of the case.")
    version: str | None = Field(description="Of a move of a version: its digest. Ops and auditors read these.")
    through: str | None = Field(examples=["session"])


class ActsShown(Shown):
    person: str
    day: date
    zone: str = Field(examples=["Asia/Ho_Chi_Minh"])
    counts: list[Counted]
    acts: list[Act]
    next: str | None = Field(description="Give it as `cursor` for the next page.")


class Record(Shown):
    """Rows that were written at once, by their names; their digests are sealed with it."""

    number: int
    topic: str = Field(examples=["feed"])
    at: Instant
    through: str | None = Field(examples=["key/3f9c2a7d51e04b86"])
    rows: list[str] = Field(examples=[["agencies/lotus"]])


class RecordsShown(Shown):
    records: list[Record]
    next: str | None = Field(description="Give it as `cursor` for the next page.")
