"""Advisory locks, for names that have no row to lock; held until the transaction ends."""

import sqlalchemy as sa
from sqlalchemy import Connection

# The hashes that older versions use, too: a chain of records has one writer also while one of them still runs.
_LOCK = sa.text("SELECT pg_advisory_xact_lock(hashtext(:name))")
_SHARE = sa.text("SELECT pg_advisory_xact_lock_shared(hashtext(:name))")
_LOCK_ID = sa.text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))")


def hold(connection: Connection, name: str) -> None:
    """Lock the name until the transaction ends, after whoever holds it now."""
    connection.execute(_LOCK, {"name": name})


def share(connection: Connection, name: str) -> None:
    """Keep others from holding the name, but not from sharing it, until the transaction ends."""
    connection.execute(_SHARE, {"name": name})


def hold_id(connection: Connection, name: str) -> None:
    """The same for one of very many names, so that two of them hardly ever wait for each other."""
    connection.execute(_LOCK_ID, {"name": name})
