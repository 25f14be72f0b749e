"""Lists of cases, in pages by cursor: what waits for a reviewer, and what somebody sees."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine

from activities.move.situation import situate
from activities.rulebooks import Rulebooks
from desk.reading.columns import WAITING, listed
from desk.reading.redaction import reader
from states.situation import Actor
from states.tables import TABLES
from states.terms import Code, RefusedError, Status
from store import case as cases
from store import listing, queue
from store.case import Case
from store.cursor import Page
from store.row_security import reading

PAGE = 50
_UNCLAIMED = queue.Filter(statuses=frozenset({Status.QUEUED, Status.ESCALATED}))


class Lists:
    """Reads; nothing is changed, and Temporal is not asked. A page raises `RefusedError`: `invalid`, field `cursor`."""

    def __init__(self, engine: Engine, now: Callable[[], datetime], rulebooks: Rulebooks | None = None) -> None:
        self._engine = engine
        self._now = now
        self._rulebooks = rulebooks or Rulebooks()

    def queue(
        self, actor: Actor, wanted: queue.Filter, sort: queue.Sort, cursor: str | None = None, limit: int = PAGE
    ) -> Page:
        """The open cases of the actor's regions and languages."""
        now = self._now()
        with reading(self._engine, actor, now) as connection:
            return _shown(actor, queue.page(connection, actor, now, wanted, sort, cursor, limit))

    def cases(
        self, actor: Actor, wanted: listing.Filter, sort: listing.Order, cursor: str | None = None, limit: int = PAGE
    ) -> Page:
        """The cases that the actor sees, open and closed."""
        now = self._now()
        with reading(self._engine, actor, now) as connection:
            return _shown(actor, listing.page(connection, actor, now, wanted, sort, cursor, limit))

    def waiting(self, actor: Actor, limit: int = PAGE) -> list[dict[str, Any]]:
        """The cases that nobody has claimed, the most urgent first; `claimable` by this reviewer or not.

        Raises:
            RefusedError: `forbidden`: the actor reviews no cases.
        """
        if reader(actor, None) is None:
            raise RefusedError(Code.FORBIDDEN, "only_moderators_queue", "by")
        now = self._now()
        with reading(self._engine, actor, now) as connection:
            rows = queue.page(connection, actor, now, _UNCLAIMED, limit=limit).rows
            return [self._waiting(connection, cases.of(row), actor, now) for row in rows]

    def _waiting(self, connection: Connection, case: Case, actor: Actor, now: datetime) -> dict[str, Any]:
        # Who may claim depends on neither an appeal's report nor a report's appeals: they are not read.
        rules = self._rulebooks.policy(connection, case.rulebook, case.region)
        allowed = TABLES[case.kind].allowed(situate(case, None, rules, now, actor=actor))
        return {name: getattr(case, name) for name in WAITING} | {"claimable": "claim" in allowed}


def _shown(actor: Actor, page: Page) -> Page:
    names = listed(actor)
    return Page([_named(row, names) for row in page.rows], page.next)


def _named(row: Mapping[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    return {"of" if name == "of_case" else name: row[name] for name in names}
