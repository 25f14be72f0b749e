"""What does a running engine serve? The application, made of its ends and its settings."""

from urllib.parse import urlsplit

from fastapi import FastAPI

from desk.api.app import create_app
from desk.api.hosts import OwnHosts
from desk.api.identity.configured import identities
from desk.api.limits import Limits
from desk.api.service import Service
from desk.door import Door
from workers.house import House


def compose(house: House, door: Door) -> FastAPI:
    """The application over the house, and a door of it."""
    service = Service(
        door,
        identities(house.settings, house.engine),
        Limits(house.settings.requests_per_minute),
        embedded=house.settings.alone,
    )
    app = create_app(service)
    settings = house.settings
    public = urlsplit(settings.public_url or "").hostname
    app.add_middleware(OwnHosts, names=[settings.api_host, *([public] if public else [])])
    return app
