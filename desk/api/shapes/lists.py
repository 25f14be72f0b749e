"""The filters of lists, as query parameters."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from activities.entered import Name
from rulebook.terms import REGION, Language, Severity
from states.terms import Kind, Outcome, Stage, Status
from store.cursor import MOST
from store.listing import Order
from store.queue import Sort

Region = Annotated[str, Field(pattern=REGION)]


class _Paged(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    cursor: str | None = Field(default=None, max_length=1000, description="The `next` of the page before.")
    limit: int = Field(default=50, ge=1, le=MOST)


class QueueQuery(_Paged):
    region: Region | None = None
    language: Language | None = None
    kind: Kind | None = None
    clause: Name | None = None
    severity: Severity | None = Field(default=None, description="As the platform stated it when it reported.")
    stage: Stage | None = None
    status: Status | None = None
    claimed_by: Name | None = Field(default=None, description="Cases that this person has claimed.")
    overdue: bool | None = Field(default=None, description="What they wait for should have happened by now.")
    sort: Sort = Sort.DUE


class CasesQuery(_Paged):
    kind: Kind | None = None
    stage: Stage | None = None
    clause: Name | None = None
    outcome: Outcome | None = None
    creator: Name | None = Field(default=None, description="The respondent, or one whom the case is about.")
    agent: Name | None = Field(default=None, description="Who is charged, was reported, or filed it.")
    against: Name | None = Field(default=None, description="The respondent, or whose score it would cost.")
    of: Name | None = Field(default=None, description="Appeals against this report.")
    filed: bool | None = Field(default=None, description="`true`: filed by your own side; `false`: by the other.")
    sort: Order = Sort.FILED_LAST
