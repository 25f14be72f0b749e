"""What people and systems did: one person's moves of a day, and what was written outside of cases."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Engine

from rulebook.calendar import day_bounds
from states.situation import Actor
from states.terms import OVERSEERS, Code, RefusedError
from store import acts, records
from store.acts import Day
from store.cursor import Page
from store.roster import one_person
from store.row_security import present

PAGE = 50
# Outside of these a day has no bounds in some zone.
_FIRST, _LAST = date(2, 1, 1), date(9998, 12, 31)


@dataclass(frozen=True)
class Acts:
    """What a person did on a day, in a zone: how often which move, through what; and the moves, newest first."""

    person: str
    day: date
    zone: ZoneInfo
    counts: list[dict[str, Any]]
    page: Page


class Audit:
    """Reads; nothing is changed. A page raises `RefusedError`: `invalid`, field `cursor` or `limit`."""

    def __init__(self, engine: Engine, now: Callable[[], datetime]) -> None:
        self._engine = engine
        self._now = now

    def acts(
        self,
        actor: Actor,
        person: str,
        day: date | None = None,
        zone: ZoneInfo | None = None,
        cursor: str | None = None,
        limit: int = PAGE,
    ) -> Acts:
        """What somebody did on a day (default: today) of a zone (default: UTC), of the cases that the actor sees.

        Overseers also read their moves of versions of the rulebook.

        Leads read what their people did since these came to them: what they did for another agency before is not said.
        `through` is for overseers, as in timelines.

        Raises:
            RefusedError: also `not_found`, field `person`; `invalid`, field `day`: no zone can tell it.
        """
        if day is not None and not _FIRST <= day <= _LAST:
            raise RefusedError(Code.INVALID, "input.date", "day")
        zone = zone or ZoneInfo("UTC")
        with present(self._engine, actor, self._now()) as (connection, now):
            row = one_person(connection, actor, person, now)
            if row is None:
                raise RefusedError(Code.NOT_FOUND, "nobody", "person", name=person)
            on = day or now.astimezone(zone).date()
            bounds = Day(person, *day_bounds(on, zone))
            if actor.role not in OVERSEERS:
                bounds = replace(bounds, since=max(bounds.since, row["since"] or bounds.since))
            counted = acts.counts(connection, actor, now, bounds)
            page = acts.page(connection, actor, now, bounds, cursor, limit)
        return _as_read(actor, Acts(person, on, zone, counted, page))

    def records(
        self,
        actor: Actor,
        topic: str | None = None,
        through: str | None = None,
        cursor: str | None = None,
        limit: int = PAGE,
    ) -> Page:
        """What was written outside of cases, newest first (`store/records.py`)."""
        with present(self._engine, actor, self._now()) as (connection, now):
            return records.page(connection, actor, now, topic=topic, through=through, after=cursor, limit=limit)


def _as_read(actor: Actor, found: Acts) -> Acts:
    if actor.role in OVERSEERS:
        return found
    summed: dict[str, int] = {}
    for one in found.counts:
        summed[one["event"]] = summed.get(one["event"], 0) + one["count"]
    counts = [{"event": event, "through": None, "count": count} for event, count in summed.items()]
    rows = [{**row, "through": None} for row in found.page.rows]
    return replace(found, counts=counts, page=Page(rows, found.page.next))
