"""The schema comes about by migrations, once, whoever starts first; and it is the one that the code knows."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from conftest import new
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from store.engine import connect
from store.migrate import migrate
from store.schema import metadata
from workers.house import House

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


@asynccontextmanager
async def empty(house: House) -> AsyncIterator[AsyncEngine]:
    """A database of its own, gone afterwards."""
    name = new("schema").replace("-", "_")
    admin = create_async_engine(house.engine.url, isolation_level="AUTOCOMMIT", pool_size=1)
    async with admin.connect() as connection:
        await connection.execute(sa.text(f"CREATE DATABASE {name}"))
    engine = connect(house.engine.url.set(drivername="postgresql", database=name).render_as_string(hide_password=False))
    try:
        yield engine
    finally:
        await engine.dispose()
        async with admin.connect() as connection:
            await connection.execute(sa.text(f"DROP DATABASE {name} WITH (FORCE)"))
        await admin.dispose()


async def said(connection: AsyncConnection, query: str) -> set[tuple[object, ...]]:
    rows = await connection.execute(sa.text(query))
    return {tuple(row) for row in rows if "alembic_version" not in row}


async def test_the_migrated_schema_is_the_one_that_the_code_knows(house: House) -> None:
    async with empty(house) as engine:
        await migrate(engine)
        async with engine.connect() as connection:
            different = await connection.run_sync(
                lambda sync: compare_metadata(MigrationContext.configure(sync), metadata)
            )
    assert different == []


@pytest.mark.parametrize("query", [CONSTRAINTS, INDEXES, COLUMNS, SEQUENCES], ids=lambda query: query.split()[3])
async def test_constraints_and_indexes_say_what_the_code_says(house: House, query: str) -> None:
    async with empty(house) as migrated, empty(house) as made:
        await migrate(migrated)
        async with made.begin() as connection:
            await connection.run_sync(metadata.create_all)
            expected = await said(connection, query)
        async with migrated.connect() as connection:
            assert await said(connection, query) == expected


async def test_migrating_again_changes_nothing(house: House) -> None:
    async with house.engine.connect() as connection:
        before = await said(connection, CONSTRAINTS)
        at = await said(connection, "SELECT version_num FROM alembic_version")
    await migrate(house.engine)
    async with house.engine.connect() as connection:
        assert await said(connection, CONSTRAINTS) == before
        assert await said(connection, "SELECT version_num FROM alembic_version") == at


async def test_of_several_that_migrate_at_once_the_others_wait(house: House) -> None:
    async with empty(house) as engine:
        await asyncio.gather(*(migrate(engine) for _ in range(4)))
        async with engine.connect() as connection:
            assert len(await said(connection, "SELECT version_num FROM alembic_version")) == 1
