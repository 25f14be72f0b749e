"""The filters of lists, as query parameters."""

from pydantic import BaseModel, ConfigDict, Field

from activities.entered import Name
from desk.reading.standing import Order as Nearness
from desk.reading.wanted import Looked
from states.terms import Kind, Outcome, Stage
from store.cursor import MOST
from store.listing import Order
from store.order import Sort


class _Paged(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    cursor: str | None = Field(default=None, max_length=1000, description="The `next` of the page before.")
    limit: int = Field(default=50, ge=1, le=MOST)


class QueueQuery(_Paged, Looked):
    sort: Sort = Field(
        default=Sort.URGENT,
        description="`urgent`: by priority, then by the deadline of the review. `due`: by what comes next.",
    )

    def looked(self) -> Looked:
        """What is asked, without the page."""
        return Looked.model_construct(**{name: getattr(self, name) for name in Looked.model_fields})


class CasesQuery(_Paged):
    kind: Kind | None = None
    stage: Stage | None = None
    clause: Name | None = None
    outcome: Outcome | None = None
    creator: Name | None = Field(default=None, description="The respondent, or one whom the case is about.")
    agent: Name | None = Field(default=None, description="Who is charged, was reported, or filed it.")
    against: Name | None = Field(default=None, description="The respondent, or whose score it would cost.")
    of: Name | None = Field(default=None, description="Appeals against this report.")
    reference: Name | None = Field(default=None, description="Your own name of the act, given with the report.")
    filed: bool | None = Field(default=None, description="`true`: filed by your own side; `false`: by the other.")
    open: bool | None = Field(default=None, description="`true`: not closed yet; `false`: closed.")
    sort: Order = Sort.FILED_LAST


class PeopleQuery(_Paged):
    agency: Name | None = Field(default=None, description="People of this agency.")
    ended: bool = Field(default=False, description="`true`: those who have left.")


class CreatorsQuery(_Paged):
    agency: Name | None = Field(default=None, description="Creators whom this agency manages now.")
    agent: Name | None = Field(default=None, description="Creators whom this agent manages now.")


class StandingsQuery(_Paged):
    agent: Name | None = Field(default=None, description="Creators whom this agent manages now.")
    sort: Nearness = Nearness.NEAR
