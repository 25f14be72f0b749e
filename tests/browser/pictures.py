"""Takes the README's pictures of the console: `python tests/browser/pictures.py FOLDER`, of a year that was just played.

With `--all` it takes every page named below as a moderator, an agency and ops, in three languages and both themes, at
three widths: to look at, not to keep.
"""

import argparse
import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from itertools import product
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import sqlalchemy as sa
from browsers import FLAGS
from chromium import found
from playwright.async_api import Browser, async_playwright

from desk.console.page import HERE
from desk.demo.past.fill import fill, script
from desk.identity.sessions import COOKIE, Sessions
from desk.site import served
from ops.rehearsal.script.step import Step
from states.terms import Status
from store.schema.cases import cases
from workers.embedded.port import free
from workers.house import up
from workers.reach import House
from workers.settings import Settings

_WIDE = {"width": 1366, "height": 768}
_SIZES = {1366: 768, 768: 1024, 390: 844}
_LOCALES = {"en": "en-GB", "vi": "vi-VN", "zh": "zh-CN"}
# Who looks, at which page; `{case}` is what mia has claimed.
_KEPT = {"case": ("mia", "/cases/{case}"), "score": ("ann", "/subjects/lotus")}
# Keys that choose a mild violation, and the milliseconds after which its preview is there.
_CHOSEN, _PREVIEWED = ("v", "1"), 3000
_PAGES = _KEPT | {
    "queue": ("mia", "/queue"),
    "mine": ("mia", "/mine"),
    "appeals": ("sam", "/appeals"),
    "votes": ("sam", "/votes"),
    "reports": ("ann", "/reports"),
    "report": ("ann", "/reports/new"),
    "creators": ("ann", "/creators"),
    "ledger": ("ann", "/subjects/lotus/ledger"),
    "verdicts": ("ann", "/subjects/lotus/verdicts"),
    "creator": ("kim", "/subjects/kim"),
    "notices": ("ann", "/notices"),
    "ops": ("oli", "/ops"),
    "life": ("oli", "/ops/cases/{case}"),
    "rules": ("oli", "/rules"),
}


async def take(folder: Path, *, everything: bool) -> None:
    """Play the year, serve it, and look."""
    async with _year() as house, served(house) as address, async_playwright() as playwright:
        path = found() or playwright.chromium.executable_path
        browser = await playwright.chromium.launch(executable_path=path, args=FLAGS, timeout=30_000)
        with house.engine.connect() as connection:
            claimed = sa.select(cases.c.id).where(cases.c.status == Status.CLAIMED, cases.c.claimed_by == "mia")
            case = connection.execute(claimed).scalars().one()
        look = Looking(house, browser, address, folder, case)
        if not everything:
            for name in _KEPT:
                await look.at(name, name)
            return
        for language, theme, width, name in product(_LOCALES, ("light", "dark"), _SIZES, _PAGES):
            await look.at(name, f"{name}-{language}-{theme}-{width}", language, theme, width)


class Looking:
    """A browser before the console of a house."""

    def __init__(self, house: House, browser: Browser, address: str, folder: Path, case: str) -> None:
        self._house, self._browser = house, browser
        self._address, self._folder, self._case = address, folder, case

    async def at(self, name: str, file: str, language: str = "en", theme: Any = "light", width: int = 1366) -> None:
        """Take a page as its reader sees it without scrolling; at twice the points, so that it is sharp."""
        person, path = _PAGES[name]
        context = await self._browser.new_context(
            viewport={"width": width, "height": _SIZES[width]},
            device_scale_factor=1.5,
            locale=_LOCALES[language],
            timezone_id="Asia/Ho_Chi_Minh",
            color_scheme=theme,
        )
        with self._house.engine.begin() as connection:
            token = Sessions(self._house.clock.now).begin(connection, person, self._house.clock.now())[0]
        await context.add_cookies(
            [{"name": COOKIE, "value": token, "url": "https://127.0.0.1/", "secure": True, "httpOnly": True}]
        )
        page = await context.new_page()
        answer = await page.goto(f"{self._address}{HERE}{path.format(case=self._case)}", wait_until="networkidle")
        if answer is None or answer.status != 200:
            raise SystemExit(f"{path} as {person}: {answer.status if answer else 'no answer'}")
        if name == "case":  # as if a violation were chosen, so that it says what follows
            for key in _CHOSEN:
                await page.keyboard.press(key)
            await page.wait_for_load_state("networkidle")
            await page.wait_for_timeout(_PREVIEWED)
        await page.screenshot(path=self._folder / f"{file}.png")
        await context.close()
        sys.stdout.write(f"{self._folder / file}.png\n")


def nothing(step: Step, at: datetime) -> None: ...


@asynccontextmanager
async def _year() -> AsyncIterator[House]:
    async def first(house: House) -> None:
        await fill(house, script(), nothing)

    with TemporaryDirectory(prefix="casework-", ignore_cleanup_errors=True) as folder:
        ports = dict(zip(("postgres_port", "temporal_port", "ui_port", "api_port"), free(4), strict=True))
        settings = Settings(data_dir=Path(folder), **ports)
        async with up(settings, first=first, headless=True) as (house, _):
            yield house


def main() -> None:
    """Read the command line and take them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--all", action="store_true", help="every page, to look at")
    told = parser.parse_args()
    told.folder.mkdir(parents=True, exist_ok=True)
    asyncio.run(take(told.folder, everything=told.all))
    sys.stdout.flush()
    os._exit(0)  # while the interpreter ends, the SDK's threads sometimes abort the process


if __name__ == "__main__":
    main()
