"""How is the platform reached? By signed HTTP calls; without a URL it is only recorded what it would be told."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

import httpx
from standardwebhooks import Webhook

from activities.courier.signature import signed
from store.restrictions import Telling

_TIMEOUT = 10.0


class RefusedByPlatformError(Exception):
    """The platform answered with a 4xx: sending the same again would not help."""


class Platform(Protocol):
    """What carries restrictions out."""

    async def tell(self, telling: Telling, at: datetime) -> None:
        """Tell the whole set of a subject's restrictions; the same key twice must have one effect.

        Raises:
            RefusedByPlatformError: the platform does not accept it.
            Exception: it could not be reached, or failed; it is told again later.
        """


class Recorded:
    """Stands in where no platform is set: nothing is sent, and the table `tellings` is the record."""

    async def tell(self, telling: Telling, at: datetime) -> None:
        """Do nothing: the row is there already."""


@dataclass(frozen=True)
class Http:
    """A platform behind a URL. A call is signed as Standard Webhooks are, by the bytes of `key`; its id is its key."""

    client: httpx.AsyncClient
    url: str
    key: bytes

    async def tell(self, telling: Telling, at: datetime) -> None:
        """POST `{subject, number, restrictions}` with its key."""
        told = {"subject": telling.subject, "number": telling.number, "restrictions": sorted(telling.restrictions)}
        body = json.dumps(told)
        headers = {
            "Content-Type": "application/json",
            "Idempotency-Key": telling.key,
            **signed(Webhook(self.key), telling.key, at, body),
        }
        answer = await self.client.post(self.url, content=body, headers=headers, timeout=_TIMEOUT)
        if answer.is_client_error and answer.status_code not in {408, 425, 429}:
            raise RefusedByPlatformError(f"{answer.status_code}")
        answer.raise_for_status()
