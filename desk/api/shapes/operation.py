"""What ops and auditors read of the running of it all, in answers."""

from typing import Annotated, Literal

from pydantic import Field

from activities.entered import Name
from desk.api.shapes.case import Facts
from desk.api.shapes.subject import Subject
from desk.api.shapes.words import Asked, Instant, Shown
from desk.door.mending import Repair, Whose
from desk.reading.story import Lane
from ops.stuck import Trouble
from states.terms import Kind, Status


class Happened(Shown):
    """Something that happened to a case, or to `case` beside it.

    Of a move: who made it, `through` what, and the status that it led to. Of a deadline: when it is `due`, and since
    when it no longer was one. Of an activity: which attempt it was, and its error, where it failed.
    """

    at: Instant
    lane: Lane
    case: str
    what: str | None = Field(description="The move, or the activity's name.", examples=["claim"])
    who: str | None
    through: str | None = Field(examples=["session"])
    target: Status | None
    due: Instant | None
    cancelled: Instant | None
    attempt: int | None
    error: str | None


class Waited(Shown):
    """A stretch of time in one status; `until` is none while it lasts."""

    status: Status
    since: Instant
    until: Instant | None


class Life(Shown):
    """The life of a case, by its journal and Temporal's history of it; nobody's words."""

    id: str
    kind: Kind
    status: Status
    version: int
    rulebook: str = Field(description="The digest of the version that it is judged by.")
    region: str
    asked: bool = Field(description="Whether Temporal could be asked; without it the journal alone tells.")
    workflow: Literal["running", "ended"] | None = Field(description="None where Temporal knows nothing of it.")
    builds: list[str] = Field(description="The builds of workers that carried it out, the last one last.")
    waits: list[Waited]
    story: list[Happened]


class Past(Shown):
    """A case as it was at a time, by its journal, with the scores and penalties then of whom it charges."""

    at: Instant
    sealed: bool = Field(
        description="The chain vouches for the whole of the case's row; without it, some of it was not as it is told."
    )
    case: Facts
    subjects: list[Subject]


class Figures(Shown):
    """Verdicts of reports that took force in a month: of all, or of a region, a clause or a moderator, the `key`.

    `hours_median` and `hours_90` are from filing to verdict. `appealed` counts those of which an appeal was decided.
    """

    by: Literal["all", "region", "clause", "moderator"]
    key: str | None = Field(examples=["VN"])
    decided: int
    violation: int
    none: int
    duplicate: int
    hours_median: float | None
    hours_90: float | None
    appealed: int
    upheld: int
    modified: int
    overturned: int
    set_aside: int


class Month(Shown):
    """A month's figures; what becomes of its verdicts later changes them."""

    month: str = Field(examples=["2026-03"])
    zone: str = Field(examples=["Asia/Ho_Chi_Minh"])
    rows: list[Figures]


class Tried(Shown):
    """What is tried again and again: an activity, or the task of the workflow itself."""

    at: Instant
    name: str = Field(examples=["tell"])
    number: int
    error: str | None


class Stuck(Shown):
    """Something that does not go on: what troubles it, since when, where that is known, and what mends it.

    Without a `repair` nothing of ours mends it: it goes on by itself once its cause is gone, or a person decides.
    """

    whose: Whose
    name: str
    trouble: Trouble
    since: Instant | None
    repair: Repair | None
    failing: Tried | None
    waiting: int | None = Field(description="Of a receiver: how many deliveries wait.")


class AllStuck(Shown):
    """What is stuck, the oldest first; `asked` says whether Temporal could be asked, and `workers` how many work."""

    at: Instant
    asked: bool
    workers: int
    stuck: list[Stuck]


class NewRepair(Asked):
    """What is to be mended, and how; the same as `GET /stuck` says, or `look`, which does no harm."""

    whose: Whose
    name: Annotated[Name, Field(examples=["report-4c9d2f6ab0e17c35d8a1"])]
    repair: Repair = Repair.LOOK


class Mended(Shown):
    """What was ordered to be mended; it stands in the records."""

    whose: Whose
    name: str
    repair: Repair
    at: Instant
