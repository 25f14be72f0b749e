"""A running Casework: servers, schema, rulebook, and a worker with its sweep."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import httpx
from sqlalchemy import Engine
from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest
from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.envconfig import ClientConnectConfig
from temporalio.service import RPCError
from temporalio.worker import Worker

from activities.courier.deliver import Deliver
from activities.courier.platform import Http, Platform, Recorded
from activities.courier.post import Post
from activities.install import install
from activities.look import Looker
from rulebook.load import load
from store.engine import connect
from store.in_thread import close
from store.migrate import migrate
from workers.clock import Clock
from workers.embedded import Servers, command_key, embedded, running
from workers.embedded.error import EmbeddedError
from workers.settings import Settings
from workers.sweep import sweep_forever
from workers.worker import compose, working

RULEBOOK = "live"


@dataclass(frozen=True)
class House:
    """An engine's two ends: its database and its Temporal."""

    settings: Settings
    engine: Engine
    client: Client
    key: bytes = field(repr=False)
    clock: Clock


@asynccontextmanager
async def reach(settings: Settings, servers: Servers | None = None, *, pool: int = 10) -> AsyncIterator[House]:
    """Connect to servers that were just started, to the settings' own, or to an engine that runs beside us.

    Raises:
        EmbeddedError: nothing is running and nothing is set.
    """
    beside = running(settings)
    url = servers.database_url if servers else _database(settings, beside.database_url if beside else None)
    config = settings.temporal_connection()
    if config is None and servers is not None:
        config = ClientConnectConfig(target_host=servers.temporal_address, namespace=settings.temporal_namespace)
    if config is None and beside is not None:
        config = ClientConnectConfig(target_host=beside.temporal_address, namespace=beside.namespace)
    if config is None:
        raise EmbeddedError("Casework is not running here: start it with `casework up`.")
    engine = connect(url, pool=pool)
    try:
        client = await _client(config)
        yield House(settings, engine, client, command_key(settings), Clock())
    finally:
        close(engine)


@asynccontextmanager
async def work(house: House) -> AsyncIterator[None]:
    """Run a worker and its sweep; what was begun is finished at the end."""
    settings = house.settings
    looker = Looker(house.client, settings.task_queue)
    deliver = Deliver(house.engine, Post(embedded=settings.alone), house.clock.now)
    async with _platform(settings) as platform, working(house.client, partial(_compose, house, platform, deliver)):
        sweeping = asyncio.create_task(sweep_forever(house.engine, looker, house.clock.now))
        try:
            yield
        finally:
            sweeping.cancel()
            await asyncio.gather(sweeping, return_exceptions=True)


def _compose(house: House, platform: Platform, deliver: Deliver, client: Client) -> Worker:
    settings = house.settings
    return compose(
        client,
        house.engine,
        house.key,
        settings.task_queue,
        sandbox=settings.sandbox,
        platform=platform,
        deliver=deliver,
    )


def prepare(house: House) -> None:
    """Bring the schema up to date, and the bundled rulebook in force where it changed."""
    migrate(house.engine)
    with house.engine.begin() as connection:
        install(connection, load(RULEBOOK), house.clock.now())


@asynccontextmanager
async def up(settings: Settings, **how: Any) -> AsyncIterator[tuple[House, Servers]]:
    """Run it all, with embedded servers where the settings name none."""
    async with (
        embedded(settings, only=settings.embeds, **how) as servers,
        reach(settings, servers, pool=20) as house,
    ):
        prepare(house)
        async with work(house):
            yield house, servers


@asynccontextmanager
async def _platform(settings: Settings) -> AsyncIterator[Platform]:
    if settings.platform_url is None or settings.platform_key is None:
        yield Recorded()
        return
    async with httpx.AsyncClient() as client:
        yield Http(client, settings.platform_url, settings.platform_key.get_secret_value().encode())


def _database(settings: Settings, beside: str | None) -> str:
    if settings.database_url is not None:
        return settings.database_url.get_secret_value()
    if beside is None:
        raise EmbeddedError("Casework is not running here: start it with `casework up`.")
    return beside


async def _client(config: ClientConnectConfig) -> Client:
    try:
        client = await Client.connect(**config, data_converter=pydantic_data_converter)
        await client.workflow_service.describe_namespace(DescribeNamespaceRequest(namespace=client.namespace))
    except (RuntimeError, RPCError) as error:
        raise EmbeddedError(f"Temporal can't be reached at {config.get('target_host')}: {error}.") from None
    return client
