"""How is a receiver reached? By a signed POST (Standard Webhooks), without redirects; only the status is kept."""

import asyncio
import json
import ssl
from dataclasses import dataclass
from datetime import datetime
from functools import cache

import httpx
from standardwebhooks import Webhook

from activities.courier.address import ForbiddenAddressError, check, resolve
from activities.courier.signature import signed
from states.terms import RefusedError
from store.delivery import Due

_LONGEST_ERROR = 200


@dataclass(frozen=True)
class Answer:
    """What came back: a status, if any, and why it does not count as received."""

    status: int | None
    error: str | None = None


@dataclass(frozen=True)
class Post:
    """Sends deliveries. `demo`: this machine may be reached, also without TLS. `timeout`: seconds of an attempt.

    `tls`: which certificates are trusted; without it, those of public authorities.
    """

    demo: bool = False
    timeout: float = 10.0
    tls: ssl.SSLContext | None = None

    async def send(self, due: Due, at: datetime) -> Answer:
        """POST the delivery, signed at this time; what fails is an answer with an `error`, never raised."""
        try:
            async with asyncio.timeout(self.timeout):
                status = await self._post(due, at)
        except TimeoutError:
            return Answer(None, f"no answer within {self.timeout:g} s")
        except RefusedError as error:
            return Answer(None, f"refused address: {error.key}"[:_LONGEST_ERROR])
        except (ForbiddenAddressError, httpx.HTTPError, OSError, UnicodeError) as error:
            return Answer(None, f"{type(error).__name__}: {error}"[:_LONGEST_ERROR])
        return Answer(status, None if 200 <= status < 300 else f"answered {status}")

    async def _post(self, due: Due, at: datetime) -> int:
        url = check(due.url, demo=self.demo)
        address = await resolve(url, demo=self.demo)
        body = json.dumps(due.body, sort_keys=True).encode()
        headers = {
            "Host": url.netloc.decode(),
            "Content-Type": "application/json",
            "User-Agent": "Casework",
            **signed(Webhook(due.secret), due.id, at, body.decode()),
        }
        async with httpx.AsyncClient(verify=self.tls or _tls(), trust_env=False, timeout=self.timeout) as client:
            pinned = url.copy_with(host=address)
            sending = client.stream(
                "POST", pinned, content=body, headers=headers, extensions={"sni_hostname": url.raw_host.decode()}
            )  # fmt: skip
            async with sending as answer:
                return answer.status_code


@cache
def _tls() -> ssl.SSLContext:
    return httpx.create_ssl_context()
