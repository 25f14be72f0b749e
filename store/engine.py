"""How is the database reached? One engine a process; every statement and lock is bounded."""

from sqlalchemy import Engine, create_engine
from sqlalchemy.engine import make_url

# A statement or a lock that takes longer fails, and the commit is tried again.
_OPTIONS = "-c statement_timeout=4000 -c lock_timeout=4000 -c idle_in_transaction_session_timeout=8000 -c timezone=UTC"


def connect(url: str, *, pool: int = 10) -> Engine:
    """Make the engine for a `postgresql://` URL; `pool` is the most connections held.

    Raises:
        ValueError: the URL is none of PostgreSQL.
    """
    parsed = make_url(url)
    if parsed.get_backend_name() != "postgresql":
        raise ValueError(f"Casework needs a postgresql:// URL, not {parsed.get_backend_name()}://")
    return create_engine(
        parsed.set(drivername="postgresql+psycopg"),
        pool_size=pool,
        max_overflow=0,
        pool_timeout=4,
        pool_pre_ping=True,
        connect_args={"options": _OPTIONS, "connect_timeout": 4},
    )
