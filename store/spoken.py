"""Which languages have the open cases, and who reads which of them where?"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

import sqlalchemy as sa
from sqlalchemy import Connection

from rulebook.tag import covers

# A case bars those who had a part in it and in what it follows. Where more read a language, somebody can take it.
MOST = 20
# The languages of the open cases, found one after the other as they are few.
_FOUND = """
WITH RECURSIVE found (language) AS (
  (SELECT language FROM cases WHERE status <> 'closed' AND language IS NOT NULL ORDER BY language LIMIT 1)
  UNION ALL
  SELECT (SELECT c.language FROM cases c WHERE c.status <> 'closed' AND c.language > found.language
          ORDER BY c.language LIMIT 1)
  FROM found WHERE found.language IS NOT NULL
)"""
_LANGUAGES = sa.text(f"{_FOUND} SELECT language FROM found WHERE language IS NOT NULL")  # noqa: S608  # a constant
# These, and NULL, if some have none. Then all reviewers, by region, role and languages. Without parameters: so it is
# planned once, as that takes longer than to run.
_SPOKEN = sa.text(f"""{_FOUND}, reviewers AS (
  SELECT region, role = 'senior_moderator' AS senior, languages, array_agg(id) AS names
  FROM people CROSS JOIN unnest(regions) AS region
  WHERE role IN ('moderator', 'senior_moderator') AND ended_at IS NULL
  GROUP BY region, role, languages
)
SELECT CAST(json_build_array(
  ARRAY(
    SELECT language FROM found WHERE language IS NOT NULL
    UNION ALL
    (SELECT language FROM cases WHERE status <> 'closed' AND language IS NULL ORDER BY language LIMIT 1)
  ),
  ARRAY(
    SELECT json_build_array(region, senior, languages, CASE WHEN cardinality(names) <= :most AND EXISTS (
      SELECT FROM cases c WHERE c.stage <> 'closed' AND c.barred <> '{{}}' AND c.barred @> names AND c.region = r.region
    ) THEN names END)
    FROM reviewers r
  )
) AS text)
""").bindparams(sa.bindparam("most", MOST, literal_execute=True))  # noqa: S608  # constants
Tags = frozenset[str]


@dataclass(frozen=True)
class Readers:
    """Reviewers of a region, of one role and with the same languages (none: all).

    `names`: none where they are many, or no case bars them all. Then one of them can take whatever they read.
    """

    region: str
    senior: bool
    languages: Tags | None
    names: frozenset[str] | None

    def read(self, tags: Tags) -> Tags:
        """Those of the tags that they read."""
        return tags if self.languages is None else within(self.languages, tags)


@dataclass(frozen=True)
class Spoken:
    """The languages of the open cases, whether some have none (they are older than the column), and all reviewers."""

    languages: Tags
    older: bool
    readers: tuple[Readers, ...]


def languages(connection: Connection) -> Tags:
    """The languages of the open cases alone, which takes half the time of asking who reads them."""
    return frozenset(connection.execute(_LANGUAGES).scalars())


def spoken(connection: Connection) -> Spoken:
    """What is spoken now. It is the same object until something of it changes."""
    return _parsed(str(connection.execute(_SPOKEN).scalar_one()))


def within(languages: Tags, known: Iterable[str]) -> Tags:
    """Those of the known ones that the languages cover."""
    return frozenset(tag for tag in known if any(covers(language, tag) for language in languages))


@lru_cache(16)
def _parsed(told: str) -> Spoken:
    languages, readers = json.loads(told)
    made = (Readers(region, senior, _some(read), _some(names)) for region, senior, read, names in readers)
    return Spoken(frozenset(languages) - {None}, None in languages, tuple(made))


def _some(names: Iterable[str] | None) -> frozenset[str] | None:
    return frozenset(names) if names else None
