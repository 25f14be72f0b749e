"""The console over the house, and browsers in which people are logged in: their sessions are begun in the database."""

import re
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
from conftest import new

from desk.api.app import create_app
from desk.console.app import create_console, refuse
from desk.console.page import HERE
from desk.door.door import Door
from desk.evidence.keep import Intake
from desk.identity.client import Client
from desk.identity.identities import Identities
from desk.identity.limits import Limits
from desk.identity.sessions import COOKIE, csrf_token
from desk.service import Service
from desk.words import Languages
from workers.clock import Clock
from workers.reach import House

ORIGIN = "https://casework.test"
REAL = Clock()


@dataclass
class Browser:
    """Somebody's browser. `get` and `post` take a page's path below the console; a form is sent as our pages send it."""

    client: httpx.AsyncClient
    token: str | None

    async def get(self, path: str, **headers: str) -> httpx.Response:
        return await self.client.get(HERE + path, headers=headers)

    async def post(self, path: str, said: dict[str, Any] | None = None, **headers: str) -> httpx.Response:
        """A form under a key that nobody used before, unless it has one."""
        token = {"csrf": csrf_token(self.token)} if self.token else {}
        sent = {"Origin": ORIGIN} | headers
        return await self.client.post(HERE + path, data=token | {"key": new("key")} | (said or {}), headers=sent)


@dataclass(frozen=True)
class Console:
    """The application, with all around it."""

    service: Service
    app: Any

    def browser(
        self, person: str | None = None, language: str = "en", factor_shown_ago: timedelta | None = timedelta()
    ) -> Browser:
        """A browser, in which the person is logged in and showed a second factor so long ago."""
        token = self.session(person, factor_shown_ago) if person else None
        transport = httpx.ASGITransport(self.app, raise_app_exceptions=False)
        client = httpx.AsyncClient(transport=transport, base_url=ORIGIN, headers={"Accept-Language": language})
        if token:
            client.cookies.set(COOKIE, token, domain="casework.test")
        return Browser(client, token)

    def session(self, person: str, factor_shown_ago: timedelta | None = timedelta()) -> str:
        shown = None if factor_shown_ago is None else datetime.now(UTC) - factor_shown_ago
        with self.service.engine.begin() as connection:
            return self.service.identities.sessions.begin(connection, person, shown)[0]


@asynccontextmanager
async def browsed(
    house: House,
    door: Door,
    *,
    languages: Languages | None = None,
    origin: str = ORIGIN,
    local_accounts: bool = True,
    clients: Sequence[Client] = (),
    now: Callable[[], datetime] = REAL.now,
    a_minute: int = 1_000_000,
) -> AsyncIterator[Console]:
    """The console as a demo serves it; with `clients` one that people log in to at providers."""
    local = local_accounts and not clients
    identities = Identities(
        house.engine, local_accounts=local, origin=origin, demo=not clients, clients=clients, key=house.key, now=now
    )
    service = Service(door, identities, Limits(a_minute), Intake.of(house), demo=not clients)
    console = create_console(service, languages)
    yield Console(service, create_app(service, beside={HERE: (console, refuse(console))}))


def hidden(page: httpx.Response, name: str) -> list[str]:
    """The values of a page's hidden fields of a name."""
    return re.findall(rf'<input type="hidden" name="{name}" value="([^"]*)"', page.text)
