"""A subject as its reader may see it: score, ledger, penalties, quota and content verdict, as rows and keys.

Sentences are made of the keys where they are shown (`desk/words`).
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine

from activities.quota import Quota, must_be_agency, quota_of
from activities.rulebooks import Rulebooks
from activities.score.points import Score, score_of
from activities.subject import nobody
from rulebook import calendar
from rulebook.policy import Policy
from rulebook.terms import PenaltyKind
from states.sight import Resource
from states.situation import Actor
from states.terms import Outcome, Status
from store import content, ledger, party, penalty, sight
from store.party import Subject
from store.row_security import reading

_DECIDED = frozenset({Outcome.UPHELD, Outcome.OVERTURNED, Outcome.MODIFIED})


@dataclass(frozen=True)
class Sheet:
    """A subject, its score, and its penalties in force, newest first, as `Penalties` has them."""

    subject: Subject
    score: Score
    penalties: list[dict[str, Any]]


@dataclass(frozen=True)
class Ledger:
    """A score and lines of its ledger, newest first; `next` is the `before` of the page after it.

    A line has the ledger's columns, and of a violation `clause` and `severity`; one of clean days has its `day`.
    `rules` are those in force now: they say how a clause is called.
    """

    score: Score
    rules: Policy
    lines: list[dict[str, Any]]
    next: int | None


@dataclass(frozen=True)
class Penalties:
    """Penalties, newest first; `next` is the `before` of the page after it.

    Each has its columns, its `number` among the subject's own, and `in_force`; by the rulebook `text` and
    `restrictions`.
    """

    penalties: list[dict[str, Any]]
    next: int | None


@dataclass(frozen=True)
class Content:
    """An agency's content verdict of a month: its creators' violations, in order (`docs/domain.md` §4.4).

    A line has the violation's columns, its case's `rulebook` and `region`, the clause's `title`, the keys of the
    `penalties` that it brought, and of its `appeal` the outcome, `under_appeal` or `none`.
    """

    agency: Subject
    lines: list[dict[str, Any]]


class Sheets:
    """Reads, each in one transaction; nothing is changed, and Temporal is not asked.

    Who sees a subject: `domain.md` §7. With None as actor everything is read, for whoever runs the engine.
    Each read raises `RefusedError`, `not_found`, where the subject or the score is not there or not to be seen.
    """

    def __init__(self, engine: Engine, now: Callable[[], datetime], rulebooks: Rulebooks | None = None) -> None:
        self._engine = engine
        self._now = now
        self._rulebooks = rulebooks or Rulebooks()

    def show(
        self, actor: Actor | None, subject_id: str, period: str | None = None, *, most: int | None = None
    ) -> Sheet:
        """The score of the current period or another, and the penalties in force now, at `most` so many."""
        with self._open(actor, subject_id) as (connection, subject, now):
            _, rules = self._rulebooks.in_force(connection, subject.region, now)
            score = score_of(connection, subject, rules, now, period)
            rows = penalty.of_subject(connection, subject.id, now, in_force=True, limit=most)
            return Sheet(subject, score, [self._penalty(connection, row, subject.region) for row in rows])

    def ledger(
        self,
        actor: Actor | None,
        subject_id: str,
        period: str | None = None,
        *,
        before: int | None = None,
        limit: int | None = None,
    ) -> Ledger:
        """The lines that led to a score; `before` a line's number."""
        with self._open(actor, subject_id) as (connection, subject, now):
            _, rules = self._rulebooks.in_force(connection, subject.region, now)
            score = score_of(connection, subject, rules, now, period)
            rows = ledger.lines(connection, subject.id, score.scheme, score.period, before=before, limit=limit)
        return Ledger(score, rules, [dict(row) for row in rows], _next(rows, limit))

    def penalties(
        self,
        actor: Actor | None,
        subject_id: str,
        *,
        kind: PenaltyKind | None = None,
        in_force: bool | None = None,
        before: int | None = None,
        limit: int | None = None,
    ) -> Penalties:
        """The subject's penalties; `in_force` now, or those that are not; `before` a penalty's number."""
        with self._open(actor, subject_id) as (connection, subject, now):
            rows = penalty.of_subject(
                connection, subject.id, now, kind=kind, in_force=in_force, before=before, limit=limit
            )  # fmt: skip
            shown = [self._penalty(connection, row, subject.region) for row in rows]
        return Penalties(shown, _next(rows, limit))

    def quota(self, actor: Actor | None, agency: str) -> Quota:
        """What is left of the agency's reports this month, in its own time zone."""
        with self._open(actor, agency) as (connection, subject, now):
            return quota_of(connection, subject, self._rulebooks.in_force(connection, subject.region, now)[1], now)

    def content(self, actor: Actor | None, agency: str, month: str) -> Content:
        """The agency's content verdict of a month, as `2026-03`, in its own time zone."""
        with self._open(actor, agency) as (connection, subject, now):
            must_be_agency(subject)
            since, until = calendar.month_bounds(
                month, self._rulebooks.in_force(connection, subject.region, now)[1].zone
            )
            found = content.of_agency(connection, subject.id, since, until)
            return Content(subject, [self._content(connection, row, brought) for row, brought in found])

    @contextmanager
    def _open(self, actor: Actor | None, subject_id: str) -> Iterator[tuple[Connection, Subject, datetime]]:
        """The subject, and a transaction that reads only what the actor may see."""
        now = self._now()
        opened: AbstractContextManager[Connection]
        opened = self._engine.begin() if actor is None else reading(self._engine, actor, now)
        with opened as connection:
            subject = party.subject(connection, subject_id)
            hidden = actor and not sight.sees(connection, actor, Resource.SUBJECT, subject_id, now)
            if subject is None or hidden:
                raise nobody(subject_id)
            yield connection, subject, now

    def _penalty(self, connection: Connection, row: Mapping[Any, Any], region: str) -> dict[str, Any]:
        terms = self._rulebooks.policy(connection, row["rulebook"], region).penalties[row["key"]]
        return {**row, "text": terms.text, "restrictions": sorted(terms.restrictions)}

    def _content(self, connection: Connection, row: Mapping[Any, Any], brought: list[str]) -> dict[str, Any]:
        clause = self._rulebooks.policy(connection, row["rulebook"], row["region"]).clauses[row["clause"]]
        appeal = row["outcome"] if row["outcome"] in _DECIDED else "none"
        if row["status"] == Status.UNDER_APPEAL:
            appeal = Status.UNDER_APPEAL.value
        return {**row, "title": clause.title, "penalties": brought, "appeal": appeal}


def _next(rows: Sequence[Mapping[Any, Any]], limit: int | None) -> int | None:
    return rows[-1]["number"] if rows and len(rows) == limit else None
