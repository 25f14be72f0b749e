"""How urgent are the open cases of some clauses? Each has few priorities: a page by urgency reads no others."""

from collections.abc import Collection

import sqlalchemy as sa
from sqlalchemy import Connection

_RANKS = sa.text("""
WITH RECURSIVE found (clause, rank) AS (
  SELECT clause, (SELECT c.priority FROM cases c WHERE c.status <> 'closed' AND c.clause = asked.clause
                  ORDER BY c.priority LIMIT 1)
  FROM unnest(CAST(:clauses AS text[])) AS asked (clause)
  UNION ALL
  SELECT clause, (SELECT c.priority FROM cases c WHERE c.status <> 'closed' AND c.clause = found.clause
                    AND c.priority > found.rank ORDER BY c.priority LIMIT 1)
  FROM found WHERE rank IS NOT NULL
) SELECT DISTINCT rank FROM found WHERE rank IS NOT NULL ORDER BY rank
""")


def ranks(connection: Connection, clauses: Collection[str]) -> list[int]:
    """The priorities of the open cases of these clauses, the most urgent first; by `ix_cases_rank`."""
    return list(connection.execute(_RANKS, {"clauses": sorted(clauses)}).scalars())
