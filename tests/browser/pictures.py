"""Takes the README's pictures of the console: `python tests/browser/pictures.py FOLDER`, of a year that was just played.

With `--all` it takes every page of everybody (`rounds.py`), in three languages and both themes, at three widths, and puts
twelve on a sheet: to look at, not to keep.
"""

import argparse
import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from itertools import product
from math import ceil
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal

import sqlalchemy as sa
from browsers import FLAGS
from chromium import found
from PIL import Image, ImageDraw
from playwright.async_api import Browser, Page, ViewportSize, async_playwright
from rounds import looks

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

_WIDE: ViewportSize = {"width": 1366, "height": 768}
_SIZES = {1366: 768, 768: 1024, 390: 844}
_THEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
_LOCALES = {"en": "en-GB", "vi": "vi-VN", "zh": "zh-CN"}
# Who looks, at which page; `{case}` is what mia has claimed.
_KEPT = {"case": ("mia", "/cases/{case}"), "score": ("ann", "/subjects/lotus")}
# Keys that choose a mild violation, and the milliseconds after which its preview is there.
_CHOSEN, _PREVIEWED = ("v", "1"), 3000
# A sheet: pictures in a row and on it, their width, and how high they are at most.
_ROW, _SHEET, _SMALL, _HIGH = 4, 12, 640, 900


async def take(folder: Path, *, everything: bool) -> None:
    """Play the year, serve it, and look."""
    async with _year() as house, served(house) as address, async_playwright() as playwright:
        path = found() or playwright.chromium.executable_path
        browser = await playwright.chromium.launch(executable_path=path, args=FLAGS, timeout=30_000)
        look = Looking(house, browser, address, folder)
        if everything:
            for language, person in product(_LOCALES, dict.fromkeys(one.person for one in looks(house))):
                await look.round(person, language)
            sheets(folder)
        else:
            with house.engine.connect() as connection:
                claimed = sa.select(cases.c.id).where(cases.c.status == Status.CLAIMED, cases.c.claimed_by == "mia")
                case = connection.execute(claimed).scalars().one()
            for name, (person, path) in _KEPT.items():
                await look.at(name, person, path.format(case=case))


class Looking:
    """A browser before the console of a house."""

    def __init__(self, house: House, browser: Browser, address: str, folder: Path) -> None:
        self._house, self._browser, self._address, self._folder = house, browser, address, folder

    async def at(self, name: str, person: str, path: str) -> None:
        """Take a page as its reader sees it without scrolling; at more points than it has, so that it is sharp."""
        async with self._seat(person, "en", 1.5) as page:
            await self._open(page, path)
            if name == "case":  # as if a violation were chosen, so that it says what follows
                for key in _CHOSEN:
                    await page.keyboard.press(key)
                await page.wait_for_load_state("networkidle")
                await page.wait_for_timeout(_PREVIEWED)
            await page.screenshot(path=self._folder / f"{name}.png")
        sys.stdout.write(f"{self._folder / name}.png\n")

    async def round(self, person: str | None, language: str) -> None:
        """Take every page of somebody, as long as it is, in both themes at each width."""
        async with self._seat(person, language) as page:
            for look in (one for one in looks(self._house) if one.person == person):
                await self._open(page, look.path)
                for theme, width in product(_THEMES, _SIZES):
                    await page.emulate_media(color_scheme=theme)
                    await page.set_viewport_size({"width": width, "height": _SIZES[width]})
                    folder = self._folder / f"{language}-{theme}-{width}"
                    await page.screenshot(path=folder / f"{look.name}.png", full_page=True)

    @asynccontextmanager
    async def _seat(self, person: str | None, language: str, scale: float = 1) -> AsyncIterator[Page]:
        context = await self._browser.new_context(
            viewport=_WIDE,
            device_scale_factor=scale,
            locale=_LOCALES[language],
            timezone_id="Asia/Ho_Chi_Minh",
            color_scheme="light",
        )
        if person is not None:
            with self._house.engine.begin() as connection:
                token = Sessions(self._house.clock.now).begin(connection, person, self._house.clock.now())[0]
            await context.add_cookies(
                [{"name": COOKIE, "value": token, "url": "https://127.0.0.1/", "secure": True, "httpOnly": True}]
            )
        yield await context.new_page()
        await context.close()

    async def _open(self, page: Page, path: str) -> None:
        answer = await page.goto(f"{self._address}{HERE}{path}", wait_until="load")
        if answer is None or answer.status != 200:
            raise SystemExit(f"{path}: {answer.status if answer else 'no answer'}")


def sheets(folder: Path) -> None:
    """Put the pictures of each language, theme and width on sheets."""
    for kind in sorted(path for path in folder.iterdir() if path.is_dir()):
        pictures = sorted(kind.glob("*.png"))
        for number, first in enumerate(range(0, len(pictures), _SHEET)):
            part = pictures[first : first + _SHEET]
            sheet = Image.new("RGB", (_ROW * _SMALL, ceil(len(part) / _ROW) * _HIGH), "magenta")
            for place, path in enumerate(part):
                at = (place % _ROW * _SMALL, place // _ROW * _HIGH)
                _put(sheet, path, at)
            sheet.save(folder / f"{kind.name}-{number:02}.png")


def _put(sheet: Image.Image, path: Path, at: tuple[int, int]) -> None:
    with Image.open(path) as picture:
        small = picture.convert("RGB").resize((_SMALL - 8, round(picture.height * (_SMALL - 8) / picture.width)))
    sheet.paste(small.crop((0, 0, small.width, min(small.height, _HIGH - 24))), (at[0], at[1] + 16))
    ImageDraw.Draw(sheet).text((at[0], at[1] + 2), path.stem, "white")


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
