"""What do checkpoints vouch for that the chains don't say any more, and what do chains say that none vouches for?"""

from datetime import datetime

import sqlalchemy as sa

from store.schema.checkpoints import checkpoints, leaves

# The newest leaf of each chain and row that is not as it was: `found` is its hash now, `last` the chain's end now.
_CASES = sa.text("""
    SELECT DISTINCT ON (leaf.name) leaf.*, line.hash AS found,
        (SELECT max(one.version) FROM journal one WHERE one."case" = leaf.name) AS last
    FROM checkpoint_leaves leaf
    LEFT JOIN journal line ON line."case" = leaf.name AND line.version = leaf.version
    WHERE leaf.kind = 'case' AND line.hash IS DISTINCT FROM leaf.hash
    ORDER BY leaf.name, leaf.version DESC
""")
_TOPICS = sa.text("""
    SELECT DISTINCT ON (leaf.name) leaf.*, line.hash AS found,
        (SELECT max(one.number) FROM records one WHERE one.topic = leaf.name) AS last
    FROM checkpoint_leaves leaf
    LEFT JOIN records line ON line.number = leaf.version AND line.topic = leaf.name
    WHERE leaf.kind = 'topic' AND line.hash IS DISTINCT FROM leaf.hash
    ORDER BY leaf.name, leaf.version DESC
""")
_ROWS = sa.text("""
    SELECT DISTINCT ON (leaf.name) leaf.*, line.found, leaf.version AS last
    FROM checkpoint_leaves leaf
    LEFT JOIN LATERAL (
        SELECT rows ->> leaf.name AS found FROM journal WHERE number = leaf.version
        UNION ALL SELECT rows ->> leaf.name FROM records WHERE number = leaf.version) line ON true
    WHERE leaf.kind = 'row' AND line.found IS DISTINCT FROM leaf.hash
    ORDER BY leaf.name, leaf.version DESC
""")
# Chains with a line that is numbered as one of those under a checkpoint, and is under none.
_MISSED = sa.text("""
    WITH newest AS (SELECT kind, name, max(version) AS version FROM checkpoint_leaves GROUP BY kind, name), chain AS (
        SELECT 'case' AS kind, "case" AS name, max(version) AS version FROM journal WHERE number <= :reaches
        GROUP BY "case" UNION ALL
        SELECT 'topic', topic, max(number) FROM records WHERE number <= :reaches GROUP BY topic)
    SELECT chain.* FROM chain LEFT JOIN newest USING (kind, name)
    WHERE newest.version IS NULL OR newest.version < chain.version ORDER BY kind, name
""")
# The first line after them, if it was written before a time: by then the next checkpoint had been made.
_WAITING = sa.text("""
    SELECT min(number) FROM (
        SELECT number FROM journal WHERE number > :reaches AND at < :before
        UNION ALL SELECT number FROM records WHERE number > :reaches AND at < :before) line
""")


def each() -> sa.Select[tuple[object, ...]]:
    """The checkpoints, from the first."""
    return sa.select(checkpoints).order_by(checkpoints.c.number)


def under() -> sa.Select[tuple[object, ...]]:
    """The leaves of each checkpoint, in the order of its tree."""
    order = (sa.collate(leaves.c.kind, "C"), sa.collate(leaves.c.name, "C"), leaves.c.version)
    return sa.select(leaves).order_by(leaves.c.checkpoint, *order)


def changed(connection: sa.Connection) -> list[sa.RowMapping]:
    """Of each chain and row that is not as a checkpoint says, the newest leaf that differs."""
    return [row for query in (_CASES, _TOPICS, _ROWS) for row in connection.execute(query).mappings()]


def missed(connection: sa.Connection, reaches: int) -> list[sa.RowMapping]:
    """The chains with lines up to that number that no checkpoint vouches for."""
    return list(connection.execute(_MISSED, {"reaches": reaches}).mappings())


def waiting(connection: sa.Connection, reaches: int, before: datetime) -> int | None:
    """The first line beyond that number, if it is older than it may be without a checkpoint."""
    found: int | None = connection.execute(_WAITING, {"reaches": reaches, "before": before}).scalar()
    return found


def own(connection: sa.Connection) -> tuple[dict[int, str], set[str]]:
    """The hashes of the database's checkpoints by number, and those of others that they abandon."""
    rows = connection.execute(sa.select(checkpoints.c.number, checkpoints.c.hash, checkpoints.c.abandons)).all()
    return {row.number: row.hash for row in rows}, {digest for row in rows for digest in row.abandons}
