"""One transaction's work: what it has locked and read, and what it will write at its end."""

from copy import copy
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from activities.rulebooks import Rulebooks
from activities.score.pricing import Change
from activities.score.rescore import Rescored, rescore
from activities.timeline import Timeline
from rulebook.policy import Policy
from states.situation import Actor
from store import case as cases
from store import lock, party, quota
from store.case import Case
from store.party import Subject
from store.penalty import Changes
from store.verdict import Verdict


class Work:
    """Locks are taken in one order: who must keep their seat, cases (an appeal's report before the appeal), subjects.

    `notices` are those to be sent, `penalties` what was done to penalties, `rescored` what to scores, and `charged` the
    subjects whose scores the work touches. Without `locks` it only looks, and what it writes must be rolled back.
    """

    def __init__(self, connection: Connection, at: datetime, rulebooks: Rulebooks, *, locks: bool = True) -> None:
        self.connection = connection
        self.at = at
        self.rulebooks = rulebooks
        self.locks = locks
        self.notices: list[dict[str, Any]] = []
        self.penalties = Changes()
        self.rescored: list[Rescored] = []
        self.charged: set[str] = set()
        self.verdicts: dict[str, Verdict | None] = {}
        self.cases: dict[str, Case] = {}
        self._before: dict[str, Case] = {}
        self._people: dict[str, Actor | None] = {}
        self._subjects: dict[str, Subject] = {}
        self._slots: dict[tuple[str, str], set[int]] = {}
        self._timeline: Timeline | None = None
        self._live: dict[str, str | None] = {}

    def hold(self, person: str) -> None:
        """Keep a person in their seat until the commit; to be asked before a case is opened."""
        party.actor(self.connection, person, hold=True)

    def meet(self, person: str, actor: Actor | None) -> None:
        """Get to know who a person is; none: nobody who acts."""
        self._people[person] = actor

    def actor(self, person: str) -> Actor | None:
        """The person as an actor, if there is one."""
        return self._people[person] if person in self._people else party.actor(self.connection, person)

    def open(self, case_id: str) -> Case | None:
        """Lock and give a case; once opened it stays the same object until the commit."""
        if case_id not in self.cases:
            for found in self._load(case_id):
                if found.id not in self.cases:
                    self.cases[found.id] = found
                    self._before[found.id] = copy(found)
        return self.cases.get(case_id)

    def require(self, case_id: str) -> Case:
        """Lock and give a case that is known to exist."""
        found = self.open(case_id)
        if found is None:
            raise LookupError(f"case {case_id} is gone")
        return found

    def introduce(self, case: Case, before: Case | None = None) -> None:
        """Bring in a case that has no row yet, or that stood so `before`."""
        self.cases[case.id] = case
        if before is not None:
            self._before[case.id] = before

    def report_of(self, case: Case) -> Case | None:
        """The report that an appeal is about."""
        return self.open(case.of_case) if case.of_case else None

    def subjects(self, *ids: str) -> dict[str, Subject]:
        """Lock and give subjects that are known to exist."""
        if missing := set(ids) - self._subjects.keys():
            found = party.lock(self.connection, missing) if self.locks else party.read(self.connection, missing)
            self._subjects |= {subject.id: subject for subject in found}
            self._timeline = None
        return {subject_id: self._subjects[subject_id] for subject_id in ids}

    def region_of(self, subject_id: str) -> str:
        """The region of a subject that is known to exist; it is not locked, as a region never changes."""
        known = self._subjects.get(subject_id) or party.read(self.connection, [subject_id])[0]
        return known.region

    def rescore(self, subject: Subject, period: str | None, why: Change) -> Rescored | None:
        """Price a score of the subject, which must be locked, again; none where no score is counted."""
        if period is None:
            return None
        done = rescore(self.connection, self.timeline, subject, period, why, self.penalties)
        if done is not None:
            self.rescored.append(done)
        return done

    def slots(self, agency: str, month: str) -> set[int]:
        """The slots of the month that the agency, which must be locked, had in use when they were first asked for."""
        if (agency, month) not in self._slots:
            self._slots[agency, month] = quota.taken(self.connection, agency, month)
        return self._slots[agency, month]

    def hold_duplicates(self, case: Case) -> None:
        """Lock what is joined to what among the reports on a subject: one is not withdrawn while another joins it."""
        if self.locks:
            lock.hold_id(self.connection, f"duplicates {case.subject}")

    def hold_reference(self, reference: str) -> None:
        """Lock the name that the platform gives an act: two reports under it wait for each other."""
        if self.locks:
            lock.hold_id(self.connection, f"reference {reference}")

    def policy(self, case: Case) -> Policy:
        """The rules that the case is judged by."""
        return self.rulebooks.policy(self.connection, case.rulebook, case.region)

    def policy_now(self, agency: str) -> Policy:
        """The rules now in force in the agency's region, as for its quota; locks the agency."""
        return self.timeline.now(self.subjects(agency)[agency].region, self.at)

    @property
    def timeline(self) -> Timeline:
        """Which version answers what; read again after a subject was locked, as a wave may have reached it before."""
        if self._timeline is None:
            self._timeline = self.rulebooks.timeline(self.connection)
        return self._timeline

    def live_appeal(self, report: Case) -> str | None:
        """The appeal against the report that was not closed when it was first asked for; the report must be locked."""
        if report.id not in self._live:
            self._live[report.id] = cases.live_appeal(self.connection, report.id)
        return self._live[report.id]

    def before(self, case: Case) -> Case | None:
        """The case as it was read; none where it has no row yet."""
        return self._before.get(case.id)

    def save(self, case: Case) -> None:
        """Write the case: a new row, or what differs from what was read."""
        cases.save(self.connection, case, self._before.get(case.id))

    def _load(self, case_id: str) -> list[Case]:
        if self.locks:
            return cases.lock(self.connection, case_id)
        found = cases.read(self.connection, case_id)
        return [found] if found else []
