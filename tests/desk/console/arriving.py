"""The console of people who log in at a provider: the whole way there and back, over HTTP."""

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
from conftest import agency
from consoles import Browser, Console, browsed
from knocking import Watch
from markup import unfit
from providing import Provider, providing

from desk.console.page import HERE
from desk.door.door import Door
from desk.identity.sessions import COOKIE
from store.schema.identity import sessions
from workers.reach import House


@dataclass
class There:
    """The console, its provider, and a clock that both go by."""

    house: House
    console: Console
    provider: Provider
    watch: Watch

    async def begun(self, browser: Browser, to: str = f"{HERE}/settings", *, again: bool = False) -> str:
        """Where at the provider the console sends somebody."""
        led = await browser.client.get(
            f"{HERE}/login/provider", params={"to": to} | ({"again": "yes"} if again else {})
        )
        assert led.status_code == 303, led.text
        return led.headers["Location"]

    async def at_provider(self, address: str) -> str:
        """Where it sends them back."""
        async with httpx.AsyncClient(verify=False) as client:  # noqa: S501  # it is on this machine, without TLS
            answer = await client.get(address)
        assert answer.status_code == 302
        return str(answer.headers["Location"])

    async def comes(self, browser: Browser, **how: Any) -> httpx.Response:
        """The whole way, there and back."""
        came = await browser.client.get(await self.at_provider(await self.begun(browser, **how)))
        browser.token = browser.client.cookies.get(COOKIE, domain="casework.test")
        return came

    async def enters(self, who: str) -> Browser:
        self.provider.person = who
        browser = self.console.browser()
        came = await self.comes(browser)
        assert (came.status_code, came.headers["Location"]) == (303, f"{HERE}/settings"), came.text
        return browser

    def sessions(self, who: str) -> list[str]:
        with self.house.engine.connect() as connection:
            return [*connection.execute(sa.select(sessions.c.token_hash).where(sessions.c.person == who)).scalars()]

    def again(self) -> "There":
        """As it was set up, at the time of now."""
        self.watch.at = datetime.now(UTC)
        kept = {"url": self.provider.url, "now": self.watch.now}
        vars(self.provider).update(vars(Provider()) | kept)
        return self


def refused(page: httpx.Response) -> tuple[int, str]:
    """The status and code of a page that says why nobody was logged in."""
    assert unfit(page) == []
    found = re.search(r"<code>(\w+)</code>", page.text)
    assert found, page.text
    assert (COOKIE + "=" in str(page.headers.get_list("Set-Cookie"))) is False
    return page.status_code, found[1]


@pytest.fixture(scope="module")
async def always(house: House, door: Door) -> AsyncIterator[There]:
    """The console with one provider."""
    watch = Watch()
    with providing() as provider:
        async with browsed(house, door, clients=[provider.client()], now=watch.now) as console:
            yield There(house, console, provider, watch)


@pytest.fixture
def there(always: There) -> There:
    return always.again()


@pytest.fixture
async def owner(house: House) -> str:
    return (await agency(house))[1]
