"""Which cases does a reviewer read? Those in their languages, and those that nobody reads who could take them.

Few languages are spoken: those of the open cases are read first, and a query names each that it looks for. So one rule
says what a language covers (`rulebook.tag.covers`), and the indexes of the queue filter by it.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import sqlalchemy as sa
from sqlalchemy import Connection

from rulebook.tag import covers
from states.claimable import claimable
from states.situation import Actor
from states.terms import REVIEWERS, Kind, Role, Status
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
SELECT region, role = 'senior_moderator', languages, CASE WHEN count(*) <= :most THEN array_agg(id) END
FROM people CROSS JOIN unnest(regions) AS region
WHERE role IN ('moderator', 'senior_moderator') AND ended_at IS NULL AND region = ANY (:regions)
GROUP BY region, role, languages
""")
# A case bars those who had a part in it and in what it follows. Where more read a language, somebody can take it.
MOST = 20
Tags = frozenset[str]


@dataclass(frozen=True)
class Readers:
    """Reviewers of a region, of one role and with the same languages (none: all); `names`: none where they are many."""

    senior: bool
    languages: Tags | None
    names: frozenset[str] | None

    def reads(self, tag: str) -> bool:
        """Whether they read what has the tag."""
        return self.languages is None or any(covers(language, tag) for language in self.languages)


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


def spoken(connection: Connection) -> list[str]:
    """The languages of the open cases."""
    return list(connection.execute(_SPOKEN).scalars())


def within(languages: Collection[str], known: Iterable[str]) -> frozenset[str]:
    """Those of the known ones that the languages cover."""
    return frozenset(tag for tag in known if any(covers(language, tag) for language in languages))


def readable(connection: Connection, actor: Actor, regions: Sequence[str]) -> Readable | None:
    """What a reviewer reads in these regions; none where that is everything.

    A case whose language none of those reads who could take it is everybody's: nobody else would see it.
    """
    if actor.role not in REVIEWERS or not actor.languages:
        return None
    known = frozenset(spoken(connection))
    mine = within(actor.languages, known)
    for_seniors = claimable(actor) - claimable(replace(actor, role=Role.MODERATOR))
    unread: dict[tuple[Tags, Tags], list[str]] = {}
    left: list[Left] = []
    for region, its in readers(connection, regions).items():
        by_all = _by_readers(its, known - mine)
        by_seniors = _by_readers([one for one in its if one.senior], known - mine) if for_seniors else {}
        nobody = by_all.pop(frozenset(), frozenset())
        unread.setdefault((nobody, by_seniors.pop(frozenset(), frozenset()) - nobody), []).append(region)
        left += [Left(region, sorted(by_all[names]), sorted(names), for_seniors=False) for names in by_all]
        left += [Left(region, sorted(by_seniors[names]), sorted(names), for_seniors=True) for names in by_seniors]
    # One list as far as it goes: each further condition is one more look into an index.
    everywhere = frozenset[str].intersection(*(by_nobody for by_nobody, _ in unread))
    others = _unread(unread, everywhere, for_seniors)
    passing = sa.or_(cases.c.language.in_(sorted(mine | everywhere)), cases.c.language.is_(None), *others)
    return Readable(passing, left, for_seniors)


def readers(connection: Connection, regions: Iterable[str]) -> dict[str, list[Readers]]:
    """Who reads what in each of the regions. Staff are few: they are read once for a page."""
    found: dict[str, list[Readers]] = {region: [] for region in regions}
    for region, senior, languages, names in connection.execute(_READERS, {"regions": sorted(regions), "most": MOST}):
        its = Readers(senior, frozenset(languages) if languages else None, frozenset(names) if names else None)
        found[region].append(its)
    return found


def _by_readers(readers: Sequence[Readers], tags: Tags) -> dict[frozenset[str], Tags]:
    """The tags by the names of all who read them, without those that many read."""
    found: dict[frozenset[str], Tags] = {}
    for tag in tags:
        names = [one.names for one in readers if one.reads(tag)]
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
