"""Cases in answers; a field that the reader may not see is absent."""

from typing import Any

from pydantic import Field

from desk.api.shapes.words import Instant, Shown
from rulebook.terms import Severity
from states.appealable import Appeal
from states.terms import AppealReason, Finding, Kind, Outcome, Side, Stage, Status
from store.receipt import FORMAT
from store.schema.evidence import FileKind


class AppealAnswer(Shown):
    """Can you appeal it? With a reason for machines, and the end of the window where there is one."""

    appeal: Appeal
    reason: AppealReason = Field(examples=["window_open"])
    until: Instant | None = None


class Listed(Shown):
    """A case in a list. Fields that are absent are not its reader's to see."""

    id: str
    kind: Kind
    stage: Stage
    status: Status
    outcome: Outcome | None
    version: int
    clause: str
    region: str
    language: str | None = None
    filed_at: Instant
    respondent: str
    about: list[str]
    of: str | None
    severity: Severity | None = Field(
        default=None, description="As the platform stated it when it reported; a verdict's is in the timeline."
    )
    priority: int | None = Field(default=None, description="1 is reviewed before all others; an ordinary case has 5.")
    escalated: bool | None = None
    review_due_at: Instant | None = None
    deadline_at: Instant | None = None
    claimed_by: str | None = None


class Alike(Shown):
    """A report that may be about the same act."""

    id: str
    status: Status
    outcome: Outcome | None
    clause: str
    occurred_at: Instant
    about: list[str]


class Stored(Shown):
    """What is said of every file; `hash` is the SHA-256 of its bytes as they are stored, which is encrypted."""

    id: str = Field(examples=["ev-5d0c1e8f7a2b4c6d9e01"])
    kind: FileKind
    size: int = Field(description="In bytes.")
    hash: str = Field(examples=["9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"])


class Uploaded(Stored):
    """A file that was brought, and that no case has yet; `hash` is the SHA-256 of its bytes as they are stored."""

    name: str = Field(examples=["clip.mp4"])


class File(Stored):
    """A file of evidence; `hash` is the SHA-256 of its bytes as they are stored, which is encrypted."""

    name: str | None = Field(description="Null where the file is erased.", examples=["clip.mp4"])
    brought_by: str
    side: Side
    at: Instant = Field(description="When it was uploaded.")


class Evidence(Shown):
    case: str
    evidence: list[File]


class Facts(Listed):
    """What is read of a case's row. Fields that are absent are not its reader's to see."""

    filed_by: str = Field(description="For a respondent: `another agency` or `the platform`.")
    occurred_at: Instant
    finding: Finding | None
    asked: Side | None
    window_ends_at: Instant | None
    answer_due_at: Instant | None = None
    rulebook: str | None = None
    filed_agency: str | None = None
    subject: str | None = None
    agency: str | None = None
    agent: str | None = None
    lease_until: Instant | None = None
    barred: list[str] | None = None
    reference: str | None = Field(default=None, description="The platform's own name of the act.")


class Case(Facts):
    """A case. Fields that are absent are not its reader's to see."""

    allowed: list[str] = Field(
        description="What you can do now: moves, and `appeal`, which is filed with `POST /api/v1/appeals`.",
        examples=[["answer", "appeal"]],
    )
    appeal: AppealAnswer | None = None
    appeals: list[str] = Field(description="The appeals against it that you can see.")
    evidence: list[File] = Field(description="The files that are yours to see.")
    summary: str | None = Field(default=None, description="What the respondent is told that it is accused of.")
    again: str | None = Field(default=None, description="The closed report that this one files again.")
    filed_again: str | None = Field(default=None, description="The report that files this one again.")
    likely_duplicates: list[Alike] | None = Field(
        default=None,
        description="For reviewers: reports against the same respondent, of the same clause or about the same creators,"
        " within 48 hours of it; at most ten.",
    )


class Entry(Shown):
    """A line of the timeline; `facts` and `texts` are those that its reader may see; a text that is erased is null.

    `through`, which auditors and ops read: `session`, `token`, `key/ID`, `command_line/USER`, `direct` (a rehearsal),
    `clock` or `engine`.
    """

    version: int
    at: Instant
    event: str
    actor: str
    source: str
    target: str
    facts: dict[str, Any]
    texts: dict[str, str | None]
    through: str | None = None


class Timeline(Shown):
    case: str
    entries: list[Entry]


class Receipt(Shown):
    """The proof that the case's newest line which you read is under a signed checkpoint.

    A script that needs nothing of Casework checks it: `docs/check_receipt.py`.
    """

    format: str = Field(examples=[FORMAT])
    case: str
    hash: str = Field(description="Of the line, as 64 hex digits.")
    place: int = Field(description="Of the leaf in the checkpoint's tree, from 0.")
    path: list[str] = Field(description="The hashes beside the leaf's way to the root, from below.")
    signed: str = Field(description="The checkpoint: the JSON text that is signed.")
    signature: str = Field(description="That of Ed25519, as 128 hex digits.")


class Page(Shown):
    """A page of cases; `next` is the cursor of the following one."""

    cases: list[Listed]
    next: str | None


class Queue(Page):
    """A page of the queue; the first also says how many cases fit."""

    count: int | None = Field(default=None, description="Counted no further than to 200.")
    more: bool | None = Field(default=None, description="Whether there are more than were counted.")
