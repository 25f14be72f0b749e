"""What does somebody see of a case? Its facts, the moves that are theirs now, and its timeline with the words."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine

from activities.books import Books
from activities.situation import situate, window_of
from desk.redaction import Entry, Reader, entries, filer, reader
from states.appealable import Appeal, Appealable, appealable
from states.sight import Resource
from states.situation import Actor, Situation, Standpoint
from states.table import Possible
from states.tables import TABLES
from states.terms import STAFF, Code, Kind, RefusedError, Side, Status
from store import case as cases
from store import journal, queue, sight, text
from store.belt import reading
from store.case import Case

_PUBLIC = ("id", "kind", "status", "outcome", "clause", "region", "language", "filed_at", "respondent", "about")
_PARTIES = (*_PUBLIC, "occurred_at", "finding", "asked", "window_ends_at", "of_case", "version")
_STAFFS = (
    *_PARTIES, "severity", "rulebook", "filed_agency", "subject", "agency", "agent", "claimed_by", "escalated",
    "deadline_at", "lease_until", "review_due_at", "answer_due_at", "barred",
)  # fmt: skip

PAGE = 50
_WAITING = queue.Filter(statuses=frozenset({Status.QUEUED, Status.ESCALATED}))
_QUEUED = (*_PUBLIC, "escalated", "review_due_at")
_REFUSED_APPEAL = {
    Appeal.AVAILABLE: (True, None),
    Appeal.HIDDEN: (False, Code.APPEAL_NOT_ELIGIBLE),
    Appeal.EXPIRED: (False, Code.APPEAL_EXPIRED),
}


@dataclass(frozen=True)
class Dossier:
    """A case as one person sees it. `appeal` is that person's answer about appealing a report."""

    case: dict[str, Any]
    allowed: list[str]
    appeal: Appealable | None
    appeals: list[str]
    timeline: list[Entry]


class Dossiers:
    """Reads; nothing is changed, and Temporal is not asked."""

    def __init__(self, engine: Engine, now: Callable[[], datetime], books: Books | None = None) -> None:
        self._engine = engine
        self._now = now
        self._books = books or Books()

    def open(self, actor: Actor, case_id: str) -> Dossier:
        """The case as the actor sees it.

        Raises:
            RefusedError: `not_found` where there is none for the actor, `forbidden` for staff of other regions.
        """
        now = self._now()
        with reading(self._engine, actor, now) as connection:
            case, standpoint, who = _find(connection, actor, case_id, now)
            allowed, answer = self._moves(connection, case, actor, standpoint, now)
            scored = sight.sees(connection, actor, Resource.SUBJECT, case.subject, now)
            lines = [dict(line) for line in journal.timeline(connection, case_id)]
            timeline = entries(case, who, actor, lines, scored=scored)
            bodies = text.bodies(connection, [one for entry in timeline for one in entry.texts.values()])
            appeals = cases.appeals_of(connection, actor, case_id, now)
        worded = [replace(e, texts={name: bodies[one] for name, one in e.texts.items()}) for e in timeline]
        return Dossier(_facts(case, who), allowed, answer, appeals, worded)

    def moves(self, actor: Actor, case_id: str) -> tuple[Case, list[Possible]]:
        """The case, and what can be done to it: what is the actor's now, and of the rest why not.

        Raises:
            RefusedError: as `open`.
        """
        now = self._now()
        with reading(self._engine, actor, now) as connection:
            case, standpoint, _ = _find(connection, actor, case_id, now)
            situation, live = self._situation(connection, case, actor, standpoint, now)
            possible = TABLES[case.kind].possible(situation)
            if case.kind is Kind.REPORT and actor.role not in STAFF:
                rules = self._books.policy(connection, case.rulebook, case.region)
                answer = appealable(window_of(case, rules, live_appeal=live), standpoint.side, now)
                possible.append(Possible("appeal", *_REFUSED_APPEAL[answer.answer], answer.reason))
        return case, possible

    def queue(self, actor: Actor, limit: int = PAGE) -> list[dict[str, Any]]:
        """The cases that wait in the reviewer's regions, the most urgent first; `claimable` by this reviewer or not.

        Raises:
            RefusedError: `forbidden`; the actor reviews nothing.
        """
        if reader(actor, None) is None:
            raise RefusedError(Code.FORBIDDEN, "Only moderators have a queue.", "by")
        now = self._now()
        with reading(self._engine, actor, now) as connection:
            rows = queue.page(connection, actor, now, _WAITING, limit=limit).rows
            return [self._waiting(connection, cases.of(row), actor, now) for row in rows]

    def _waiting(self, connection: Connection, case: Case, actor: Actor, now: datetime) -> dict[str, Any]:
        # Nothing of an appeal's report, nor of a report's appeals, tells who may claim it: they are not read.
        rules = self._books.policy(connection, case.rulebook, case.region)
        allowed = TABLES[case.kind].allowed(situate(case, None, rules, now, actor=actor))
        return {name: getattr(case, name) for name in _QUEUED} | {"claimable": "claim" in allowed}

    def _moves(
        self, connection: Connection, case: Case, actor: Actor, standpoint: Standpoint, now: datetime
    ) -> tuple[list[str], Appealable | None]:
        """The verbs that the actor could send now, by the table; and the answer about an appeal."""
        situation, live = self._situation(connection, case, actor, standpoint, now)
        rules = self._books.policy(connection, case.rulebook, case.region)
        allowed = TABLES[case.kind].allowed(situation)
        if case.kind is Kind.APPEAL or actor.role in STAFF:
            return allowed, None
        answer = appealable(window_of(case, rules, live_appeal=live), standpoint.side, now)
        return [*allowed, *(["appeal"] if answer.answer is Appeal.AVAILABLE else [])], answer

    def _situation(
        self, connection: Connection, case: Case, actor: Actor, standpoint: Standpoint, now: datetime
    ) -> tuple[Situation, bool]:
        """The situation in which the table answers, and whether a report has a live appeal."""
        report = cases.read(connection, case.of_case) if case.of_case else None
        rules = self._books.policy(connection, case.rulebook, case.region)
        live = case.kind is Kind.REPORT and cases.live_appeal(connection, case.id) is not None
        found = situate(case, report, rules, now, actor=actor, live_appeal=live)
        return replace(found, standpoint=standpoint), live


def _find(connection: Connection, actor: Actor, case_id: str, now: datetime) -> tuple[Case, Standpoint, Reader]:
    case = cases.read(connection, case_id)
    seen = case is not None and sight.sees(connection, actor, Resource.CASE, case_id, now)
    standpoint = sight.standpoint(connection, actor, case_id, now)
    who = reader(actor, standpoint.side)
    if case is not None and who is Reader.REVIEWER and not seen:
        raise RefusedError(Code.FORBIDDEN, "The case lies outside your regions.", "case")
    if case is None or who is None or not seen:
        raise RefusedError(Code.NOT_FOUND, f"There is no case {case_id}.", "case")
    return case, standpoint, who


def _facts(case: Case, who: Reader) -> dict[str, Any]:
    names: tuple[str, ...] = _PARTIES if who in {Reader.REPORTER, Reader.RESPONDENT} else _STAFFS
    if who is Reader.RESPONDENT and case.filed_side is Side.REPORTER:
        names = tuple(name for name in names if name != "language")  # the reporter may have chosen it
    facts = {"stage": case.status.stage, "filed_by": filer(case, who)} | {n: getattr(case, n) for n in names}
    if who in {Reader.REPORTER, Reader.RESPONDENT} and case.asked is Side(who.value):
        facts["answer_due_at"] = case.answer_due_at
    return facts
