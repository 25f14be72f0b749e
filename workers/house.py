"""A running Casework: servers, schema, rulebook, and a worker with its sweep."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

import httpx
from temporalio.client import Client
from temporalio.worker import Worker

from activities.clock import Own
from activities.courier.deliver import Deliver
from activities.courier.platform import Http, Platform, Recorded
from activities.courier.post import Post
from activities.install import install
from activities.look import Looker
from rulebook.load import LIVE, load
from store.encrypting import encrypt
from store.migrate import migrate
from workers.attributes import register
from workers.build import versioned
from workers.checkpoints.loop import checkpoint_forever
from workers.clearing import clear_forever
from workers.embedded.run import Servers
from workers.embedded.servers import embedded
from workers.encrypting import encrypt_files
from workers.reach import House, reach
from workers.settings import Settings
from workers.sweep import sweep_forever
from workers.worker import compose, compose_deliveries, working

First = Callable[[House], Awaitable[None]]


@asynccontextmanager
async def work(house: House) -> AsyncIterator[None]:
    """Run a worker, its sweep, its clearing and its checkpoints; what was begun is finished at the end."""
    settings = house.settings
    await register(house.client)
    looker = Looker(house.client, settings.task_queue)
    deliver = Deliver(house.engine, Post(demo=settings.demo), Own(house.clock.now))
    version = versioned(settings.deployment)
    delivering = partial(compose_deliveries, task_queue=settings.task_queue, deliver=deliver, version=version)
    async with (
        _platform(settings) as platform,
        working(house.client, partial(_compose, house, platform, deliver)),
        working(house.client, delivering),
    ):
        beside = [
            asyncio.create_task(sweep_forever(house.engine, looker, house.clock.now, house.client)),
            asyncio.create_task(clear_forever(house.engine, house.objects, house.clock.now)),
            asyncio.create_task(checkpoint_forever(house.engine, house.keyring, house.copies, house.clock.now)),
        ]
        try:
            yield
        finally:
            for task in beside:
                task.cancel()
            await asyncio.gather(*beside, return_exceptions=True)


def _compose(house: House, platform: Platform, deliver: Deliver, client: Client) -> Worker:
    settings = house.settings
    return compose(
        client,
        house.engine,
        house.key,
        settings.task_queue,
        clock=Own(house.clock.now),
        sandbox=settings.sandbox,
        platform=platform,
        deliver=deliver,
        version=versioned(settings.deployment),
    )


def prepare(house: House) -> None:
    """Bring the schema and its words up to date, and enter the bundled rulebook where it changed."""
    migrated(house)
    enter_bundled(house)


def migrated(house: House) -> None:
    """Bring the schema up to date, and encrypt what an older release left: words, and files."""
    with house.owning() as owner:
        migrate(owner)
    encrypt(house.engine, house.clock.now())
    encrypt_files(house.engine, lambda: house.objects, house.clock.now())


def enter_bundled(house: House) -> None:
    """Enter the bundled rulebook where it changed: in force in an empty database, a draft in others."""
    with house.engine.begin() as connection:
        install(connection, load(LIVE), house.clock.now())


@asynccontextmanager
async def up(
    settings: Settings,
    *,
    before: First | None = None,
    first: First | None = None,
    anew: bool = False,
    **how: Any,
) -> AsyncIterator[tuple[House, Servers]]:
    """Run servers, worker and sweep; servers are embedded where the settings name none.

    `before` is done before the schema is brought up to date, `first` after it, before anything is at work; `anew` as
    for `reach`.
    """
    async with (
        embedded(settings, only=settings.embeds, **how) as servers,
        reach(settings, servers, pool=20, anew=anew) as house,
    ):
        if before is not None:
            await before(house)
        migrated(house)
        if first is not None:
            await first(house)
        enter_bundled(house)
        async with work(house):
            yield house, servers


@asynccontextmanager
async def _platform(settings: Settings) -> AsyncIterator[Platform]:
    if settings.platform_url is None or settings.platform_key is None:
        yield Recorded()
        return
    async with httpx.AsyncClient() as client:
        yield Http(client, settings.platform_url, settings.platform_key.get_secret_value().encode())
