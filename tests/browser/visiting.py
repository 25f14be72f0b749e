"""Somebody in front of a browser, in their language, at their width; what a page must not do is noted."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import NoReturn
from urllib.parse import urlsplit

import pytest
from consoles import Console, browsed
from lives import Lives
from relations import Relations

from desk.console.page import HERE
from desk.demo.accounts import PASSWORD
from desk.door.door import Door
from desk.identity import factor
from desk.identity.accounts import hashed
from desk.identity.sessions import COOKIE
from desk.site import serving
from store import identity, session
from workers.reach import House


def missing(what: str) -> NoReturn:
    """Skip what needs a browser; where `NEEDS_BROWSER` is set nothing of it may be missing."""
    if os.environ.get("NEEDS_BROWSER"):
        pytest.fail(what)
    pytest.skip(what, allow_module_level=True)


try:
    from axe_playwright_python.base import AXE_SCRIPT
    from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Page, Request, expect
except ModuleNotFoundError:
    missing("Playwright is not set up: `make setup-browser`")

__all__ = ["AXE_SCRIPT", "SIZES", "Desk", "Seat", "expect", "missing", "open_desk"]
# Milliseconds for anything to happen on a page; strict, since a machine that tests is busy.
PATIENCE = 10_000
expect.set_options(timeout=PATIENCE)
LOCALES = {"en": "en-GB", "vi": "vi-VN", "zh": "zh-CN"}
# How often somebody presses Tab before they give up.
FAR = 60
# Widths with the heights that go with them; 683 is 1366 at 200 %.
SIZES = {1366: 768, 768: 1024, 683: 384, 390: 844}


@dataclass
class Seat:
    """A page in a browser of somebody's own, and what went wrong on it."""

    page: Page
    context: BrowserContext
    wrong: list[str] = field(default_factory=list)
    # Its clock or its scripts are others: nobody takes it over.
    wound: bool = False
    # Who sits there, where that is known.
    person: str | None = None

    def listen(self, origin: str) -> None:
        """Note each error that the page logs, and each request to another place."""

        def logged(said: ConsoleMessage) -> None:
            if said.type in {"error", "warning"}:
                self.wrong.append(f"{said.type}: {said.text}")

        def asked(request: Request) -> None:
            if not request.url.startswith((origin, "data:", "blob:")):
                self.wrong.append(f"asked {request.url}")

        self.page.on("console", logged)
        self.page.on("pageerror", lambda error: self.wrong.append(f"error: {error}"))
        self.page.on("request", asked)

    async def go(self, path: str) -> None:
        """Open a page of the console."""
        await self.page.goto(HERE + path)

    async def wind(self, milliseconds: int) -> None:
        """Let the page's clock run ahead; it begins to stand still before the page is opened, with 0."""
        if not self.wound:
            await self.page.clock.install()
        self.wound = True
        if milliseconds:
            await self.page.clock.run_for(milliseconds)

    async def bring(self, script: str) -> None:
        """Have a script run in every page before it is read: Trusted Types forbid to add one to it."""
        self.wound = True
        await self.context.add_init_script(script)

    async def press_to(self, wanted: str) -> None:
        """Go with the Tab key to where it leads to; then Enter."""
        for _ in range(FAR):
            await self.page.keyboard.press("Tab")
            if await self.page.evaluate("wanted => document.activeElement.matches(wanted)", wanted):
                await self.page.keyboard.press("Enter")
                return
        pytest.fail(f"the keyboard does not lead to {wanted}")

    async def leave(self, origin: str) -> None:
        """Log out, and leave nothing behind."""
        session = await self.context.new_cdp_session(self.page)
        await session.send("Storage.clearDataForOrigin", {"origin": origin, "storageTypes": "all"})
        await self.context.clear_cookies()
        await self.page.close()

    async def size(self, width: int) -> None:
        await self.page.set_viewport_size({"width": width, "height": SIZES[width]})

    async def sticks_out(self, width: int) -> int:
        """By how many pixels the page is wider than a window, or choices that are seen than their place."""
        await self.size(width)
        wider: int = await self.page.evaluate(
            "Math.max(...[document.documentElement, ...document.querySelectorAll('.segments')]"
            ".filter(one => one.checkVisibility()).map(one => one.scrollWidth - one.clientWidth))"
        )
        return wider


@dataclass(frozen=True)
class Desk:
    """The product at an address, the browser that looks at it, and cases at every station of their lives."""

    house: House
    door: Door
    console: Console
    browser: Browser
    address: str
    lives: Lives
    # Browsers that somebody has left, by language and whether scripts run: a new one takes a quarter of a second.
    free: dict[tuple[str, bool], list[BrowserContext]] = field(default_factory=dict)

    @asynccontextmanager
    async def seat(
        self, person: str | None = None, *, language: str = "en", script: bool = True
    ) -> AsyncIterator[Seat]:
        """A browser in which `person` is logged in, by a session that began in the database: codes are good once.

        Whoever comes next takes it over, as if nobody had been there.
        """
        free = self.free.setdefault((language, script), [])
        context = free.pop() if free else await self._context(language, script=script)
        if person is not None:
            await self.log_in(context, person)
        seat = Seat(await context.new_page(), context)
        seat.listen(self.address)
        try:
            yield seat
        finally:
            await seat.leave(self.address)
            if seat.wound:
                await context.close()
            else:
                free.append(context)

    async def _context(self, language: str, *, script: bool) -> BrowserContext:
        context = await self.browser.new_context(
            base_url=self.address,
            viewport={"width": 1366, "height": SIZES[1366]},
            locale=LOCALES[language],
            timezone_id="Asia/Ho_Chi_Minh",
            reduced_motion="reduce",
            java_script_enabled=script,
        )
        context.set_default_timeout(PATIENCE)
        return context

    async def log_in(self, context: BrowserContext, person: str) -> None:
        """Begin a session, and let the browser have it."""
        token = self.console.session(person)
        # Chromium keeps a `Secure` cookie for our plain address on this machine, but takes it only by one with TLS.
        url = f"https://{urlsplit(self.address).hostname}/"
        await context.add_cookies([{"name": COOKIE, "value": token, "url": url, "secure": True, "httpOnly": True}])

    async def sit(self, seat: Seat, person: str | None) -> None:
        """Let somebody else sit down, or nobody, who may be there already."""
        if person is None:
            await seat.context.clear_cookies()
        elif person != seat.person:
            await self.log_in(seat.context, person)
        seat.person = person

    def forget(self, person: str) -> None:
        """End all sessions of somebody."""
        with self.house.engine.begin() as connection:
            session.end_all(connection, person)

    async def log_in_by_hand(self, page: Page, person: str) -> None:
        """Log in on the page that asks for it, with an account and a second factor that are new."""
        secret = factor.new_secret()
        with self.house.engine.begin() as connection:
            identity.enter_account(connection, person, hashed(PASSWORD))
            identity.change_account(connection, person, {"totp_secret": secret})
        said = {"person": person, "password": PASSWORD, "code": factor.code(secret, datetime.now(UTC))}
        for name, value in said.items():
            await page.locator(f"[name={name}]").fill(value)
        await page.keyboard.press("Enter")


@asynccontextmanager
async def open_desk(house: House, door: Door, browser: Browser) -> AsyncIterator[Desk]:
    """The application of a house as people with accounts of ours reach it, on any free port."""
    lives = await Lives(door, await Relations.made(house, door)).live()
    async with (
        browsed(house, door, origin="") as console,
        serving(console.app, "127.0.0.1", 0) as address,
    ):
        yield Desk(house, door, console, browser, address, lives)
