"""The product in parts: servers, wires to them, two workers and an API, each a process; and people known to it."""

import asyncio
import os
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import httpx
import sqlalchemy as sa
from pydantic import SecretStr
from sqlalchemy.engine import make_url

from activities.install import install
from bench import cpu
from bench.chaos.process import Process
from bench.chaos.wire import Wire
from bench.compare import servers
from bench.http import introduced
from desk.api.rules import V1
from rulebook.load import LIVE, load
from store.migrate import migrate
from workers.embedded.port import free
from workers.reach import House, reach
from workers.settings import PREFIX, Settings

KEY = "the same key for desks and workers"
# A verdict can be appealed for so long; who is kept from it by a fault is told that it is over.
WINDOW = "20 seconds"


@dataclass(frozen=True)
class Place:
    """What can fail, by name, and where it is asked."""

    folder: Path
    house: House
    origin: str
    headers: Mapping[str, Mapping[str, str]]
    processes: Mapping[str, Process]
    wires: Mapping[str, Wire]

    @property
    def url(self) -> str:
        """The database's, not through a wire."""
        url = self.house.settings.database_url
        return url.get_secret_value() if url else ""

    def pids(self, name: str) -> list[int]:
        """The process of a part, and those that it started."""
        first = self.processes[name].pid if name in self.processes else cpu.of_servers().get(name, 0)
        return [first, *_children(first)] if first else []

    def sql(self, *statements: str) -> None:
        """Send statements past the wires."""
        with self.house.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            for statement in statements:
                connection.execute(sa.text(statement))


def _children(pid: int) -> Iterator[int]:
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in task.read_text("ascii").split():
            yield int(child)


@asynccontextmanager
async def placed(agencies: int) -> AsyncIterator[Place]:
    """All of it, with so many agencies, on embedded servers in a temporary folder."""
    async with AsyncExitStack() as stack:
        here, embedded = await stack.enter_async_context(servers())
        (port,), database = free(1), make_url(here.database_url)
        wires = {
            "postgres": Wire("127.0.0.1", embedded.postgres_port),
            "temporal": Wire("127.0.0.1", embedded.temporal_port),
        }
        for wire in wires.values():
            await stack.enter_async_context(wire.laid())
        folder = embedded.data_dir / "chaos"
        folder.mkdir()
        told = {
            "DATABASE_URL": database.set(port=wires["postgres"].port).render_as_string(hide_password=False),
            "TEMPORAL_ADDRESS": f"127.0.0.1:{wires['temporal'].port}",
            "COMMAND_KEY": KEY,
            "MASTER_KEY": KEY,
            "KEYS_URL": (folder / "keys").as_uri(),
            "API_PORT": f"{port}",
            "DATA_DIR": f"{folder}",
            "REQUESTS_PER_MINUTE": "1000000",
            "LOCAL_ACCOUNTS": "true",  # reviewers have sessions, as browsers do
        }
        settings = Settings(
            data_dir=folder,
            api_port=port,
            database_url=SecretStr(here.database_url),
            temporal_address=here.temporal_address,
            command_key=SecretStr(KEY),
            master_key=SecretStr(KEY),
            keys_url=(folder / "keys").as_uri(),
        )
        house = await stack.enter_async_context(reach(settings))
        migrate(house.engine)
        with house.engine.begin() as connection:
            install(connection, load(LIVE, {"appeals.window": WINDOW}), house.clock.now())
            headers = introduced(connection, house, agencies)
        environment = {name: value for name, value in os.environ.items() if not name.startswith((PREFIX, "TEMPORAL_"))}
        environment |= {f"{PREFIX}{name}": value for name, value in told.items()}
        processes = {
            name: await stack.enter_async_context(Process(name.split()[0], environment, folder / f"{name}.log").kept())
            for name in ("worker one", "worker two", "api")
        }
        await _ready(settings.origin)
        yield Place(folder, house, settings.origin, headers, processes, wires)


async def _ready(origin: str) -> None:
    """Return when the API answers."""
    async with asyncio.timeout(120), httpx.AsyncClient(trust_env=False) as client:
        while True:
            with suppress(httpx.TransportError):
                await client.get(f"{origin}{V1}/openapi.json")
                return
            await asyncio.sleep(0.2)
