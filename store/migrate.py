"""The schema, brought to Alembic's newest revision at each start, by one process at a time."""

from importlib import import_module
from pathlib import Path

from sqlalchemy import Connection, Engine, text

from store.grants import grant, made

_LOCK = 0x0CA5E  # the advisory lock of this product's migrations
_REVISIONS = Path(__file__).parent / "migrations" / "versions"


def newest() -> str:
    """The newest revision that this code knows: a file's name begins with its revision, and they are counted up."""
    return max(file.name.partition("_")[0] for file in _REVISIONS.glob("[0-9]*.py"))


def migrate(engine: Engine) -> None:
    """Bring the schema to the newest revision; a second process waits and then finds nothing to do.

    Whoever owns nothing can only find that there is nothing to do (`store/grants.py`).
    """
    with engine.begin() as connection:
        connection.execute(text("SET LOCAL lock_timeout = '60s'"))
        connection.execute(text("SET LOCAL statement_timeout = '120s'"))
        connection.execute(text(f"SELECT pg_advisory_xact_lock({_LOCK})"))
        # Under the lock: whoever was migrating has committed. Any other revision, or none, is for Alembic to judge.
        if revisions(connection) != [newest()]:
            import_module("store.revise").upgrade(connection)
        elif made(connection):
            return
        grant(connection)


def revisions(connection: Connection) -> list[str]:
    """The revisions that Alembic has recorded in this schema; none in a new one."""
    if connection.scalar(text("SELECT to_regclass('alembic_version')")) is None:
        return []
    return list(connection.scalars(text("SELECT version_num FROM alembic_version")))
