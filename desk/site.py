"""What does a running engine serve? The applications of its doors, made of its ends and its settings, on a socket."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

from fastapi import FastAPI
from sqlalchemy import QueuePool

from desk.api.app import create_app
from desk.api.problem import refuse
from desk.api.rules import OPEN
from desk.door.door import Door
from desk.identity.configured import identities
from desk.identity.limits import Limits
from desk.identity.seats import THREADS
from desk.service import Service
from desk.serving.hosts import OwnHosts
from desk.serving.serve import listening
from workers.reach import House

# Whoever watches over us may know us by any name.
_HEALTH = tuple(path for _, path in OPEN if path.startswith("/health/"))


def compose(house: House, door: Door) -> FastAPI:
    """The application over the house, and a door of it."""
    settings = house.settings
    service = Service(
        door,
        identities(settings, house.engine),
        Limits(settings.requests_per_minute),
        embedded=settings.alone,
    )
    app = create_app(service)
    public = urlsplit(settings.public_url or "").hostname
    names = [settings.api_host, *([public] if public else [])]
    app.add_middleware(OwnHosts, names=names, refuse=refuse(service), open_to_all=_HEALTH)
    return app


@asynccontextmanager
async def serving(app: FastAPI, host: str, port: int) -> AsyncIterator[str]:
    """Serve an application until the end, and give its address; 0 is any free port.

    Raises:
        EmbeddedError: the port is taken.
    """
    service: Service = app.state.service
    pool = service.engine.pool
    threads = None
    if isinstance(pool, QueuePool):  # half of the connections are the commands', and a few the logins'
        logins = THREADS if service.identities.accounts else 0
        threads = max(pool.size() // 2 - logins, 1)
    async with listening(app, host, port, threads=threads) as address:
        yield address


@asynccontextmanager
async def served(house: House) -> AsyncIterator[str]:
    """Serve the house on its own address; gives it."""
    settings = house.settings
    async with (
        Door.of(house) as door,
        serving(compose(house, door), settings.api_host, settings.api_port) as address,
    ):
        yield address
