"""Which subjects of a region come next on the ring that a version's wave goes round? (`store/timeline.py`)."""

from collections.abc import Iterator
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy import Connection

from store import seal
from store.party import RING, Subject, subject_of
from store.schema.parties import subjects
from store.schema.rulebooks import rollouts
from store.timeline import EVERYBODY, Cursor, Dated

# Two subjects of one place stand in the order of their ids' bytes, which is that of Python's strings.
_PLACE = sa.tuple_(subjects.c.place, subjects.c.id.collate("C"))
_NEXT = (
    sa.select(subjects)
    .where(
        subjects.c.region == sa.bindparam("region_"),
        sa.tuple_(sa.bindparam("after", type_=sa.BigInteger), sa.bindparam("after_id", type_=sa.Text)) < _PLACE,
        subjects.c.place < sa.bindparam("until", type_=sa.BigInteger),
    )
    .order_by(subjects.c.place, subjects.c.id.collate("C"))
    .limit(sa.bindparam("most", type_=sa.BigInteger))
)


class Way(StrEnum):
    """Which of a version's cursors moves: the one of whom it has reached, or of whom it has released."""

    REACHED = "reached"
    RELEASED = "released"


def after(connection: Connection, dated: Dated, way: Way, most: int) -> list[Subject]:
    """The next subjects on the wave's way, at most so many, in their order; unlocked."""
    found: list[Subject] = []
    for place, id_, until in _stretches(dated.turn, dated.reached if way is Way.REACHED else dated.released):
        values = {"region_": dated.region, "after": place, "after_id": id_, "until": until, "most": most - len(found)}
        found += [subject_of(row) for row in connection.execute(_NEXT, values)]
        if len(found) == most:
            break
    return found


def advance(connection: Connection, dated: Dated, way: Way, to: Subject | None, seen: int, hit: int) -> Cursor:
    """Move the cursor to the subject, or past everybody, and give it; of `seen` subjects, `hit` got another penalty."""
    place, id_ = dated.distance(to) if to is not None else (EVERYBODY, "")
    counted: dict[str, object] = {}
    if way is Way.REACHED:
        stood = {year: list(cursor) for year, cursor in dated.stood.items()}
        counted = {"seen": dated.seen + seen, "hit": dated.hit + hit, "stood": stood or None}
    key = {"version": dated.digest, "region": dated.region}
    seal.update(connection, rollouts, key, **{way.value: place, f"{way}_id": id_}, **counted)
    return place, id_


def _stretches(turn: int, cursor: Cursor) -> Iterator[tuple[int, str, int]]:
    """The parts of the ring that are before the cursor: from behind which place and id, up to before which place."""
    place, id_ = turn + max(cursor[0], 0), cursor[1]
    if place < RING:
        yield place, id_, RING
        yield 0, "", turn
    else:
        yield place - RING, id_, turn
