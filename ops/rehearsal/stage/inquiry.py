"""Answers a scenario's questions from the database, at the story's time."""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import Engine

from activities.move.situation import window_of
from activities.quota import Quota, quota_of
from activities.restrictions import in_force
from activities.rulebooks import Rulebooks
from activities.score.points import Score, counting, score_of
from activities.subject import known, subject_of
from states.appealable import Appeal, Appealable, appealable
from states.sight import Resource
from states.situation import Actor
from states.terms import Kind
from store import case as cases
from store import evidence, forecast, penalty, restrictions, sight
from store.case import Case
from store.row_security import present


class Inquiry:
    """Reads only, and asks no Temporal."""

    def __init__(self, engine: Engine, now: Callable[[], datetime], rulebooks: Rulebooks | None = None) -> None:
        self._engine = engine
        self._now = now
        self._rulebooks = rulebooks or Rulebooks()

    def actor(self, person: str) -> Actor:
        """The person with their role, agency and regions.

        Raises:
            RefusedError: `not_found`.
        """
        return known(self._engine, person)

    def case(self, case_id: str) -> Case | None:
        """A case's row, for whoever may see everything."""
        with self._engine.begin() as connection:
            return cases.read(connection, case_id)

    def visible(self, actor: Actor, case_id: str) -> bool:
        """Whether the actor can see the case."""
        with present(self._engine, actor, self._now()) as (connection, now):
            return sight.sees(connection, actor, Resource.CASE, case_id, now)

    def evidence(self, actor: Actor, case_id: str) -> list[str]:
        """The names of the case's files that the actor sees."""
        with present(self._engine, actor, self._now()) as (connection, now):
            return sorted(file.name for file in evidence.of_case(connection, actor, case_id, now) if file.name)

    def appeal(self, actor: Actor, report_id: str) -> Appealable:
        """Whether the actor can appeal the report, why, and until when (`docs/domain.md` §5.3)."""
        with present(self._engine, actor, self._now()) as (connection, now):
            report = cases.read(connection, report_id)
            standpoint = sight.standpoint(connection, actor, report_id, now)
            if report is None or report.kind is not Kind.REPORT or not standpoint.sees:
                return Appealable(Appeal.HIDDEN, "not_a_party")
            rules = self._rulebooks.policy(connection, report.rulebook, report.region)
            live = cases.live_appeal(connection, report_id) is not None
        return appealable(window_of(report, rules, live_appeal=live), standpoint.side, now)

    def score(self, subject_id: str, period: str | None = None) -> Score:
        """The subject's score, of the current period or another.

        Raises:
            RefusedError: `not_found`.
        """
        now = self._now()
        with self._engine.begin() as connection:
            subject = subject_of(connection, subject_id)
            rules = counting(self._rulebooks.timeline(connection), subject, now, period)
            return score_of(connection, subject, rules, now, period)

    def penalties(self, subject_id: str) -> set[str]:
        """The keys of the subject's penalties in force now."""
        with self._engine.begin() as connection:
            rows = penalty.of_subject(connection, subject_id, self._now(), in_force=True).rows
        return {row["key"] for row in rows}

    def counted(self, subject_id: str) -> set[str]:
        """The keys of the subject's penalties that are counted on trial now."""
        with self._engine.begin() as connection:
            rows = penalty.of_subject(connection, subject_id, self._now(), counted=True).rows
        return {row["key"] for row in rows}

    def restrictions(self) -> list[tuple[str, frozenset[str], frozenset[str]]]:
        """Each subject that ever had a penalty: its id, the restrictions that the platform knows of, those in force."""
        now = self._now()
        with self._engine.begin() as connection:
            return [
                (subject, informed, in_force(connection, self._rulebooks, subject, now)[0])
                for subject, informed in restrictions.informed(connection)
            ]

    def quota(self, agency: str) -> Quota:
        """What is left of the agency's reports this month, in its own time zone.

        Raises:
            RefusedError: `not_found`.
        """
        now = self._now()
        with self._engine.begin() as connection:
            subject = subject_of(connection, agency)
            return quota_of(connection, subject, self._rulebooks.now(connection, subject.region, now), now)

    def forecast(self, version: str) -> dict[str, list[str]] | None:
        """Whom a version, by its digest, would hit by its newest proposal, with the penalties that begin; or None."""
        with self._engine.begin() as connection:
            kept = forecast.read(connection, version)
        return {one["subject"]: one["penalties"] for one in kept["subjects"]} if kept else None
