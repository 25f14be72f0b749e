"""Lists of cases, in pages by cursor: what waits for a reviewer, and what somebody sees."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine

from activities.rulebooks import Rulebooks
from desk.reading.columns import listed
from desk.reading.redaction import reader
from desk.reading.wanted import Looked
from states.situation import Actor
from states.terms import Code, RefusedError
from store import listing, queue
from store.cursor import Page
from store.order import Sort
from store.queue import COUNTED
from store.row_security import present
from store.search import search
from store.spoken import languages

PAGE = 50


@dataclass(frozen=True)
class Waiting:
    """A page of the queue; of the first also how many cases fit: `count`, and `more` than that beyond the bound."""

    page: Page
    count: int | None
    more: bool | None


@dataclass(frozen=True)
class Choices:
    """What a queue can be filtered by: languages, and clauses by key with what they are called."""

    languages: frozenset[str]
    clauses: Mapping[str, str]


@dataclass(frozen=True)
class Hidden:
    """What a filter hides of the queue, and by which of its fields."""

    waiting: Waiting
    fields: Sequence[str]


class Lists:
    """Reads; nothing is changed, and Temporal is not asked. A page raises `RefusedError`: `invalid`, field `cursor`."""

    def __init__(self, engine: Engine, now: Callable[[], datetime], rulebooks: Rulebooks | None = None) -> None:
        self._engine = engine
        self._now = now
        self._rulebooks = rulebooks or Rulebooks()

    def choices(self, actor: Actor, language: str) -> Choices:
        """What the actor may choose from in the queue: their languages, or those of its cases; clauses in force now."""
        with present(self._engine, actor, self._now()) as (connection, now):
            known = actor.languages or languages(connection)
            timeline = self._rulebooks.timeline(connection)
            rules = [timeline.now(region, now) for region in sorted(actor.regions)]
        titles = {key: clause.title.in_language(language) for one in rules for key, clause in one.clauses.items()}
        return Choices(known, titles)

    def queue(
        self,
        actor: Actor,
        asked: Looked,
        sort: Sort = Sort.URGENT,
        cursor: str | None = None,
        limit: int = PAGE,
    ) -> Waiting:
        """What the actor could claim, the most urgent first; or the open cases that fit what is asked.

        Raises:
            RefusedError: `forbidden`: the actor reviews no cases; `invalid`, field `claimed_by`.
        """
        if reader(actor, None) is None:
            raise RefusedError(Code.FORBIDDEN, "only_moderators_queue", "by")
        with present(self._engine, actor, self._now()) as (connection, now):
            wanted = search(connection, actor, now, asked.resolved(connection, actor))
            page = _shown(actor, queue.page(connection, wanted, sort, cursor, limit, listed(actor)))
            if cursor is not None:
                return Waiting(page, None, None)
            if page.next is None:  # all of it is there
                return Waiting(page, len(page.rows), more=False)
            found = queue.count(connection, wanted)
        return Waiting(page, min(found, COUNTED), found > COUNTED)

    def hidden(self, actor: Actor, asked: Looked) -> Hidden:
        """How many cases the queue has without what is asked, and by which fields it hides them.

        Of the fields those are named that each hide some by themselves; where none does, all.
        """

        def without(fields: set[str]) -> Waiting:
            return self.queue(actor, asked.model_copy(update={name: everything[name] for name in fields}), limit=1)

        everything, said = Looked().model_dump(), set(asked.model_dump(exclude_defaults=True))
        alone = {name for name in said if without({name}).count}
        return Hidden(without(said), sorted(alone or said))

    def cases(
        self, actor: Actor, wanted: listing.Filter, sort: listing.Order, cursor: str | None = None, limit: int = PAGE
    ) -> Page:
        """The cases that the actor sees, open and closed."""
        with present(self._engine, actor, self._now()) as (connection, now):
            return page(connection, actor, now, wanted, sort, cursor, limit)


def page(
    connection: Connection,
    actor: Actor,
    now: datetime,
    wanted: listing.Filter,
    sort: listing.Order = Sort.FILED_LAST,
    cursor: str | None = None,
    limit: int = PAGE,
) -> Page:
    """The cases that the actor sees, in the reader's transaction, at its moment."""
    return _shown(actor, listing.page(connection, actor, now, wanted, sort, cursor, limit))


def _shown(actor: Actor, page: Page) -> Page:
    names = listed(actor)
    return Page([_named(row, names) for row in page.rows], page.next)


def _named(row: Mapping[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    return {"of" if name == "of_case" else name: row[name] for name in names}
