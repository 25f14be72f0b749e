"""All that a page about a case or a subject shows, of one moment; each part as the read of that part alone says it."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Engine

from activities.move.wish import milder
from activities.quota import Quota
from activities.rulebooks import Rulebooks
from activities.subject import nobody
from desk.reading.agency import Agencies, Verdicts
from desk.reading.dossier import Dossier, Dossiers
from desk.reading.lists import page
from desk.reading.subject import Account, Sheets
from rulebook.clause import Clause
from rulebook.policy import Policy
from rulebook.terms import Severity, SubjectKind
from states.sight import Resource
from states.situation import Actor
from states.terms import RefusedError
from store import history, listing, party, sight, verdict
from store.cursor import Page
from store.party import Subject
from store.row_security import present

# How many penalties in force, lines of the ledger, open cases and lines of the verdict history there are at most.
PENALTIES, LINES, OPEN, VERDICTS = 100, 10, 20, 10


@dataclass(frozen=True)
class CaseOverview:
    """A case, and what one needs to know to work on it.

    `beside` is an appeal's report, or a report's appeal that is not closed; `clause` is of the rulebook that judges the
    case. `account` is that of the case's subject, none where it has no score, or the reader doesn't see it; `open` are
    the subject's open cases that the reader sees, this one among them. `milder` are the severities that who can decide
    the appeal can lower the verdict's to.
    """

    dossier: Dossier
    beside: Dossier | None
    clause: Clause
    account: Account | None
    open: Page
    milder: Sequence[Severity] = ()


@dataclass(frozen=True)
class SubjectOverview:
    """A subject's score, its open cases, and the newest lines of its verdict history; of an agency also the quota.

    `account`, `verdicts` and `quota` are none where the reader doesn't see them; `account` also where the `rules` that
    govern the subject count no score of its kind.
    """

    subject: Subject
    account: Account | None
    open: Page
    verdicts: Verdicts | None
    quota: Quota | None
    rules: Policy


class Overviews:
    """Reads, each in one transaction; nothing is changed, and Temporal is not asked."""

    def __init__(self, engine: Engine, now: Callable[[], datetime], rulebooks: Rulebooks | None = None) -> None:
        self._engine = engine
        self._now = now
        self._rulebooks = rulebooks or Rulebooks()
        self._dossiers = Dossiers(engine, now, self._rulebooks)
        self._sheets = Sheets(engine, now, self._rulebooks)
        self._agencies = Agencies(engine, now, self._rulebooks)

    def case(self, actor: Actor, case_id: str) -> CaseOverview:
        """What a case's page shows.

        Raises:
            RefusedError: `not_found`: there is no case for the actor; `forbidden`: staff of other regions.
        """
        with present(self._engine, actor, self._now()) as (connection, now):
            dossier, case = self._dossiers.read(connection, actor, case_id, now)
            beside = None
            if dossier.beside is not None:
                with suppress(RefusedError):  # they see the one and not the other
                    beside, _ = self._dossiers.read(connection, actor, dossier.beside, now)
            (subject,) = party.read(connection, [case.subject])
            return CaseOverview(
                dossier=dossier,
                beside=beside,
                clause=dossier.rules.clauses[case.clause],
                account=self._account(connection, actor, subject, now),
                open=_open(connection, actor, subject.id, now),
                milder=_milder(connection, dossier),
            )

    def subject(self, actor: Actor, subject_id: str) -> SubjectOverview:
        """What a subject's page shows.

        Raises:
            RefusedError: `not_found`: the actor sees neither its score nor its history.
        """
        with present(self._engine, actor, self._now()) as (connection, now):
            subject = party.subject(connection, subject_id)
            if subject is None:
                raise nobody(subject_id)
            seen = sight.sees(connection, actor, Resource.SUBJECT, subject_id, now)
            agency = subject.kind is SubjectKind.AGENCY
            told = sight.sees(connection, actor, Resource.AGENCY, subject_id, now) if agency else seen
            if not seen and not told:
                raise nobody(subject_id)
            verdicts = self._agencies.history
            return SubjectOverview(
                subject=subject,
                account=self._account(connection, actor, subject, now),
                open=_open(connection, actor, subject.id, now),
                verdicts=verdicts(connection, actor, subject, now, history.ANY, limit=VERDICTS) if told else None,
                quota=self._agencies.left(connection, subject, now) if told and agency else None,
                rules=self._rulebooks.governing(connection, subject, now),
            )

    def _account(self, connection: Connection, actor: Actor, subject: Subject, now: datetime) -> Account | None:
        if not sight.sees(connection, actor, Resource.SUBJECT, subject.id, now):
            return None
        if not self._sheets.counts(connection, subject, now):
            return None
        return self._sheets.account(connection, subject, now, PENALTIES, LINES)


def _milder(connection: Connection, dossier: Dossier) -> Sequence[Severity]:
    if dossier.case["of_case"] is None or "decide" not in dossier.offered.allowed:
        return ()
    found = verdict.last(connection, dossier.case["of_case"])
    return milder(found.severity) if found is not None else ()


def _open(connection: Connection, actor: Actor, subject_id: str, now: datetime) -> Page:
    return page(connection, actor, now, listing.Filter(against=subject_id, open=True), limit=OPEN)
