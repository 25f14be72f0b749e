"""Agencies, people and creators as their reader may see them, and what the platform fed of a creator."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine

from activities.subject import nobody
from desk.reading.subject import looking, opened
from rulebook.terms import SubjectKind
from states.sight import Resource
from states.situation import Actor
from states.terms import Code, RefusedError
from store import roster
from store.cursor import Page
from store.feed import ALWAYS
from store.party import Subject
from store.roster import EVERYBODY, Wanted

PAGE = 50
_TIMES = ("since", "managed_since")


class Parties:
    """Reads, each in one transaction; nothing is changed, and Temporal is not asked.

    Owner and leads see their agency, its people and creators, an agent the agency and its own creators; a creator is
    seen by those who may see its score (`domain.md` §7). With None as actor everything is read. A fact without a date
    (`since`) has always been true. What is not there or not to be seen is `not_found`; pages raise `RefusedError`,
    `invalid`, field `cursor` or `limit`.
    """

    def __init__(self, engine: Engine, now: Callable[[], datetime]) -> None:
        self._engine = engine
        self._now = now

    def agencies(self, actor: Actor | None, cursor: str | None = None, limit: int = PAGE) -> Page:
        """The agencies."""
        with looking(self._engine, actor, self._now()) as (connection, now):
            return roster.all_agencies(connection, actor, now, cursor, limit)

    def agency(self, actor: Actor | None, name: str) -> Subject:
        """An agency, and the region that judges it."""
        with opened(self._engine, self._now(), actor, name, agency=Resource.AGENCY) as (_, subject, _now):
            if subject.kind is not SubjectKind.AGENCY:
                raise nobody(name)
            return subject

    def people(
        self,
        actor: Actor | None,
        wanted: Wanted = EVERYBODY,
        cursor: str | None = None,
        limit: int = PAGE,
        *,
        ended: bool = False,
    ) -> Page:
        """The people who are there, or those who have left."""
        with looking(self._engine, actor, self._now()) as (connection, now):
            found = roster.all_people(connection, actor, now, wanted, cursor, limit, ended=ended)
        return Page([_whole(row) for row in found.rows], found.next)

    def person(self, actor: Actor | None, name: str) -> dict[str, Any]:
        """A person who is there or has left."""
        with looking(self._engine, actor, self._now()) as (connection, now):
            found = roster.one_person(connection, actor, name, now)
        if found is None:
            raise RefusedError(Code.NOT_FOUND, "nobody", "person", name=name)
        return _whole(dict(found))

    def creators(
        self, actor: Actor | None, wanted: Wanted = EVERYBODY, cursor: str | None = None, limit: int = PAGE
    ) -> Page:
        """The creators, each as `creator` has it."""
        with looking(self._engine, actor, self._now()) as (connection, now):
            return _dated(roster.all_creators(connection, actor, now, wanted, cursor, limit))

    def creator(self, actor: Actor | None, name: str) -> dict[str, Any]:
        """A creator: class, level and audience since when, agency and agent since when."""
        with looking(self._engine, actor, self._now()) as (connection, now):
            found = roster.one_creator(connection, actor, name, now)
        if found is None:
            raise nobody(name)
        return _line(dict(found))

    def days(self, actor: Actor | None, creator: str, cursor: str | None = None, limit: int = PAGE) -> Page:
        """The days on which a creator streamed, newest first."""
        with self._of_creator(actor, creator) as connection:
            return roster.days_of(connection, creator, cursor, limit)

    def facts(self, actor: Actor | None, creator: str, cursor: str | None = None, limit: int = PAGE) -> Page:
        """What was fed of a creator, newest first."""
        with self._of_creator(actor, creator) as connection:
            return _dated(roster.facts_of(connection, creator, cursor, limit))

    def management(self, actor: Actor | None, creator: str, cursor: str | None = None, limit: int = PAGE) -> Page:
        """Who managed a creator since when, newest first."""
        with self._of_creator(actor, creator) as connection:
            return _dated(roster.management_of(connection, creator, cursor, limit))

    @contextmanager
    def _of_creator(self, actor: Actor | None, name: str) -> Iterator[Connection]:
        with opened(self._engine, self._now(), actor, name) as (connection, subject, _):
            if subject.kind is not SubjectKind.CREATOR:
                raise nobody(name)
            yield connection


def _whole(person: Mapping[str, Any]) -> dict[str, Any]:
    """The person as they can be fed again: no languages are all of them (the table has null)."""
    return {**person, "languages": person["languages"] or []}


def _dated(page: Page) -> Page:
    return Page([_line(row) for row in page.rows], page.next)


def _line(row: dict[str, Any]) -> dict[str, Any]:
    """The row; a time since ever is none."""
    return {**row, **{name: None for name in _TIMES if row.get(name) == ALWAYS}}
