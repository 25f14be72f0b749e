"""What does a running engine serve? The application, made of its ends and its settings."""

from urllib.parse import urlsplit

from fastapi import FastAPI

from activities.books import Books
from desk.api.app import create_app
from desk.api.hosts import OwnHosts
from desk.api.identity.configured import identities
from desk.api.limits import Limits
from desk.api.service import Service
from desk.door import Door
from desk.dossier import Dossiers
from desk.inquiry import Inquiry
from workers.house import House


def compose(house: House, door: Door) -> FastAPI:
    """The application over the house, and a door of it."""
    now = house.clock.now
    app = create_app(
        Service(
            engine=house.engine,
            client=house.client,
            door=door,
            inquiry=Inquiry(house.engine, now),
            dossiers=Dossiers(house.engine, now),
            books=Books(),
            identities=identities(house.settings, house.engine),
            limits=Limits(house.settings.requests_per_minute),
            now=now,
            embedded=house.settings.alone,
        )
    )
    settings = house.settings
    public = urlsplit(settings.public_url or "").hostname
    app.add_middleware(OwnHosts, names=[settings.api_host, *([public] if public else [])])
    return app
