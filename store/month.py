"""What became of a month's verdicts? Counted for all, and by region, clause and who decided."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

# A verdict counts in the month in which it took force. An appeal is one against it that was decided, until the case
# had another verdict. All that were ever spoken are not gathered first: each appeal would go through them.
FIGURES = sa.text("""
WITH spoken AS NOT MATERIALIZED (
  SELECT v.case, v.number, v.clause, v.finding, v.standing, v.decided_by AS moderator,
         coalesce(v.seconded_at, v.decided_at) AS at
  FROM verdicts v WHERE v.standing NOT IN ('proposed', 'rejected', 'lapsed')
), decided AS (
  SELECT s.*, c.region, extract(epoch FROM s.at - c.filed_at) / 3600 AS hours,
         (SELECT a.outcome FROM cases a
          WHERE a.of_case = s.case AND a.outcome IN ('upheld', 'modified', 'overturned') AND a.moved_at >= s.at
            AND NOT EXISTS (SELECT FROM spoken n WHERE n.case = s.case AND n.number > s.number AND n.at < a.moved_at)
          ORDER BY a.moved_at LIMIT 1) AS appeal
  FROM spoken s JOIN cases c ON c.id = s.case
  WHERE s.at >= :since AND s.at < :until
)
SELECT CASE grouping(region, clause, moderator)
         WHEN 7 THEN 'all' WHEN 3 THEN 'region' WHEN 5 THEN 'clause' ELSE 'moderator' END AS "by",
       coalesce(region, clause, moderator) AS key,
       count(*) AS decided,
       count(*) FILTER (WHERE finding = 'violation') AS violation,
       count(*) FILTER (WHERE finding = 'none') AS none,
       count(*) FILTER (WHERE finding = 'duplicate') AS duplicate,
       percentile_cont(0.5) WITHIN GROUP (ORDER BY hours) AS hours_median,
       percentile_cont(0.9) WITHIN GROUP (ORDER BY hours) AS hours_90,
       count(appeal) AS appealed,
       count(*) FILTER (WHERE appeal = 'upheld') AS upheld,
       count(*) FILTER (WHERE appeal = 'modified') AS modified,
       count(*) FILTER (WHERE appeal = 'overturned') AS overturned,
       count(*) FILTER (WHERE standing = 'set_aside') AS set_aside
FROM decided
GROUP BY GROUPING SETS ((), (region), (clause), (moderator))
ORDER BY array_position(ARRAY[7, 3, 5, 6], grouping(region, clause, moderator)), key
""")


def figures(connection: Connection, since: datetime, until: datetime) -> list[dict[str, Any]]:
    """A row `by` all, and for each region, clause and moderator that is its `key`.

    It counts the verdicts of reports that took force from `since` until before `until`: `decided`, by what they found,
    `hours_median` and `hours_90` from filing to verdict; how many were `appealed` with a decision and what came of it;
    and how many were `set_aside`. What becomes of them later changes the figures of their month.
    """
    found = connection.execute(FIGURES, {"since": since, "until": until}).mappings()
    return [{**row, "hours_median": _hours(row["hours_median"]), "hours_90": _hours(row["hours_90"])} for row in found]


def _hours(found: Any) -> float | None:
    return None if found is None else round(float(found), 1)
