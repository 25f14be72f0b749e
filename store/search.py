"""Where are a queue's cases looked for, and what are they like? Read once, for its page and its count."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy import Connection

from states.situation import Actor
from states.terms import OVERSEERS, REVIEWERS
from store import place
from store.order import Sort, Where
from store.place import Keys, Place
from store.readable import Readable, readable
from store.sight import visible
from store.spoken import languages, within
from store.stretch import Stretch
from store.wanted import ALL, RESTING, Filter, kinds_and_statuses, others, parties, stands

_REGIONS = sa.text("""
WITH RECURSIVE found (region) AS (
  (SELECT region FROM cases WHERE status <> 'closed' ORDER BY region LIMIT 1)
  UNION ALL
  SELECT (SELECT c.region FROM cases c WHERE c.status <> 'closed' AND c.region > found.region
          ORDER BY c.region LIMIT 1)
  FROM found WHERE found.region IS NOT NULL
) SELECT region FROM found WHERE region IS NOT NULL
""")


@dataclass(frozen=True)
class Search:
    """Where the cases are looked for, what they must be like, and which of them their reader reads and sees.

    Of the places with few cases that fit, and of those with many, each is read in its own way; `named` parties have
    few, wherever they are. `clauses`: the only ones, if there are many cases of them.
    """

    visible: sa.ColumnElement[bool]
    places: Sequence[Place]
    few: Sequence[Place]
    many: Sequence[Place]
    filters: Where
    read: Readable | None
    named: bool
    clauses: frozenset[str]
    overdue: bool

    def keys(self, sort: Sort, stretch: Stretch, limit: int) -> list[Keys]:
        """The keys of what is found in the stretch, at most `limit` of each part."""
        every, few, many = (
            [one for one in places if one[1] in stretch.statuses] for places in (self.places, self.few, self.many)
        )
        left = place.left(sort, every, self.read, [*self.filters, *stretch.filters], limit)
        filters = [*self._readable(), *stretch.filters]
        if self.named:
            return left + place.anywhere(sort, every, filters, limit)
        found = left + place.gathered(sort, few, filters, limit)
        return found + place.ordered(sort, stretch.keys, many, filters, limit, found, overdue=self.overdue)

    def some(self, limit: int) -> list[Keys]:
        """The same in all statuses, unsorted where that is faster."""
        sort = Sort.FILED
        if self.named:
            return self.keys(sort, Stretch(RESTING, (), ()), limit)
        left = place.left(sort, self.places, self.read, self.filters, limit)
        unsorted = place.unsorted(self.many, self._readable(), limit)
        return unsorted + place.gathered(sort, self.few, self._readable(), limit) + left

    def _readable(self) -> Where:
        return [*self.filters, self.read.filter] if self.read else self.filters


def search(connection: Connection, actor: Actor, at: datetime, wanted: Filter = ALL) -> Search:
    """Where the actor finds the open cases that are wanted."""
    kinds, statuses = kinds_and_statuses(actor, wanted)
    covered = within(wanted.languages, languages(connection)) if wanted.languages else frozenset[str]()
    anything = statuses and (covered or not wanted.languages)
    regions = _regions(connection, actor, wanted) if anything else []
    places = [(region, status) for region in regions for status in statuses]
    read = readable(connection, actor, regions) if places and not wanted.languages else None
    standing = [*stands(wanted, kinds, covered)]
    filters = [*standing, *others(actor, wanted, at), *(parties(wanted) if wanted.named else ())]
    standing += [read.filter] if read else []
    few: list[Place] = []
    many = places
    if standing and places and not wanted.named:
        few, many = place.split(connection, places, standing)
    clauses = wanted.clauses if many and not wanted.named else frozenset[str]()
    return Search(visible(actor, at), places, few, many, filters, read, wanted.named, clauses, bool(wanted.overdue))


def _regions(connection: Connection, actor: Actor, wanted: Filter) -> list[str]:
    if actor.role not in REVIEWERS | OVERSEERS:
        return []
    if actor.role in REVIEWERS:
        return sorted(actor.regions & wanted.regions if wanted.regions else actor.regions)
    return sorted(wanted.regions) or list(connection.execute(_REGIONS).scalars())
