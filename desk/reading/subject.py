"""A subject as its reader may see it: score, ledger and penalties, as rows and keys.

Sentences are made of the keys where they are shown (`desk/words`).
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Engine

from activities.restrictions import restricted
from activities.rulebooks import Rulebooks
from activities.score.points import Score, counting, score_of
from activities.subject import nobody
from desk.reading.life import must_oversee
from rulebook.calendar import PERIOD
from rulebook.policy import Policy
from rulebook.score import Standing, standing
from rulebook.terms import PenaltyKind, SubjectKind
from states.sight import Resource
from states.situation import Actor
from states.terms import Code, RefusedError
from store import ledger, party, penalty, sight
from store import past as written
from store.moment import moment
from store.party import Subject
from store.row_security import present


class State(StrEnum):
    """Where a penalty stands: in force, counted on trial, or neither any more."""

    IN_FORCE = "in_force"
    ON_TRIAL = "on_trial"
    PAST = "past"


# Whether it is in force, and whether it is counted on trial; none: either.
_STATES: dict[State, tuple[bool | None, bool | None]] = {
    State.IN_FORCE: (True, None),
    State.ON_TRIAL: (None, True),
    State.PAST: (False, False),
}


@dataclass(frozen=True)
class Sheet:
    """A subject, its score and how that stands to the tiers, and its penalties in force, as `Penalties` has them.

    `counted` are those on trial that would be in force.
    """

    subject: Subject
    score: Score
    standing: Standing
    penalties: list[dict[str, Any]]
    counted: list[dict[str, Any]]


@dataclass(frozen=True)
class Ledger:
    """A score and lines of its ledger, newest first; `next` is the cursor of the page after it.

    A line has the ledger's columns, and of a violation `clause`, `severity`, and whether it `stands`; one of clean days
    has its `day`. What an appeal brought, also to other violations, has that `appeal`.
    `rules` are those in force now: they say how a clause is called.
    """

    score: Score
    rules: Policy
    lines: list[dict[str, Any]]
    next: str | None


@dataclass(frozen=True)
class Penalties:
    """Penalties, newest first; `next` is the cursor of the page after it.

    Each has its columns, its `number` among the subject's own, and `in_force`, or `counted` where it is on trial and
    would be; by the rulebook `text` and `restrictions`. A score penalty is lifted once the score is above `ends_above`.
    """

    penalties: list[dict[str, Any]]
    next: str | None


@dataclass(frozen=True)
class Account:
    """A subject's current score, with the newest lines of its ledger."""

    sheet: Sheet
    ledger: Ledger


@contextmanager
def opened(
    engine: Engine, now: datetime, actor: Actor | None, subject_id: str, *, agency: Resource = Resource.SUBJECT
) -> Iterator[tuple[Connection, Subject, datetime]]:
    """A subject, and a transaction that reads only what the actor may see; with None as actor, everything.

    `agency` is the resource by whose rules an agency is seen.

    Raises:
        RefusedError: `not_found`: it is not there, or the actor does not see it.
    """
    with looking(engine, actor, now) as (connection, at):
        subject = party.subject(connection, subject_id)
        if subject is None:
            raise nobody(subject_id)
        seen_as = agency if subject.kind is SubjectKind.AGENCY else Resource.SUBJECT
        if actor and not sight.sees(connection, actor, seen_as, subject_id, at):
            raise nobody(subject_id)
        yield connection, subject, at


@contextmanager
def looking(engine: Engine, actor: Actor | None, now: datetime) -> Iterator[tuple[Connection, datetime]]:
    """A transaction that reads only what the actor may see (None: everything), and its moment (`store/moment.py`)."""
    if actor is not None:
        with present(engine, actor, now) as looking:
            yield looking
    else:
        with engine.begin() as connection:
            yield connection, moment(connection, now)


def _may_look_back(actor: Actor | None, at: datetime | None) -> None:
    """Ops and auditors read a past time: what was written by then stands in records that others don't see.

    Raises:
        RefusedError: `forbidden`.
    """
    if actor is not None and at is not None:
        must_oversee(actor)


def past(at: datetime, now: datetime) -> datetime:
    """A time that has been, to look at.

    Raises:
        RefusedError: `invalid`, field `at`: it has not.
    """
    if at > now:
        raise RefusedError(Code.INVALID, "in_the_future", "at")
    return at


class Sheets:
    """Reads, each in one transaction; nothing is changed, and Temporal is not asked.

    Who sees a subject: `domain.md` §7. With None as actor everything is read, for whoever runs the engine.
    Each read raises `RefusedError`, `not_found`, where the subject or the score is not there or not to be seen, and
    `invalid`, field `period`, where that is none.
    """

    def __init__(self, engine: Engine, now: Callable[[], datetime], rulebooks: Rulebooks | None = None) -> None:
        self._engine = engine
        self._now = now
        self._rulebooks = rulebooks or Rulebooks()

    def show(
        self,
        actor: Actor | None,
        subject_id: str,
        period: str | None = None,
        *,
        most: int | None = None,
        at: datetime | None = None,
    ) -> Sheet:
        """The score of the current period or another, and the penalties in force now, at `most` so many.

        `at`: as they were then, by what was written until then.

        Raises:
            RefusedError: also `invalid`, field `at`: it lies ahead, or before any rulebook; `forbidden`: the actor may
                not look back.
        """
        _may_look_back(actor, at)
        with opened(self._engine, self._now(), actor, subject_id) as (connection, subject, now):
            if at is not None:
                return self.then(connection, subject, past(at, now), period, most)
            return self._sheet(connection, subject, *self._score(connection, subject, now, period), now, most)

    def then(
        self,
        connection: Connection,
        subject: Subject,
        at: datetime,
        period: str | None = None,
        most: int | None = None,
    ) -> Sheet:
        """The subject's sheet as it was at a time, in the reader's transaction.

        Raises:
            RefusedError: `invalid`, field `at`: it lies before any rulebook.
        """
        if self._rulebooks.timeline(connection).at_the_act(subject.region, at) is None:
            raise RefusedError(Code.INVALID, "before_any_rulebook", "at")
        score, rules = self._score(connection, subject, at, period, until=at)
        return self._sheet(connection, subject, score, rules, at, most, until=at)

    def ledger(
        self,
        actor: Actor | None,
        subject_id: str,
        period: str | None = None,
        *,
        cursor: str | None = None,
        limit: int | None = None,
        at: datetime | None = None,
    ) -> Ledger:
        """The lines that led to a score, `at` a time those until then, for whoever may look back; no limit: all."""
        _may_look_back(actor, at)
        with opened(self._engine, self._now(), actor, subject_id) as (connection, subject, now):
            score = self._score(connection, subject, past(at, now) if at else now, period, until=at)
            return _lines(connection, *score, cursor, limit, until=at)

    def account(self, connection: Connection, subject: Subject, now: datetime, penalties: int, lines: int) -> Account:
        """The subject's current sheet and the newest lines of its ledger, in the reader's transaction."""
        score, rules = self._score(connection, subject, now)
        sheet = self._sheet(connection, subject, score, rules, now, penalties)
        return Account(sheet, _lines(connection, score, rules, None, lines))

    def penalties(
        self,
        actor: Actor | None,
        subject_id: str,
        *,
        kind: PenaltyKind | None = None,
        state: State | None = None,
        cursor: str | None = None,
        limit: int | None = None,
    ) -> Penalties:
        """The subject's penalties, of a state; without a limit all."""
        in_force, counted = _STATES[state] if state else (None, None)
        with opened(self._engine, self._now(), actor, subject_id) as (connection, subject, now):
            found = penalty.of_subject(
                connection, subject.id, now, kind=kind, in_force=in_force, counted=counted, after=cursor, limit=limit
            )  # fmt: skip
            shown = [self._penalty(connection, row, subject.region) for row in found.rows]
        return Penalties(shown, found.next)

    def counts(self, connection: Connection, subject: Subject, at: datetime) -> bool:
        """Whether a score of the subject is counted now, by the rules that govern it; some region has none."""
        return self._rulebooks.governing(connection, subject, at).scheme_of(subject.kind) is not None

    def seen(self, actor: Actor, subject_id: str) -> bool:
        """Whether the actor sees the subject's score."""
        with present(self._engine, actor, self._now()) as (connection, now):
            return sight.sees(connection, actor, Resource.SUBJECT, subject_id, now)

    def _score(
        self,
        connection: Connection,
        subject: Subject,
        now: datetime,
        period: str | None = None,
        *,
        until: datetime | None = None,
    ) -> tuple[Score, Policy]:
        if period is not None and not PERIOD.fullmatch(period):
            raise RefusedError(Code.INVALID, "input.form", "period", form="period")
        timeline = self._rulebooks.timeline(connection) if until is None else self._rulebooks.then(connection, until)
        rules = counting(timeline, subject, now, period)
        return score_of(connection, subject, rules, now, period, until=until), rules

    def _sheet(
        self,
        connection: Connection,
        subject: Subject,
        score: Score,
        rules: Policy,
        now: datetime,
        most: int | None,
        *,
        until: datetime | None = None,
    ) -> Sheet:
        if until is None:
            in_force = penalty.of_subject(connection, subject.id, now, in_force=True, limit=most).rows
            counted = penalty.of_subject(connection, subject.id, now, counted=True, limit=most).rows
        else:
            in_force = written.in_force(connection, subject.id, until)[:most]
            counted = written.counted(connection, subject.id, until)[:most]
        shown = ([self._penalty(connection, row, subject.region) for row in rows] for rows in (in_force, counted))
        return Sheet(subject, score, standing(rules.schemes[score.scheme], score.points), *shown)

    def _penalty(self, connection: Connection, row: Mapping[Any, Any], region: str) -> dict[str, Any]:
        rules = self._rulebooks.policy(connection, row["rulebook"], region)
        terms, above = rules.penalties[row["key"]], None
        if row["kind"] == PenaltyKind.SCORE:
            above = next(tier.highest for tier in rules.schemes[row["scheme"]].tiers if tier.penalty == row["key"])
        return {**row, "text": terms.text, "restrictions": sorted(restricted(row, rules)), "ends_above": above}


def _lines(
    connection: Connection,
    score: Score,
    rules: Policy,
    cursor: str | None,
    limit: int | None,
    *,
    until: datetime | None = None,
) -> Ledger:
    key = score.subject, score.scheme, score.period
    found = ledger.lines(connection, *key, until=until, after=cursor, limit=limit)
    appeals = ledger.appeals(connection, found.rows)
    rows = [{**line, "appeal": appeals.get((line["case"], line["at"]))} for line in found.rows]
    return Ledger(score, rules, rows, found.next)
