"""How do things stand? The answers that the CLI, the API, the console and rehearsals show, each at a time."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine

from activities.books import Books
from activities.situation import window_of
from rulebook import calendar
from rulebook.policy import Policy
from rulebook.terms import SubjectKind
from states.appealable import Appeal, Appealable, appealable
from states.sight import Resource
from states.situation import Actor
from states.terms import Code, Kind, RefusedError
from store import case as cases
from store import party, policy, sight, view
from store.belt import reading
from store.case import Case
from store.party import Subject


@dataclass(frozen=True)
class Score:
    """A score in points, of a period, and the highest that it can be."""

    subject: str
    scheme: str
    period: str
    points: int
    cap: int


@dataclass(frozen=True)
class Quota:
    """The reports that an agency has left in a month, and when the next month opens."""

    agency: str
    month: str
    limit: int
    left: int
    opens_at: datetime


class Inquiry:
    """Reads; nothing is changed, and Temporal is not asked."""

    def __init__(self, engine: Engine, now: Callable[[], datetime]) -> None:
        self._engine = engine
        self._now = now
        self._books = Books()

    def actor(self, person: str) -> Actor:
        """Somebody who acts.

        Raises:
            RefusedError: `not_found`.
        """
        with self._engine.begin() as connection:
            found = party.actor(connection, person)
        if found is None:
            raise RefusedError(Code.NOT_FOUND, f"There is nobody called {person}.", "by")
        return found

    def case(self, case_id: str) -> Case | None:
        """A case's row, for whoever may see everything."""
        with self._engine.begin() as connection:
            return cases.read(connection, case_id)

    def visible(self, actor: Actor, case_id: str) -> bool:
        """Whether the actor can see the case."""
        now = self._now()
        with reading(self._engine, actor, now) as connection:
            return view.sees(connection, actor, case_id, now)

    def appeal(self, actor: Actor, report_id: str) -> Appealable:
        """Whether the actor can appeal the report, why, and until when (`domain.md` §5.3)."""
        now = self._now()
        with reading(self._engine, actor, now) as connection:
            report = cases.read(connection, report_id)
            standpoint = sight.standpoint(connection, actor, report_id, now)
            if report is None or report.kind is not Kind.REPORT or not standpoint.sees:
                return Appealable(Appeal.HIDDEN, "not_a_party")
            rules = self._books.policy(connection, report.rulebook, report.region)
            live = cases.live_appeal(connection, report_id) is not None
        return appealable(window_of(report, rules, live_appeal=live), standpoint.side, now)

    def score(self, subject_id: str, period: str | None = None) -> Score:
        """The subject's score, of the current period or another.

        Raises:
            RefusedError: `not_found`.
        """
        now = self._now()
        with self._engine.begin() as connection:
            subject, rules = self._subject(connection, subject_id, now)
            scheme = rules.scheme_of(subject.kind)
            of_period = period or calendar.period(scheme.period, now, rules.zone)
            profile = None
            if subject.kind is SubjectKind.CREATOR:
                profile = party.profile(connection, subject_id, now)
            bounds = scheme.bounds_of(profile.creator_class if profile else None)
            booked = view.balance(connection, subject_id, scheme.key, of_period)
        return Score(subject_id, scheme.key, of_period, bounds.start if booked is None else booked, bounds.cap)

    def penalties(self, subject_id: str) -> set[str]:
        """The keys of the subject's penalties in force now."""
        with self._engine.begin() as connection:
            rows = view.penalties_in_force(connection, subject_id, self._now())
        return {row["key"] for row in rows}

    def standings(self) -> list[tuple[str, frozenset[str], frozenset[str]]]:
        """Each subject that ever had a penalty: its id, the restrictions told to the platform, those in force."""
        now = self._now()
        with self._engine.begin() as connection:
            found = []
            for subject_id, told in view.told(connection):
                subject = party.subject(connection, subject_id)
                keys = view.penalties_in_force(connection, subject_id, now)
                carried: set[str] = set()
                for row in keys if subject else []:
                    rules = self._books.policy(connection, row["rulebook"], subject.region if subject else "")
                    carried |= rules.penalties[row["key"]].restrictions
                found.append((subject_id, told, frozenset(carried)))
        return found

    def quota(self, agency: str) -> Quota:
        """What is left of the agency's reports this month, in its own time zone.

        Raises:
            RefusedError: `not_found`.
        """
        now = self._now()
        with self._engine.begin() as connection:
            subject, rules = self._subject(connection, agency, now)
            if subject.kind is not SubjectKind.AGENCY:
                raise RefusedError(Code.NOT_FOUND, f"There is no agency {agency}.", "agency")
            month = calendar.month(now, rules.zone)
            used = view.used(connection, agency, month)
        limit = rules.procedure.reports_quota_per_month
        return Quota(agency, month, limit, max(limit - used, 0), calendar.next_month(now, rules.zone))

    def _subject(self, connection: Connection, subject_id: str, at: datetime) -> tuple[Subject, Policy]:
        subject = party.subject(connection, subject_id)
        digest = policy.in_force(connection, at)
        if subject is None or digest is None:
            raise RefusedError(Code.NOT_FOUND, f"There is no agency or creator {subject_id}.", "subject")
        return subject, self._books.policy(connection, digest, subject.region)

    def sees_subject(self, actor: Actor, subject_id: str) -> bool:
        """Whether the actor may read the subject's score (`domain.md` §7): their own, or those of their work."""
        now = self._now()
        with reading(self._engine, actor, now) as connection:
            return sight.sees(connection, actor, Resource.SUBJECT, subject_id, now)

    def ledger(self, score: Score) -> list[dict[str, Any]]:
        """The lines that led to the score, oldest first."""
        with self._engine.begin() as connection:
            rows = view.ledger_lines(connection, score.subject, score.scheme, score.period)
        return [dict(row) for row in rows]

    def in_force(self, subject_id: str) -> list[dict[str, Any]]:
        """The subject's penalties in force now, oldest first."""
        with self._engine.begin() as connection:
            rows = view.penalties_in_force(connection, subject_id, self._now())
        return [dict(row) for row in rows]
