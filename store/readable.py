"""Which cases does a reviewer read? Those in their languages, and those that nobody reads who could take them.

Few languages are spoken, and a query names each that it looks for. So one rule says what a language covers
(`rulebook.tag.covers`), and the indexes of the queue filter by it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import sqlalchemy as sa
from sqlalchemy import Connection

from states.claimable import claimable
from states.situation import Actor
from states.terms import REVIEWERS, Kind, Role, Status
from store.schema.cases import cases
from store.spoken import MOST, Readers, Spoken, Tags, spoken, within


@dataclass(frozen=True)
class Left:
    """Languages of a region with all who read them. What bars these is left to the others.

    `for_seniors`: all seniors who do, of what only seniors can take; else all reviewers, of the rest.
    """

    region: str
    languages: Sequence[str]
    names: Sequence[str]
    for_seniors: bool


@dataclass(frozen=True)
class Readable:
    """What a reviewer reads: the cases that pass the filter, and beside them what is `left`.

    `for_seniors`: the kinds and statuses that the reviewer can take, and a moderator can't.
    """

    filter: sa.ColumnElement[bool]
    left: Sequence[Left]
    for_seniors: frozenset[tuple[Kind, Status]]


def readable(connection: Connection, actor: Actor, regions: Sequence[str]) -> Readable | None:
    """What a reviewer reads in these regions; none where that is everything.

    A case whose language none of those reads who could take it is everybody's: nobody else would see it.
    """
    if actor.role not in REVIEWERS or not actor.languages:
        return None
    return _readable(spoken(connection), actor, tuple(regions))


@lru_cache(256)
def _readable(its: Spoken, actor: Actor, regions: Sequence[str]) -> Readable:
    """Kept until something changes of what is spoken: to find it out anew costs more than to ask."""
    mine = within(actor.languages, its.languages)
    for_seniors = claimable(actor) - claimable(replace(actor, role=Role.MODERATOR))
    unread: dict[tuple[Tags, Tags], list[str]] = {}
    left: list[Left] = []
    for region in regions:
        readers = [one for one in its.readers if one.region == region]
        by_all = _by_readers(readers, its.languages - mine)
        seniors = [one for one in readers if one.senior]
        by_seniors = _by_readers(seniors, its.languages - mine) if for_seniors else {}
        nobody = by_all.pop(frozenset(), frozenset())
        unread.setdefault((nobody, by_seniors.pop(frozenset(), frozenset()) - nobody), []).append(region)
        left += [Left(region, sorted(by_all[names]), sorted(names), for_seniors=False) for names in by_all]
        left += [Left(region, sorted(by_seniors[names]), sorted(names), for_seniors=True) for names in by_seniors]
    # One list as far as it goes: each further condition is one more look into an index.
    everywhere = frozenset[str].intersection(*(by_nobody for by_nobody, _ in unread))
    passing = [cases.c.language.in_(sorted(mine | everywhere)), *_unread(unread, everywhere, for_seniors)]
    if its.older:
        passing.append(cases.c.language.is_(None))
    return Readable(sa.or_(*passing), left, for_seniors)


def _by_readers(readers: Sequence[Readers], tags: Tags) -> dict[frozenset[str], Tags]:
    """The tags by the names of all who read them, without those that one reads who can take whatever they read."""
    read = [(one.read(tags), one.names) for one in readers]
    found: dict[frozenset[str], Tags] = {}
    for tag in tags:
        names = [names for its, names in read if tag in its]
        few = frozenset[str]().union(*(some for some in names if some is not None))
        if None not in names and len(few) <= MOST:
            found[few] = found.get(few, frozenset()) | {tag}
    return found


def _unread(
    unread: Mapping[tuple[Tags, Tags], Sequence[str]], everywhere: Tags, for_seniors: frozenset[tuple[Kind, Status]]
) -> Iterator[sa.ColumnElement[bool]]:
    """What nobody of some regions reads, if not `everywhere`; and what no senior does of what only they can take."""
    for (by_nobody, by_no_senior), regions in unread.items():
        here = cases.c.region.in_(regions) if len(unread) > 1 else sa.true()
        if by_nobody - everywhere:
            yield sa.and_(here, cases.c.language.in_(sorted(by_nobody - everywhere)))
        if by_no_senior:
            theirs = sa.tuple_(cases.c.kind, cases.c.status).in_(sorted(for_seniors))
            yield sa.and_(here, theirs, cases.c.language.in_(sorted(by_no_senior)))
