"""The API over the house, to people with tokens of an issuer of our own."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx
from conftest import new
from fastapi import FastAPI

from desk.api.app import create_app
from desk.door.door import Door
from desk.evidence.keep import Intake
from desk.identity.identities import Identities
from desk.identity.limits import Limits
from desk.identity.own_issuer import OwnIssuer
from desk.service import Service
from desk.words import Languages
from workers.reach import House

ORIGIN = "https://casework.test"
V1 = "/api/v1"


@dataclass(frozen=True)
class Api:
    """The application, and somebody who sends requests as anybody."""

    app: FastAPI
    client: httpx.AsyncClient
    issuer: OwnIssuer

    async def get(self, person: str, path: str, **query: Any) -> httpx.Response:
        return await self.client.get(V1 + path, params=query, headers=self.bearer(person))

    async def send(
        self, person: str, method: str, path: str, body: Any = None, *, key: str | None = None, **headers: str
    ) -> httpx.Response:
        """A write under a key that nobody used before, unless one is given."""
        known = self.bearer(person) | {"Idempotency-Key": key or new("key")} | headers
        return await self.client.request(method, V1 + path, json=body, headers=known)

    async def move(self, person: str, case: str, do: str, **said: Any) -> httpx.Response:
        return await self.send(person, "POST", f"/cases/{case}/moves", {"do": do, **said})

    def bearer(self, person: str, *, second_factor: bool = True) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.issuer.token(person, second_factor=second_factor)}"}


@asynccontextmanager
async def served(
    house: House, door: Door, *, a_minute: int = 1_000_000, languages: Languages | None = None
) -> AsyncIterator[Api]:
    issuer = OwnIssuer()
    identities = Identities(house.engine, issuers=[issuer.issuer], local_accounts=True, origin=ORIGIN, demo=True)
    spoken = languages or Languages()
    app = create_app(Service(door, identities, Limits(a_minute), Intake.of(house), demo=True, languages=spoken))
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url=ORIGIN) as client:
        yield Api(app, client, issuer)
