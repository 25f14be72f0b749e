"""How is the database reached? One engine a process; every statement and lock is bounded.

What is done often is done in `engine.begin()`, also where it only reads: a rollback makes psycopg forget the statements
that a connection has prepared.
"""

import select
from typing import Any

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DisconnectionError

# In milliseconds. A statement or a lock that takes longer fails, and the commit is tried again.
_TIMEOUTS = "-c statement_timeout=4000 -c lock_timeout=4000 -c idle_in_transaction_session_timeout=8000"
# All statements are short, and to compile one takes longer than to run it.
_OPTIONS = f"{_TIMEOUTS} -c timezone=UTC -c jit=off"


def connect(url: str, *, pool: int = 10) -> Engine:
    """Make the engine for a `postgresql://` URL; `pool` is the most connections held.

    Raises:
        ValueError: the URL is none of PostgreSQL.
    """
    parsed = make_url(url)
    if parsed.get_backend_name() != "postgresql":
        raise ValueError(f"Casework needs a postgresql:// URL, not {parsed.get_backend_name()}://")
    engine = create_engine(
        parsed.set(drivername="postgresql+psycopg"),
        pool_size=pool,
        pool_use_lifo=True,
        max_overflow=0,
        pool_timeout=4,
        connect_args={"options": _OPTIONS, "connect_timeout": 4},
    )
    event.listen(engine, "checkout", _still_there)
    return engine


def _still_there(connection: Any, *_: object) -> None:
    """Have the pool replace a connection that the server closed: it is readable, which costs no round trip to see."""
    arrived = select.poll()
    if not connection.closed:
        arrived.register(connection, select.POLLIN)
    if connection.closed or arrived.poll(0):
        raise DisconnectionError("the server has gone away")
