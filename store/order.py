"""In which order does a list of cases come? Its keys are columns with an index; ties are broken by id."""

from collections.abc import Sequence
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from rulebook.terms import PRIORITIES
from states.terms import Status
from store.cursor import Cursor
from store.schema.cases import cases

Where = Sequence[sa.ColumnElement[bool]]
_KEYS: dict[str, tuple[sa.Column[Any], ...]] = {
    "urgent": (cases.c.priority, cases.c.review_due_at),
    "due": (cases.c.deadline_at,),
    "filed": (cases.c.filed_at,),
}
_TIMELESS = {
    "urgent": frozenset({Status.HELD}),
    "due": frozenset({Status.HELD, Status.UNDER_APPEAL}),
    "filed": frozenset[Status](),
}


class Sort(StrEnum):
    """The order of a list, descending with `-`; cases without its time come last in both directions.

    `urgent` is the queue's: by the clause's priority, then by the review's deadline, whose clock stands still while an
    answer is awaited. `due` is by whatever comes next: a lease's end, an answer's, a window's.
    """

    URGENT = "urgent"
    DUE = "due"
    DUE_LAST = "-due"
    FILED = "filed"
    FILED_LAST = "-filed"

    @property
    def keys(self) -> tuple[sa.Column[Any], ...]:
        """The columns of the order, before the id; the last of them is a time."""
        return _KEYS[self.value.removeprefix("-")]

    @property
    def time(self) -> sa.Column[Any]:
        """The time of the order."""
        return self.keys[-1]

    @property
    def ranked(self) -> bool:
        """Whether the priority comes before the time."""
        return len(self.keys) > 1

    @property
    def descending(self) -> bool:
        """Whether the latest come first."""
        return self.value.startswith("-")

    @property
    def timeless(self) -> frozenset[Status]:
        """The statuses whose cases have no such time."""
        return _TIMELESS[self.value.removeprefix("-")]

    def after(self, last: Cursor) -> sa.ColumnElement[bool]:
        """What comes after a row, by those of the keys that the cursor has; the rest are the same."""
        has = {cases.c.priority: last.priority, self.time: last.at}
        given = [key for key in self.keys if has[key] is not None]
        key, end = sa.tuple_(*given, cases.c.id), sa.tuple_(*(has[key] for key in given), last.id)
        after: sa.ColumnElement[bool] = key < end if self.descending else key > end
        return after

    def until(self, keys: Sequence[sa.Column[Any]], last: Sequence[sa.ColumnElement[Any]]) -> sa.ColumnElement[bool]:
        """What comes no later than a row with these keys; everything that has keys, where they are NULL."""
        ends = {"priority": sa.literal(PRIORITIES[-1])}
        time = sa.text("'-infinity'" if self.descending else "'infinity'")
        found = [sa.func.coalesce(one, ends.get(key.name, time)) for key, one in zip(keys, last, strict=True)]
        key, end = sa.tuple_(*keys), sa.tuple_(*found)
        until: sa.ColumnElement[bool] = key >= end if self.descending else key <= end
        return until

    def by(self, *keys: sa.ColumnElement[Any]) -> list[sa.ColumnElement[Any]]:
        """The keys with their direction."""
        return [key.desc() for key in keys] if self.descending else list(keys)
