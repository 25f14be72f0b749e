"""Puts together what an engine serves over HTTP: API and console, with identities, limits and hosts, on a socket."""

import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from http import HTTPStatus
from urllib.parse import urlsplit

from fastapi import FastAPI
from sqlalchemy import Engine, QueuePool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from desk.api.app import create_app
from desk.console.app import create_console, refuse
from desk.console.page import HERE as CONSOLE
from desk.door.door import Door
from desk.evidence.keep import Intake
from desk.identity.configured import identities
from desk.identity.limits import Limits
from desk.identity.seats import THREADS
from desk.service import Service
from desk.serving.serve import listening
from desk.serving.traced import Traced
from store import identity
from store.in_thread import in_thread
from workers.reach import House

log = logging.getLogger("casework.site")


def compose(house: House, door: Door) -> FastAPI:
    """The application, by the house's settings, with a door to its cases."""
    settings = house.settings
    service = Service(
        door,
        identities(settings, house.engine, house.key),
        Limits(settings.requests_per_minute),
        Intake.of(house),
        demo=settings.demo,
        temporal_pages=settings.temporal_pages,
    )
    public = urlsplit(settings.public_url or "").hostname
    console = create_console(service)
    names = [settings.api_host, *([public] if public else [])]
    app = create_app(service, names, {CONSOLE: (console, refuse(console))})
    if house.tracer is not None:
        app.add_middleware(Traced, tracer=house.tracer)
    for path in ("/", CONSOLE):
        app.add_route(path, _to_console, include_in_schema=False)
    return app


async def _to_console(_: Request) -> Response:
    return RedirectResponse(f"{CONSOLE}/", HTTPStatus.SEE_OTHER)


@asynccontextmanager
async def serving(app: FastAPI, host: str, port: int, *, proxies: Sequence[str] = ()) -> AsyncIterator[str]:
    """Serve an application while the context lasts; gives its address. Port 0 is any free one; `proxies` are believed.

    Raises:
        EmbeddedError: the port is taken.
    """
    service: Service = app.state.service
    pool = service.engine.pool
    threads = None
    if isinstance(pool, QueuePool):  # of the connections half are kept for commands, and a few for logins
        logins = THREADS if service.identities.logs_in else 0
        threads = max(pool.size() // 2 - logins, 1)
    async with listening(app, host, port, threads=threads, proxies=proxies) as address:
        yield address


@asynccontextmanager
async def served(house: House) -> AsyncIterator[str]:
    """Serve the house's API where its settings say; gives the address.

    Raises:
        EmbeddedError: the port is taken.
        AwayError: the bytes of evidence can't be kept where the settings say.
    """
    settings = house.settings
    await in_thread(house.engine, house.objects.check)
    if not settings.demo:
        await in_thread(house.engine, _warn_of_demo, house.engine)
    async with (
        Door.of(house) as door,
        serving(compose(house, door), settings.api_host, settings.api_port, proxies=settings.proxies) as address,
    ):
        yield address


def _warn_of_demo(engine: Engine) -> None:
    with engine.begin() as connection:
        if cast := identity.of_demo(connection):
            log.warning("the database holds the demo cast, whom only a demo serves: %s", ", ".join(cast))
