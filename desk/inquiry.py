"""How do things stand? The answers that the CLI, the API, the console and rehearsals show, each at a time."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from activities.books import Books
from activities.situation import window_of
from rulebook import calendar
from rulebook.policy import Policy
from rulebook.terms import SubjectKind
from states.appealable import Appeal, Appealable, appealable
from states.situation import Actor
from states.terms import AGENCY_ROLES, REVIEWERS, Code, Kind, RefusedError, Role
from store import case as cases
from store import party, policy, sight, view
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

    def __init__(self, engine: AsyncEngine, now: Callable[[], datetime]) -> None:
        self._engine = engine
        self._now = now
        self._books = Books()

    async def actor(self, person: str) -> Actor:
        """Somebody who acts.

        Raises:
            RefusedError: `not_found`.
        """
        async with self._engine.connect() as connection:
            found = await party.actor(connection, person)
        if found is None:
            raise RefusedError(Code.NOT_FOUND, f"There is nobody called {person}.", "by")
        return found

    async def case(self, case_id: str) -> Case | None:
        """A case's row, for whoever may see everything."""
        async with self._engine.connect() as connection:
            return await cases.read(connection, case_id)

    async def visible(self, actor: Actor, case_id: str) -> bool:
        """Whether the actor can see the case."""
        async with self._engine.connect() as connection:
            return await view.sees(connection, actor, case_id, self._now())

    async def appeal(self, actor: Actor, report_id: str) -> Appealable:
        """Whether the actor can appeal the report, why, and until when (`domain.md` §5.3)."""
        now = self._now()
        async with self._engine.connect() as connection:
            report = await cases.read(connection, report_id)
            standpoint = await sight.standpoint(connection, actor, report_id, now)
            if report is None or report.kind is not Kind.REPORT or not standpoint.sees:
                return Appealable(Appeal.HIDDEN, "not_a_party")
            rules = await self._books.policy(connection, report.rulebook, report.region)
            live = await cases.live_appeal(connection, report_id) is not None
        return appealable(window_of(report, rules, live_appeal=live), standpoint.side, now)

    async def score(self, subject_id: str, period: str | None = None) -> Score:
        """The subject's score, of the current period or another.

        Raises:
            RefusedError: `not_found`.
        """
        now = self._now()
        async with self._engine.connect() as connection:
            subject, rules = await self._subject(connection, subject_id, now)
            scheme = rules.scheme_of(subject.kind)
            of_period = period or calendar.period(scheme.period, now, rules.zone)
            profile = None
            if subject.kind is SubjectKind.CREATOR:
                profile = await party.profile(connection, subject_id, now)
            bounds = scheme.bounds_of(profile.creator_class if profile else None)
            booked = await view.balance(connection, subject_id, scheme.key, of_period)
        return Score(subject_id, scheme.key, of_period, bounds.start if booked is None else booked, bounds.cap)

    async def penalties(self, subject_id: str) -> set[str]:
        """The keys of the subject's penalties in force now."""
        async with self._engine.connect() as connection:
            rows = await view.penalties_in_force(connection, subject_id, self._now())
        return {row["key"] for row in rows}

    async def standings(self) -> list[tuple[str, frozenset[str], frozenset[str]]]:
        """Each subject that ever had a penalty: its id, the restrictions told to the platform, those in force."""
        now = self._now()
        async with self._engine.connect() as connection:
            found = []
            for subject_id, told in await view.told(connection):
                subject = await party.subject(connection, subject_id)
                keys = await view.penalties_in_force(connection, subject_id, now)
                carried: set[str] = set()
                for row in keys if subject else []:
                    rules = await self._books.policy(connection, row["rulebook"], subject.region if subject else "")
                    carried |= rules.penalties[row["key"]].restrictions
                found.append((subject_id, told, frozenset(carried)))
        return found

    async def quota(self, agency: str) -> Quota:
        """What is left of the agency's reports this month, in its own time zone.

        Raises:
            RefusedError: `not_found`.
        """
        now = self._now()
        async with self._engine.connect() as connection:
            subject, rules = await self._subject(connection, agency, now)
            if subject.kind is not SubjectKind.AGENCY:
                raise RefusedError(Code.NOT_FOUND, f"There is no agency {agency}.", "agency")
            month = calendar.month(now, rules.zone)
            used = await view.used(connection, agency, month)
        limit = rules.procedure.reports_quota_per_month
        return Quota(agency, month, limit, max(limit - used, 0), calendar.next_month(now, rules.zone))

    async def _subject(self, connection: AsyncConnection, subject_id: str, at: datetime) -> tuple[Subject, Policy]:
        subject = await party.subject(connection, subject_id)
        digest = await policy.in_force(connection, at)
        if subject is None or digest is None:
            raise RefusedError(Code.NOT_FOUND, f"There is no agency or creator {subject_id}.", "subject")
        return subject, await self._books.policy(connection, digest, subject.region)

    async def sees_subject(self, actor: Actor, subject_id: str) -> bool:
        """Whether the actor may read the subject's score (`domain.md` §7): their own, or those of their work."""
        async with self._engine.connect() as connection:
            subject = await party.subject(connection, subject_id)
            managed = await party.management(connection, subject_id, self._now())
        if subject is None:
            return False
        if actor.role in REVIEWERS:
            return subject.region in actor.regions
        if actor.role is Role.AGENT:
            return managed.agent == actor.id
        if actor.role in AGENCY_ROLES:
            return actor.agency in {subject_id, managed.agency}
        return actor.role in {Role.OPS, Role.AUDITOR} or actor.id == subject_id

    async def ledger(self, score: Score) -> list[dict[str, Any]]:
        """The lines that led to the score, oldest first."""
        async with self._engine.connect() as connection:
            rows = await view.ledger_lines(connection, score.subject, score.scheme, score.period)
        return [dict(row) for row in rows]

    async def in_force(self, subject_id: str) -> list[dict[str, Any]]:
        """The subject's penalties in force now, oldest first."""
        async with self._engine.connect() as connection:
            rows = await view.penalties_in_force(connection, subject_id, self._now())
        return [dict(row) for row in rows]
