"""All that a page about a case or a subject shows, of one moment; each part as the route of that part alone has it."""

from pydantic import Field

from desk.api.shapes.case import Case, Page, Timeline
from desk.api.shapes.moves import Moves
from desk.api.shapes.rulebook import ClauseShown
from desk.api.shapes.subject import Ledger, Quota, Subject, Verdicts
from desk.api.shapes.words import Shown

_SCORE = Field(description="The score of whom it is charged to. Null: not yours to see.")
_LINES = Field(description="The newest ten lines of that score. Null: not yours to see.")
_OPEN = "Of the cases that you see, the newest twenty that are not closed"


class Beside(Shown):
    """The other case of a pair of report and appeal."""

    case: Case
    timeline: Timeline


class CaseOverview(Shown):
    """A case, and what one needs to know to work on it; what both sides said stands in the timelines."""

    case: Case
    timeline: Timeline
    moves: Moves
    clause: ClauseShown
    beside: Beside | None = Field(description="Of an appeal its report; of a report its appeal that is not closed.")
    subject: Subject | None = _SCORE
    ledger: Ledger | None = _LINES
    open: Page = Field(description=f"{_OPEN}, against whom it is charged to; this one among them.")


class SubjectOverview(Shown):
    """A subject's score with what is in force and what is open; of an agency also its quota."""

    id: str
    subject: Subject | None = _SCORE
    ledger: Ledger | None = _LINES
    open: Page = Field(description=f"{_OPEN}, against the subject.")
    verdicts: Verdicts | None = Field(description="The newest ten lines of its history. Null: not yours to see.")
    quota: Quota | None = Field(description="Null: it is no agency, or not yours to see.")
