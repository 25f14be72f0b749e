"""The schema comes about by migrations, once, whoever starts first; and it is the one that the code knows."""

import asyncio
import base64
import hashlib
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from conftest import new
from knocking import QUICK
from sqlalchemy import Connection, Engine, create_engine

from store import migrate as migrating
from store.engine import connect
from store.in_thread import close
from store.migrate import migrate, newest
from store.revise import configuration
from store.schema import metadata
from workers.reach import House

# Names differ by database; what they say must not.
CONSTRAINTS = (
    "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid <> 0"
)
INDEXES = "SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'"
COLUMNS = """
SELECT table_name, column_name, data_type, is_nullable, column_default, is_identity, generation_expression
FROM information_schema.columns WHERE table_schema = 'public'
"""
SEQUENCES = "SELECT sequencename, increment_by FROM pg_sequences WHERE schemaname = 'public'"


@contextmanager
def empty(house: House) -> Iterator[Engine]:
    """A database of its own, gone afterwards."""
    name = new("schema").replace("-", "_")
    admin = create_engine(house.engine.url, isolation_level="AUTOCOMMIT", pool_size=1)
    with admin.connect() as connection:
        connection.execute(sa.text(f"CREATE DATABASE {name}"))
    engine = connect(house.engine.url.set(drivername="postgresql", database=name).render_as_string(hide_password=False))
    try:
        yield engine
    finally:
        close(engine)
        with admin.connect() as connection:
            connection.execute(sa.text(f"DROP DATABASE {name}"))
        admin.dispose()


def said(connection: Connection, query: str) -> set[tuple[object, ...]]:
    rows = connection.execute(sa.text(query))
    return {tuple(row) for row in rows if "alembic_version" not in row}


async def test_the_migrated_schema_is_the_one_that_the_code_knows(house: House) -> None:
    with empty(house) as engine:
        migrate(engine)
        with engine.connect() as connection:
            different = compare_metadata(MigrationContext.configure(connection), metadata)
    assert different == []


@pytest.mark.parametrize("query", [CONSTRAINTS, INDEXES, COLUMNS, SEQUENCES], ids=lambda query: query.split()[3])
async def test_constraints_and_indexes_say_what_the_code_says(house: House, query: str) -> None:
    with empty(house) as migrated, empty(house) as made:
        migrate(migrated)
        with made.begin() as connection:
            metadata.create_all(connection)
            expected = said(connection, query)
        with migrated.connect() as connection:
            assert said(connection, query) == expected


def test_migrating_again_changes_nothing(house: House) -> None:
    with house.engine.connect() as connection:
        before = said(connection, CONSTRAINTS)
        at = said(connection, "SELECT version_num FROM alembic_version")
    migrate(house.engine)
    with house.engine.connect() as connection:
        assert said(connection, CONSTRAINTS) == before
        assert said(connection, "SELECT version_num FROM alembic_version") == at


async def test_of_several_that_migrate_at_once_the_others_wait(house: House) -> None:
    with empty(house) as engine:
        await asyncio.gather(*(asyncio.to_thread(migrate, engine) for _ in range(4)))
        with engine.connect() as connection:
            assert len(said(connection, "SELECT version_num FROM alembic_version")) == 1


def test_the_newest_revision_is_that_of_alembic() -> None:
    known = list(ScriptDirectory.from_config(configuration()).walk_revisions())
    assert [newest()] == ScriptDirectory.from_config(configuration()).get_heads()
    assert all(script.path.rpartition("/")[2].startswith(f"{script.revision}_") for script in known)


def test_a_schema_that_is_up_to_date_needs_no_alembic(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    def needed(name: str) -> None:
        raise AssertionError(f"{name} was imported")

    monkeypatch.setattr(migrating, "import_module", needed)
    migrate(house.engine)
    with house.engine.begin() as connection:
        assert connection.scalar(sa.text("SELECT version_num FROM alembic_version")) == newest()


@pytest.mark.parametrize("before", ["0001", "head-1"])
async def test_a_schema_that_is_behind_is_brought_up_to_date(house: House, before: str) -> None:
    with empty(house) as engine:
        with engine.begin() as connection:
            config = configuration()
            config.attributes["connection"] = connection
            command.upgrade(config, before)
        migrate(engine)
        with engine.connect() as connection:
            assert said(connection, "SELECT version_num FROM alembic_version") == {(newest(),)}
            assert compare_metadata(MigrationContext.configure(connection), metadata) == []


async def test_accounts_of_the_demo_cast_are_known_by_what_everybody_knows(house: House) -> None:
    """Those of a release that did not mark them; whoever has a password of their own is nobody of the cast."""
    public = base64.b32encode(hashlib.sha256(b"casework demo mia").digest()[:20]).decode()
    kept = {"ann": ("casework-demo", None), "mia": ("changed-since", public), "sam": ("of their own", "SECRET"),
            "zoe": ("casework-demo", None)}  # fmt: skip
    with empty(house) as engine:
        with engine.begin() as connection:
            config = configuration()
            config.attributes["connection"] = connection
            command.upgrade(config, "0009")
            for person, (password, secret) in kept.items():
                row = {"person": person, "password": QUICK.hash(password), "secret": secret}
                connection.execute(sa.text("INSERT INTO people (id, role) VALUES (:person, 'creator')"), row)
                connection.execute(
                    sa.text("INSERT INTO accounts (person, password, totp_secret) VALUES (:person, :password, :secret)"), row
                )  # fmt: skip
        migrate(engine)
        with engine.connect() as connection:
            rows = said(connection, "SELECT person, demo, totp_secret FROM accounts")
    assert rows == {("ann", True, None), ("mia", True, None), ("sam", False, "SECRET"), ("zoe", False, None)}


async def test_a_schema_of_a_newer_deployment_is_left_alone(house: House) -> None:
    with empty(house) as engine:
        migrate(engine)
        with engine.begin() as connection:
            connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
        with pytest.raises(CommandError, match="9999"):
            migrate(engine)
