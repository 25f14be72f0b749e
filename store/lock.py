"""Locks of names that have no row: held until the transaction ends, by whoever asked first."""

import sqlalchemy as sa
from sqlalchemy import Connection

_LOCK = sa.text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))")


def hold(connection: Connection, name: str) -> None:
    """Let nobody else hold the name until the transaction ends."""
    connection.execute(_LOCK, {"name": name})
