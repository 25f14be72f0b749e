"""What every route works with: the door, the readers, the identities and the limits."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from urllib.parse import quote

from fastapi import Request
from sqlalchemy import Connection, Engine
from temporalio.client import Client

from activities.rulebooks import Rulebooks
from desk.door.door import Door
from desk.door.mending import Mending
from desk.door.messages import Messages
from desk.door.next import Next
from desk.door.previews import Previews
from desk.door.versions import VersionMoves
from desk.evidence.keep import Intake
from desk.identity.identities import Identities
from desk.identity.limits import Limits
from desk.identity.proving import Proving
from desk.reading.acts import Audit
from desk.reading.agency import Agencies
from desk.reading.course import Courses
from desk.reading.dossier import Dossiers
from desk.reading.drafts import Drafts
from desk.reading.explained import Explanations
from desk.reading.filing import Filings
from desk.reading.life import Lives
from desk.reading.lists import Lists
from desk.reading.month import Months
from desk.reading.notices import Notices
from desk.reading.overview import Overviews
from desk.reading.parties import Parties
from desk.reading.past import Pasts
from desk.reading.preferences import Preferences
from desk.reading.pulse import Pulses
from desk.reading.receipts import Receipts
from desk.reading.rules import Rules
from desk.reading.search import Search
from desk.reading.standings import Standings
from desk.reading.subject import Sheets
from desk.reading.versions import Versions
from desk.reading.watch import Watch
from desk.refusal import ProblemError
from desk.words import Languages
from states.terms import Code
from store.moment import moment


@dataclass(frozen=True)
class Service:
    """`now` is the cases' clock, which in a rehearsal is the story's; identities use real time.

    `intake` takes files of evidence in, and has those that were.
    `demo`: this is a demo (`workers/settings.py`); receivers of webhooks may then be on this machine.
    `temporal_pages`: where those of Temporal's own are.
    """

    door: Door
    identities: Identities
    limits: Limits
    intake: Intake
    demo: bool = False
    temporal_pages: str | None = None
    languages: Languages = field(default_factory=Languages)

    @property
    def engine(self) -> Engine:
        """The database."""
        return self.door.engine

    @property
    def client(self) -> Client:
        """Temporal."""
        return self.door.client

    @property
    def rulebooks(self) -> Rulebooks:
        """The stored rulebooks."""
        return self.door.rulebooks

    @property
    def now(self) -> Callable[[], datetime]:
        """The engine's clock."""
        return self.door.now

    def moment(self, connection: Connection) -> datetime:
        """The time of a write: never before what its sender may have seen, where clocks differ."""
        return moment(connection, self.now())

    @property
    def proving(self) -> Proving:
        """What begins sessions of local accounts.

        Raises:
            ProblemError: `forbidden`: there are none here.
        """
        own = self.identities
        if own.accounts is None:
            raise ProblemError(Code.FORBIDDEN, "no_passwords_here")
        return Proving(self.engine, own.accounts, own.sessions, self.limits, own.now)

    def temporal_page(self, workflow_id: str) -> str | None:
        """Temporal's own page of a workflow, where it is known where these are."""
        if self.temporal_pages is None:
            return None
        where = f"namespaces/{quote(self.client.namespace, safe='')}/workflows/{quote(workflow_id, safe='')}"
        return f"{self.temporal_pages.rstrip('/')}/{where}"

    @cached_property
    def dossiers(self) -> Dossiers:
        """Cases, as somebody may see them."""
        return Dossiers(self.engine, self.now, self.rulebooks)

    @cached_property
    def receipts(self) -> Receipts:
        """Proofs that cases are under signed checkpoints."""
        return Receipts(self.engine, self.now)

    @cached_property
    def lives(self) -> Lives:
        """Lives of cases, with what Temporal did for them."""
        return Lives(self.engine, self.client, self.dossiers)

    @cached_property
    def months(self) -> Months:
        """Monthly figures."""
        return Months(self.engine, self.now)

    @cached_property
    def pasts(self) -> Pasts:
        """Cases as they were."""
        return Pasts(self.engine, self.now, self.rulebooks, self.sheets)

    @cached_property
    def lists(self) -> Lists:
        """Lists of cases, as somebody may see them."""
        return Lists(self.engine, self.now, self.rulebooks)

    @cached_property
    def pulses(self) -> Pulses:
        """Whether cases have moved."""
        return Pulses(self.engine, self.now)

    @cached_property
    def following(self) -> Next:
        """The next case of the queue, for whoever asks."""
        return Next(self.door)

    @cached_property
    def version_moves(self) -> VersionMoves:
        """Moves of the rulebook's versions."""
        return VersionMoves(self.door)

    @cached_property
    def previews(self) -> Previews:
        """What a decision would do."""
        return Previews(self.door)

    @cached_property
    def notices(self) -> Notices:
        """What people were told."""
        return Notices(self.engine, self.now, self.rulebooks)

    @cached_property
    def filings(self) -> Filings:
        """What parties file under."""
        return Filings(self.engine, self.now, self.rulebooks)

    @cached_property
    def drafts(self) -> Drafts:
        """What people have begun to write."""
        return Drafts(self.engine, self.now)

    @cached_property
    def sheets(self) -> Sheets:
        """Scores, ledgers and penalties, as somebody may see them."""
        return Sheets(self.engine, self.now, self.rulebooks)

    @cached_property
    def agencies(self) -> Agencies:
        """Quotas, content verdicts and verdict histories, as somebody may see them."""
        return Agencies(self.engine, self.now, self.rulebooks)

    @cached_property
    def courses(self) -> Courses:
        """How scores went, as somebody may see them."""
        return Courses(self.engine, self.now, self.rulebooks)

    @cached_property
    def standings(self) -> Standings:
        """Who is near a line, as somebody may see it."""
        return Standings(self.engine, self.now, self.rulebooks)

    @cached_property
    def overviews(self) -> Overviews:
        """All that a page about a case or a subject shows."""
        return Overviews(self.engine, self.now, self.rulebooks)

    @cached_property
    def parties(self) -> Parties:
        """Agencies, people and creators, as somebody may see them."""
        return Parties(self.engine, self.now)

    @cached_property
    def audit(self) -> Audit:
        """What people and systems did."""
        return Audit(self.engine, self.now)

    @cached_property
    def search(self) -> Search:
        """What is called how, as somebody may see it."""
        return Search(self.engine, self.now)

    @cached_property
    def watch(self) -> Watch:
        """What is stuck or behind."""
        return Watch(self.engine, self.now, self.client, self.door.task_queue, self.rulebooks)

    @cached_property
    def mending(self) -> Mending:
        """Mends what is stuck, for ops."""
        return Mending(self.door)

    @cached_property
    def messages(self) -> Messages:
        """What Temporal keeps of messages, for ops."""
        return Messages(self.door)

    @cached_property
    def rules(self) -> Rules:
        """The rules by region."""
        return Rules(self.engine, self.now, self.rulebooks)

    @cached_property
    def versions(self) -> Versions:
        """The versions of the rulebook."""
        return Versions(self.engine, self.now, self.rulebooks)

    @cached_property
    def explanations(self) -> Explanations:
        """Which value of the rulebook takes effect, and why."""
        return Explanations(self.engine, self.now, self.rulebooks)

    @cached_property
    def preferences(self) -> Preferences:
        """In which language and time zone people read."""
        return Preferences(self.engine, self.now, self.rulebooks)


def service(request: Request) -> Service:
    """The service that the application was made with."""
    found: Service = request.app.state.service
    return found
