"""Which cases does a reviewer read? Those in their languages, and those that nobody of the region reads."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import sqlalchemy as sa
from sqlalchemy import Connection
from sqlalchemy.dialects.postgresql import ARRAY

from states.claimable import claimable
from states.situation import Actor
from states.terms import REVIEWERS, Role
from store.schema.cases import cases

_READERS = sa.text("""
SELECT region, role, bool_or(languages IS NULL) AS every,
       coalesce(array_agg(DISTINCT tag) FILTER (WHERE tag IS NOT NULL), '{}') AS languages
FROM people CROSS JOIN unnest(regions) AS region LEFT JOIN unnest(languages) AS tag ON true
WHERE role IN ('moderator', 'senior_moderator') AND ended_at IS NULL AND region = ANY (:regions)
GROUP BY region, role
""")


@dataclass(frozen=True)
class Readers:
    """What the reviewers of a region read, and what its seniors do: languages, or all of them (none)."""

    all: frozenset[str] | None
    seniors: frozenset[str] | None


NOBODY = Readers(frozenset(), frozenset())


def within(languages: Collection[str]) -> sa.ColumnElement[bool]:
    """The cases in one of the languages: as `rulebook.tag.covers`, so that `vi` has `vi-VN`."""
    begin = sa.literal([f"{language}-%" for language in sorted(languages)], ARRAY(sa.Text))
    return cases.c.language.concat("-").like(sa.any_(begin))


def readable(connection: Connection, actor: Actor, regions: Sequence[str]) -> sa.ColumnElement[bool] | None:
    """The filter of what a reviewer reads in these regions; none where that is everything.

    A case whose language none of those reads who could take it is everybody's: nobody else would see it.
    """
    if actor.role not in REVIEWERS or not actor.languages:
        return None
    found = readers(connection, regions)
    return sa.or_(cases.c.language.is_(None), within(actor.languages), *_unread(actor, regions, found))


def readers(connection: Connection, regions: Iterable[str]) -> dict[str, Readers]:
    """Who reads what in each region. Staff are few: they are read once for a page."""
    found: dict[str, dict[str, frozenset[str] | None]] = {}
    for region, role, every, languages in connection.execute(_READERS, {"regions": sorted(regions)}):
        found.setdefault(region, {})[role] = None if every else frozenset(languages)
    return {region: _readers(by_role) for region, by_role in found.items()}


def _readers(by_role: dict[str, frozenset[str] | None]) -> Readers:
    seniors = by_role.get(Role.SENIOR_MODERATOR, frozenset())
    others = by_role.get(Role.MODERATOR, frozenset())
    return Readers(None if seniors is None or others is None else seniors | others, seniors)


def _unread(actor: Actor, regions: Sequence[str], found: dict[str, Readers]) -> Iterator[sa.ColumnElement[bool]]:
    """What nobody reads, by regions with the same readers; of what seniors alone can take, what no senior reads."""
    alone = claimable(actor) - claimable(replace(actor, role=Role.MODERATOR))
    alike: dict[Readers, list[str]] = {}
    for region in regions:
        alike.setdefault(found.get(region, NOBODY), []).append(region)
    for its, where in alike.items():
        here = cases.c.region.in_(where)
        if its.all is not None:
            yield sa.and_(here, sa.not_(within(its.all)))
        if its.seniors is not None and its.seniors != its.all and alone:
            theirs = sa.tuple_(cases.c.kind, cases.c.status).in_(sorted(alone))
            yield sa.and_(here, theirs, sa.not_(within(its.seniors)))
