"""How is the database reached? One engine a process; every statement and lock is bounded.

What is done often is done in `engine.begin()` or `rolled_back`, also where it only reads: a rollback of psycopg's makes
it forget the statements that a connection has prepared.
"""

import select
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DisconnectionError

from store.columns import Lazy
from store.keyring import Keyring, put_at_hand

# In milliseconds. A statement or a lock that takes longer fails, and the commit is tried again.
_TIMEOUTS = "-c statement_timeout=4000 -c lock_timeout=4000 -c idle_in_transaction_session_timeout=8000"
_CANCELED = "57014"
# All statements are short, and to compile one takes longer than to run it.
_OPTIONS = f"{_TIMEOUTS} -c timezone=UTC -c jit=off"


def connect(url: str, *, pool: int = 10, keyring: Keyring | None = None) -> Engine:
    """Make the engine for a `postgresql://` URL; `pool` is the most connections held.

    Without a `keyring` no words are read or written on it.

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
        connect_args={"options": _OPTIONS, "connect_timeout": 4, "cursor_factory": Lazy},
    )
    event.listen(engine, "checkout", _still_there)
    if keyring is not None:
        put_at_hand(engine, keyring)
    return engine


def _still_there(connection: Any, *_: object) -> None:
    """Have the pool replace a connection that the server closed: it is readable, which costs no round trip to see."""
    arrived = select.poll()
    if not connection.closed:
        arrived.register(connection, select.POLLIN)
    if connection.closed or arrived.poll(0):
        raise DisconnectionError("the server has gone away")


def slow(error: Exception) -> bool:
    """Whether a statement was given up because it took longer than it may."""
    return getattr(getattr(error, "orig", None), "sqlstate", None) == _CANCELED


@contextmanager
def one_by_one(engine: Engine) -> Iterator[Connection]:
    """A connection on which each statement is a transaction: to begin and end one takes as long as two statements."""
    with engine.connect() as connection:
        yield connection.execution_options(isolation_level="AUTOCOMMIT")


@contextmanager
def rolled_back(connection: Connection) -> Iterator[None]:
    """Roll the transaction back at the end, with the settings that were made in it."""
    try:
        yield
    finally:
        roll_back(connection)


def roll_back(connection: Connection, to: str | None = None) -> None:
    """Roll back, all or to a savepoint, beside psycopg, which forgets at a rollback what the connection has prepared.

    To prepare it again takes a third of the time of a commit or a read.
    """
    if connection.invalidated:  # of a connection that the server closed nothing is left
        return
    driver = connection.connection.driver_connection
    if driver is not None:
        driver.pgconn.exec_(b"ROLLBACK TO SAVEPOINT " + to.encode() if to else b"ROLLBACK")
