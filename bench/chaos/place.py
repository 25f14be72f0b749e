"""The product in parts: servers, wires to them, two workers and an API, each a process; and people known to it."""

import asyncio
import os
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

import httpx
import psycopg
from psycopg import sql
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
from workers.codec import OWNER
from workers.embedded.port import free
from workers.house import migrated
from workers.reach import House, reach
from workers.settings import PREFIX, Settings

KEY = "the same key for desks and workers"
# A verdict can be appealed for so long; who is kept from it by a fault is told that it is over.
WINDOW = "20 seconds"
# In seconds: within them a killed database serves again.
BACK = 60.0


@dataclass(frozen=True)
class Place:
    """What can fail, by name, and where it is asked: `asked_at` through a wire."""

    folder: Path
    house: House
    asked_at: str
    headers: Mapping[str, Mapping[str, str]]
    processes: Mapping[str, Process]
    wires: Mapping[str, Wire]

    @property
    def temporal(self) -> str:
        """Temporal's address, not through a wire."""
        return self.house.settings.temporal_address or ""

    @property
    def key(self) -> bytes:
        """By which messages through Temporal are encrypted."""
        return self.house.keyring.of(OWNER)

    def pids(self, name: str) -> list[int]:
        """The process of a part, and those that it started."""
        first = self.processes[name].pid if name in self.processes else cpu.of_servers().get(name, 0)
        return [first, *_children(first)] if first else []

    async def sql(self, *statements: str) -> None:
        """Send statements as the database's owner, past the wires, once it is there; `{}` is the database's name.

        Raises:
            psycopg.OperationalError: it has not come back within a minute.
        """
        url, until = self.house.owner_url, monotonic() + BACK
        name = sql.Identifier(make_url(url).database or "")
        while True:
            try:
                with psycopg.connect(url, autocommit=True, connect_timeout=5) as connection:
                    for statement in statements:
                        connection.execute(sql.SQL(statement).format(name))
            except psycopg.OperationalError:
                if monotonic() > until:
                    raise
                await asyncio.sleep(0.2)
            else:
                return


def _children(pid: int) -> Iterator[int]:
    with suppress(FileNotFoundError, ProcessLookupError):  # it has ended meanwhile
        for task in Path(f"/proc/{pid}/task").glob("*/children"):
            for child in task.read_text("ascii").split():
                yield int(child)


@asynccontextmanager
async def placed(agencies: int) -> AsyncIterator[Place]:
    """All of it, with so many agencies, on embedded servers in a temporary folder; as on a cluster, nobody is owner."""
    async with AsyncExitStack() as stack:
        here, embedded = await stack.enter_async_context(servers())
        (port,) = free(1)
        ports = {"postgres": embedded.postgres_port, "temporal": embedded.temporal_port, "api": port}
        wires = {name: await stack.enter_async_context(Wire("127.0.0.1", at).laid()) for name, at in ports.items()}
        folder = embedded.data_dir / "chaos"
        folder.mkdir()
        settings = Settings(
            data_dir=folder,
            api_port=port,
            public_url=f"http://127.0.0.1:{wires['api'].port}",
            database_url=SecretStr(here.house_url),
            owner_url=SecretStr(here.database_url),
            temporal_address=here.temporal_address,
            command_key=SecretStr(KEY),
            master_key=SecretStr(KEY),
            keys_url=(folder / "keys").as_uri(),
        )
        house = await stack.enter_async_context(reach(settings))
        migrated(house)
        with house.engine.begin() as connection:
            install(connection, load(LIVE, {"appeals.window": WINDOW}), house.clock.now())
            headers = introduced(connection, house, agencies)
        environment = _environment(settings, here.house_url, wires)
        processes = {
            name: await stack.enter_async_context(Process(name.split()[0], environment, folder / f"{name}.log").kept())
            for name in ("worker one", "worker two", "api")
        }
        await _ready(settings.origin, folder / "api.log")
        yield Place(folder, house, settings.origin, headers, processes, wires)


def _environment(settings: Settings, url: str, wires: Mapping[str, Wire]) -> dict[str, str]:
    """What processes of the product are told: the database as who owns nothing, and all through wires."""
    told = {
        "DATABASE_URL": make_url(url).set(port=wires["postgres"].port).render_as_string(hide_password=False),
        "TEMPORAL_ADDRESS": f"127.0.0.1:{wires['temporal'].port}",
        "COMMAND_KEY": KEY,
        "MASTER_KEY": KEY,
        "KEYS_URL": settings.keys,
        "API_PORT": f"{settings.api_port}",
        "PUBLIC_URL": settings.origin,
        "DATA_DIR": f"{settings.data_dir}",
        "REQUESTS_PER_MINUTE": "1000000",
        "LOCAL_ACCOUNTS": "true",  # reviewers have sessions, as browsers do
    }
    rest = {name: value for name, value in os.environ.items() if not name.startswith((PREFIX, "TEMPORAL_"))}
    return rest | {f"{PREFIX}{name}": value for name, value in told.items()}


async def _ready(origin: str, log: Path) -> None:
    """Return when the API answers.

    Raises:
        TimeoutError: it has not within five minutes; with the end of its log.
    """
    until = monotonic() + 300
    async with httpx.AsyncClient(trust_env=False) as client:
        while monotonic() < until:
            with suppress(httpx.TransportError):
                await client.get(f"{origin}{V1}/openapi.json")
                return
            await asyncio.sleep(0.2)
    raise TimeoutError(_end(log))


def _end(log: Path) -> str:
    return log.read_text("utf-8", "replace")[-1000:]
