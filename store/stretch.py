"""In which stretches is a list of open cases read? One after the other, until the page is full."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa

from states.terms import Status
from store.cursor import Cursor
from store.order import Sort, Where
from store.schema.cases import cases
from store.wanted import RESTING


@dataclass(frozen=True)
class Stretch:
    """Cases in some statuses, what they must be like, and by which of the order's keys they differ before their ids."""

    statuses: Sequence[Status]
    filters: Where
    keys: Sequence[sa.Column[Any]]


def stretches(sort: Sort, start: Cursor | None, ranks: Sequence[int] | None) -> Iterator[Stretch]:
    """What follows the cursor in the list: first the cases with a time, then those without one.

    `ranks`: the only priorities that there are, each a stretch of its own; None: any. An index that begins with the
    priority would be read from its first one, where no case may fit.
    """
    after = [sort.after(start)] if start else []
    if start is None or start.at is not None:
        timed = [status for status in RESTING if status not in sort.timeless]
        if ranks is None or not sort.ranked:
            yield Stretch(timed, after, sort.keys)
        else:
            yield from (Stretch(timed, its, [sort.time]) for its in _ranked(sort, start, ranks))
        after = []
    yield Stretch([status for status in RESTING if status in sort.timeless], after, ())


def _ranked(sort: Sort, start: Cursor | None, ranks: Sequence[int]) -> Iterator[Where]:
    for rank in ranks:
        if start and rank == start.priority:
            yield cases.c.priority == rank, sort.after(replace(start, priority=None))
        elif start is None or start.priority is None or rank > start.priority:
            yield (cases.c.priority == rank,)
