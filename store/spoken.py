"""Which cases does a reviewer read? Those in their languages, and those that nobody of the region reads.

Few languages are spoken: those of the open cases are read first, and a query names each that it looks for. So one rule
says what a language covers (`rulebook.tag.covers`), and the indexes of the queue filter by it.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import sqlalchemy as sa
from sqlalchemy import Connection

from rulebook.tag import covers
from states.claimable import claimable
from states.situation import Actor
from states.terms import REVIEWERS, Role
from store.schema.cases import cases

_SPOKEN = sa.text("""
WITH RECURSIVE found (language) AS (
  (SELECT language FROM cases WHERE status <> 'closed' AND language IS NOT NULL ORDER BY language LIMIT 1)
  UNION ALL
  SELECT (SELECT c.language FROM cases c WHERE c.status <> 'closed' AND c.language > found.language
          ORDER BY c.language LIMIT 1)
  FROM found WHERE found.language IS NOT NULL
) SELECT language FROM found WHERE language IS NOT NULL
""")
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


def spoken(connection: Connection) -> list[str]:
    """The languages of the open cases."""
    return list(connection.execute(_SPOKEN).scalars())


def within(languages: Collection[str], known: Iterable[str]) -> frozenset[str]:
    """Those of the known ones that the languages cover."""
    return frozenset(tag for tag in known if any(covers(language, tag) for language in languages))


def readable(connection: Connection, actor: Actor, regions: Sequence[str]) -> sa.ColumnElement[bool] | None:
    """The filter of what a reviewer reads in these regions; none where that is everything.

    A case whose language none of those reads who could take it is everybody's: nobody else would see it.
    """
    if actor.role not in REVIEWERS or not actor.languages:
        return None
    known = frozenset(spoken(connection))
    mine = within(actor.languages, known)
    unread = _unread(actor, regions, readers(connection, regions), known - mine)
    return sa.or_(cases.c.language.in_(sorted(mine)), cases.c.language.is_(None), *unread)


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


def _unread(
    actor: Actor, regions: Sequence[str], found: dict[str, Readers], rest: frozenset[str]
) -> Iterator[sa.ColumnElement[bool]]:
    """What nobody reads, by regions with the same readers; of what seniors alone can take, what no senior reads."""
    alone = claimable(actor) - claimable(replace(actor, role=Role.MODERATOR))
    alike: dict[Readers, list[str]] = {}
    for region in regions:
        alike.setdefault(found.get(region, NOBODY), []).append(region)
    for its, where in alike.items():
        here = cases.c.region.in_(where) if len(alike) > 1 else sa.true()
        unread = _beyond(its.all, rest)
        if unread:
            yield sa.and_(here, cases.c.language.in_(sorted(unread)))
        if alone and (unknown := _beyond(its.seniors, rest) - unread):
            theirs = sa.tuple_(cases.c.kind, cases.c.status).in_(sorted(alone))
            yield sa.and_(here, theirs, cases.c.language.in_(sorted(unknown)))


def _beyond(read: frozenset[str] | None, known: frozenset[str]) -> frozenset[str]:
    """The known languages that those who read these don't read."""
    return frozenset() if read is None else known - within(read, known)
