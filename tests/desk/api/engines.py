"""Engines beside the house: a database, a key and a task queue of their own, on the house's servers."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from pydantic import SecretStr
from sqlalchemy import create_engine, text

from desk.demo import cast
from workers.house import prepare
from workers.reach import House, reach
from workers.settings import Settings


def new_database(house: House, name: str) -> SecretStr:
    """A new database on the house's PostgreSQL."""
    admin = create_engine(house.engine.url, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    admin.dispose()
    url = house.engine.url.set(drivername="postgresql", database=name)
    return SecretStr(url.render_as_string(hide_password=False))


@asynccontextmanager
async def beside(house: House, name: str, folder: Path, **more: Any) -> AsyncIterator[House]:
    """An engine in which the demo cast lives, and for which nobody works yet."""
    settings = Settings(
        data_dir=folder,
        database_url=new_database(house, name),
        temporal_address=house.client.service_client.config.target_host,
        command_key=SecretStr(f"the key of the engine {name}"),
        master_key=SecretStr(f"the key of the engine {name}"),
        keys_url=(folder / "keys").as_uri(),
        task_queue=name,
        **more,
    )
    async with reach(settings, pool=20) as other:
        prepare(other)
        introduce(other)
        yield other


def introduce(house: House) -> None:
    with house.engine.begin() as connection:
        cast.introduce(connection, house.clock.now())
