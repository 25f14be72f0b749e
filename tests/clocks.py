"""An engine whose desks and worker have clocks of their own: on the house's servers, with a database for itself."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager, nullcontext
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from conftest import agency, new, person, send
from sqlalchemy import Engine, create_engine
from temporalio.client import WorkflowHandle
from temporalio.service import RPCError

from activities.command import Adopted
from activities.install import install
from desk.door.door import Door
from rulebook.load import LIVE, load
from states.terms import Role
from store import case as cases
from store import journal
from store.case import Case
from store.engine import connect
from store.in_thread import close
from store.keyring import Keyring, fleeting
from store.migrate import migrate
from workers.clock import Clock
from workers.house import work
from workers.reach import House

REPORT = {"clause": "agency.poaching", "details": "seen on stream"}

# Of all these databases, as one may be a copy of another.
KEYRING = fleeting()


@dataclass(frozen=True)
class Town:
    """The desk's end of an engine, and its door."""

    house: House
    door: Door

    def case(self, case: str) -> Case:
        with self.house.engine.connect() as connection:
            found = cases.read(connection, case)
        assert found is not None
        return found

    def lines(self, case: str) -> list[sa.RowMapping]:
        with self.house.engine.connect() as connection:
            return journal.timeline(connection, case)

    async def queued(self) -> tuple[str, str, str]:
        """A report in the queue: its id, who filed it, the respondent."""
        (_, jan), (lotus, _) = await agency(self.house, "jade"), await agency(self.house, "lotus")
        return (await send(self.door, jan, "report", against=lotus, **REPORT))["case"], jan, lotus

    async def decided(self, severity: str = "moderate") -> tuple[str, str]:
        """A report whose window is open: its id, and the respondent; a moderate verdict pauses its recruiting."""
        case, _, lotus = await self.queued()
        mia = await person(self.house, Role.MODERATOR)
        await send(self.door, mia, "claim", case=case)
        said = {"finding": "violation", "severity": severity, "reasons": "checked"}
        await send(self.door, mia, "decide", case=case, **said)
        return case, lotus

    async def events(self, workflow: str) -> int:
        handle: WorkflowHandle[Any, Any] = self.house.client.get_workflow_handle(workflow)
        return (await handle.describe()).history_length

    async def adopted(self, workflow: str) -> Adopted:
        """What a case's workflow has of the row, once it has read it."""
        handle: WorkflowHandle[Any, Any] = self.house.client.get_workflow_handle(workflow)
        async with asyncio.timeout(20):
            while True:
                try:
                    found: Adopted | None = await handle.query("adopted", result_type=Adopted)
                except RPCError:
                    found = None
                if found is not None:
                    return found
                await asyncio.sleep(0.05)


@contextmanager
def database(house: House, keys: Keyring = KEYRING) -> Iterator[Engine]:
    """An empty database, which is left behind with the server."""
    name = new("clocks").replace("-", "_")
    admin = create_engine(house.engine.url, isolation_level="AUTOCOMMIT", pool_size=1)
    with admin.connect() as connection:
        connection.execute(sa.text(f"CREATE DATABASE {name}"))
    admin.dispose()
    url = house.engine.url.set(drivername="postgresql", database=name).render_as_string(hide_password=False)
    engine = connect(url, keyring=keys)
    try:
        migrate(engine)
        yield engine
    finally:
        close(engine)


@contextmanager
def copy_of(engine: Engine) -> Iterator[Engine]:
    """A copy of a database, whose connections are closed for it."""
    name = new("copies").replace("-", "_")
    engine.dispose()
    admin = create_engine(engine.url.set(database="postgres"), isolation_level="AUTOCOMMIT", pool_size=1)
    with admin.connect() as connection:
        connection.execute(sa.text(f"CREATE DATABASE {name} TEMPLATE {engine.url.database}"))
    admin.dispose()
    url = engine.url.set(drivername="postgresql", database=name).render_as_string(hide_password=False)
    copied = connect(url, keyring=KEYRING)
    try:
        yield copied
    finally:
        close(copied)


@asynccontextmanager
async def town(
    house: House,
    *,
    desk: float = 0,
    worker: float = 0,
    at_work: bool = True,
    override: Mapping[str, Any] | None = None,
    keys: Keyring | None = None,
    **settings: Any,
) -> AsyncIterator[Town]:
    """A worker with its sweep, and a desk; their clocks are so many seconds ahead of this machine's (and Temporal's).

    Without `at_work` there is no worker. Where no `keys` are named, they are in memory.
    """
    with database(house, keys or KEYRING) as engine:
        inside = house.settings.model_copy(update={"task_queue": new("town"), **settings})
        here = replace(
            house,
            engine=engine,
            settings=inside,
            clock=Clock(timedelta(seconds=desk)),
            keyring=keys or house.keyring,
        )
        with engine.begin() as connection:
            install(connection, load(LIVE, dict(override or {})), here.clock.now())
        working = work(replace(here, clock=Clock(timedelta(seconds=worker)))) if at_work else nullcontext()
        async with working, Door.of(here) as door:
            yield Town(here, door)


@asynccontextmanager
async def another_desk(town: Town, ahead: float) -> AsyncIterator[Town]:
    """A second desk of the same engine, whose clock is so many seconds ahead."""
    here = replace(town.house, clock=Clock(timedelta(seconds=ahead)))
    async with Door.of(here) as door:
        yield Town(here, door)
