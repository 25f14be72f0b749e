"""An agency as its reader may see it: quota, content verdicts, and the verdict history with its agents and creators."""

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Engine

from activities.move.situation import window_of
from activities.quota import Quota, must_be_agency, quota_of
from activities.restrictions import restricted
from activities.rulebooks import Rulebooks
from desk.reading.subject import opened
from rulebook import calendar
from rulebook.policy import Policy
from rulebook.terms import PenaltyKind
from states.appealable import Appeal, Appealable, appealable
from states.sight import Resource
from states.situation import Actor
from states.terms import PARTIES, Outcome, Side, Status
from store import case as cases
from store import history
from store.history import Filter, Who
from store.party import Subject
from store.row_security import present
from store.schema.verdicts import Validity

_DECIDED = frozenset({Outcome.UPHELD, Outcome.OVERTURNED, Outcome.MODIFIED})
_YEAR = len("2026")


@dataclass(frozen=True)
class Content:
    """An agency's content verdict of a month: its creators' violations, in order (`docs/domain.md` §4.4).

    A line has the columns of `store/history.py`, the clause's `title` and `rule`, the rows of the `penalties` that it
    brought with their `text`, and as `appeal` what an appeal made of it: its outcome, `under_appeal` or `none`; or
    `set_aside` (ruling 19). `appealable` is whether the reader can appeal it, none for whoever is no party and of a
    verdict that no longer stands. `rules` are those in force now.
    """

    agency: Subject
    lines: list[dict[str, Any]]
    rules: Policy


@dataclass(frozen=True)
class Verdicts:
    """Violations, newest first, as `Content` has them; periods are those of the `zone` of the subject's region."""

    subject: Subject
    lines: list[dict[str, Any]]
    next: str | None
    zone: ZoneInfo


class Agencies:
    """Reads, each in one transaction; nothing is changed, and Temporal is not asked.

    Owner and leads read all of the agency's; an agent the rows of cases that this agent sees as respondent (§7). With
    None as actor everything is read. Each read raises `RefusedError`, `not_found`, where the subject is not there or
    not to be seen.
    """

    def __init__(self, engine: Engine, now: Callable[[], datetime], rulebooks: Rulebooks | None = None) -> None:
        self._engine = engine
        self._now = now
        self._rulebooks = rulebooks or Rulebooks()

    def quota(self, actor: Actor | None, agency: str) -> Quota:
        """What is left of the agency's reports this month, in its own time zone."""
        with self._open(actor, agency) as (connection, subject, now):
            return self.left(connection, subject, now)

    def left(self, connection: Connection, agency: Subject, now: datetime) -> Quota:
        """The same in the reader's transaction, of an agency that the actor sees."""
        return quota_of(connection, agency, self._rulebooks.now(connection, agency.region, now), now)

    def content(self, actor: Actor | None, agency: str, month: str) -> Content:
        """The agency's content verdict of a month, as `2026-03`, in its own time zone."""
        with self._open(actor, agency) as (connection, subject, now):
            must_be_agency(subject)
            since, until = self._bounds(connection, subject, now, month)
            wanted = Filter(who=Who.CREATOR, since=since, until=until)
            found = history.content(connection, actor, subject.id, now, wanted)
            rules = self._rulebooks.now(connection, subject.region, now)
            return Content(subject, self._told(connection, actor, found, now), rules)

    def verdicts(
        self,
        actor: Actor | None,
        subject_id: str,
        *,
        kind: PenaltyKind | None = None,
        who: Who | None = None,
        name: str | None = None,
        period: str | None = None,
        cursor: str | None = None,
        limit: int = 50,
    ) -> Verdicts:
        """The verdict history of an agency with its agents and creators, or of one creator (`docs/domain.md` §2.7).

        Only violations against `who`, or one by `name`; that brought a penalty of a `kind`; of a `period`, a year or a
        month (`2026`, `2026-03`) in the subject's time zone.

        Raises:
            RefusedError: also `invalid`; field `cursor` or `limit`.
        """
        with self._open(actor, subject_id) as (connection, one, now):
            since, until = self._bounds(connection, one, now, period) if period else (None, None)
            return self.history(connection, actor, one, now, Filter(kind, who, name, since, until), cursor, limit)

    def history(
        self,
        connection: Connection,
        actor: Actor | None,
        subject: Subject,
        now: datetime,
        wanted: Filter,
        cursor: str | None = None,
        limit: int = 50,
    ) -> Verdicts:
        """The same in the reader's transaction, of a subject that the actor sees."""
        found = history.page(connection, actor, subject, now, wanted, cursor, limit)
        lines = self._told(connection, actor, found.rows, now)
        return Verdicts(subject, lines, found.next, self._zone(connection, subject, now))

    def contestable(self, actor: Actor, reports: Collection[str]) -> dict[str, Appealable]:
        """Those of the reports that the actor, of their respondent's side, can appeal now; of staff none."""
        if actor.role not in PARTIES:
            return {}
        with present(self._engine, actor, self._now()) as (connection, now):
            answers = self._answers(connection, reports, now)
        return {name: one for name, one in answers.items() if one.answer is Appeal.AVAILABLE}

    def _open(
        self, actor: Actor | None, subject_id: str
    ) -> AbstractContextManager[tuple[Connection, Subject, datetime]]:
        return opened(self._engine, self._now(), actor, subject_id, agency=Resource.AGENCY)

    def _zone(self, connection: Connection, subject: Subject, now: datetime) -> ZoneInfo:
        return self._rulebooks.now(connection, subject.region, now).zone

    def _bounds(
        self, connection: Connection, subject: Subject, now: datetime, period: str
    ) -> tuple[datetime, datetime]:
        zone = self._zone(connection, subject, now)
        return calendar.year_bounds(period, zone) if len(period) == _YEAR else calendar.month_bounds(period, zone)

    def _told(
        self, connection: Connection, actor: Actor | None, rows: Sequence[Mapping[str, Any]], now: datetime
    ) -> list[dict[str, Any]]:
        answers = (
            self._answers(connection, {row["case"] for row in rows}, now) if actor and actor.role in PARTIES else {}
        )
        return [{**self._line(connection, row), "appealable": _answer(row, answers)} for row in rows]

    def _answers(self, connection: Connection, found: Collection[str], now: datetime) -> dict[str, Appealable]:
        """Whether these reports can be appealed; a party reads them as respondent."""
        reports = cases.several(connection, found)
        live = cases.appealed(connection, {one.id for one in reports})
        rules = {one.id: self._rulebooks.policy(connection, one.rulebook, one.region) for one in reports}
        windows = {one.id: window_of(one, rules[one.id], live_appeal=one.id in live) for one in reports}
        return {name: appealable(window, Side.RESPONDENT, now) for name, window in windows.items()}

    def _line(self, connection: Connection, row: Mapping[str, Any]) -> dict[str, Any]:
        clause = self._rulebooks.policy(connection, row["rulebook"], row["region"]).clauses[row["clause"]]
        brought = [self._penalty(connection, one) for one in row["penalties"]]
        return {**row, "title": clause.title, "rule": clause.text, "appeal": _appeal(row), "penalties": brought}

    def _penalty(self, connection: Connection, row: Mapping[str, Any]) -> dict[str, Any]:
        rules = self._rulebooks.policy(connection, row["rulebook"], row["region"])
        return {**row, "text": rules.penalties[row["key"]].text, "restrictions": sorted(restricted(row, rules))}


def _appeal(row: Mapping[str, Any]) -> str:
    """What an appeal made of the violation; of one that was set aside, an appeal is about the verdict after it."""
    if row["standing"] == Validity.SET_ASIDE:
        return Validity.SET_ASIDE.value
    if row["status"] == Status.UNDER_APPEAL:
        return Status.UNDER_APPEAL.value
    return str(row["outcome"]) if row["outcome"] in _DECIDED else "none"


def _answer(row: Mapping[str, Any], answers: Mapping[str, Appealable]) -> Appealable | None:
    """The answer of its case; an appeal is about the newest verdict, not about one that was set aside before it."""
    return None if row["standing"] == Validity.SET_ASIDE or row["replaced"] else answers.get(row["case"])
