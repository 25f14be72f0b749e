"""Takes the README's pictures of the console: `python tests/browser/pictures.py FOLDER`, of a year that was just played.

With `--all` it takes every page of everybody (`rounds.py`) in each of `VIEWS`, puts several on a sheet, to look at and not
to keep, and says which faults it found by itself (`faults.py`). What somebody else sees alike is on the sheets once.
"""

import argparse
import asyncio
import os
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from itertools import accumulate
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal, NamedTuple

import sqlalchemy as sa
from browsers import FLAGS
from chromium import found
from faults import faults
from PIL import Image, ImageDraw
from playwright.async_api import Browser, FloatRect, Page, ViewportSize, async_playwright
from rounds import Look, looks

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


class View(NamedTuple):
    """How a page is looked at: in which language and theme, and how wide."""

    language: str
    theme: Literal["light", "dark"]
    width: int


# Each language at each kind of width, and each theme, with every page.
VIEWS = (
    View("en", "light", 1366),
    View("en", "dark", 768),
    View("en", "light", 390),
    View("vi", "light", 1366),
    View("vi", "dark", 390),
    View("zh", "dark", 1366),
    View("zh", "light", 768),
    View("zh", "light", 390),
)
_WIDE: ViewportSize = {"width": 1366, "height": 768}
_SIZES = {1366: 768, 768: 1024, 390: 844}
_LOCALES = {"en": "en-GB", "vi": "vi-VN", "zh": "zh-CN"}
# Who looks, at which page; `{case}` is what mia has claimed.
_KEPT = {"case": ("mia", "/cases/{case}"), "score": ("ann", "/subjects/lotus")}
# Keys that choose a mild violation, and the milliseconds after which its preview is there.
_CHOSEN, _PREVIEWED = ("v", "1"), 3000
_COLOURS = 256
# A sheet: by width how many pictures stand in a row, and by how much they are smaller; so many rows, so high at most.
_ROW, _SCALE = {1366: 3, 768: 4, 390: 6}, {1366: 0.5, 768: 0.6, 390: 0.8}
_ROWS, _HIGH = 2, 900


async def take(folder: Path, *, everything: bool) -> None:
    """Play the year, serve it, and look."""
    async with _year() as house, served(house) as address, async_playwright() as playwright:
        path = found() or playwright.chromium.executable_path
        browser = await playwright.chromium.launch(executable_path=path, args=FLAGS, timeout=30_000)
        look = Looking(house, browser, address, folder)
        if everything:
            every = list(looks(house))
            for language in _LOCALES:
                for person in dict.fromkeys(one.person for one in every):
                    await look.round([one for one in every if one.person == person], language)
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
        self._seen: set[tuple[View, str]] = set()

    async def at(self, name: str, person: str, path: str) -> None:
        """Take a page as its reader sees it without scrolling; at more points than it has, so that it is sharp."""
        async with self._seat(person, "en", 1.5) as page:
            await self._open(page, path)
            if name == "case":  # as if a violation were chosen, so that it says what follows
                for key in _CHOSEN:
                    await page.keyboard.press(key)
                await page.wait_for_load_state("networkidle")
                await page.wait_for_timeout(_PREVIEWED)
            await page.screenshot(path=(taken := self._folder / f"{name}.png"))
        with Image.open(taken) as picture:  # a page has few colours: a third of the bytes, and nobody sees it
            picture.quantize(_COLOURS, dither=Image.Dither.NONE).save(taken, optimize=True)
        sys.stdout.write(f"{self._folder / name}.png\n")

    async def round(self, pages: Sequence[Look], language: str) -> None:
        """Look at pages of one person in a language, in all its views; say what is wrong with them."""
        views = [view for view in VIEWS if view.language == language]
        async with self._seat(pages[0].person, language) as page:
            for one in pages:
                await self._open(page, one.path)
                for view in views:
                    await self._view(page, one, view)

    async def _view(self, page: Page, look: Look, view: View) -> None:
        await page.emulate_media(color_scheme=view.theme)
        await page.set_viewport_size({"width": view.width, "height": _SIZES[view.width]})
        for fault in await faults(page):
            sys.stdout.write(f"{'-'.join(map(str, view))} {look.name}: {fault}\n")
        told = await page.inner_text("main")
        if (view, told) not in self._seen:
            self._seen.add((view, told))
            high = min(await page.evaluate("document.documentElement.scrollHeight"), _HIGH / _SCALE[view.width])
            place = self._folder / "-".join(map(str, view)) / f"{look.name}.jpeg"
            clip: FloatRect = {"x": 0, "y": 0, "width": view.width, "height": high}
            await page.screenshot(path=place, full_page=True, clip=clip, type="jpeg", quality=90)

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
    """Put the pictures of each view on sheets."""
    for view in VIEWS:
        kind = folder / "-".join(map(str, view))
        pictures, most = sorted(kind.glob("*.jpeg")), _ROW[view.width] * _ROWS
        for number, first in enumerate(range(0, len(pictures), most)):
            _sheet(pictures[first : first + most], view.width).save(f"{kind}-{number:02}.png")


def _sheet(pictures: Sequence[Path], width: int) -> Image.Image:
    """Pictures side by side, each row as high as its highest."""
    row, small = _ROW[width], round(width * _SCALE[width])
    taken = [(path.stem, _smaller(path, small)) for path in pictures]
    rows = [taken[first : first + row] for first in range(0, len(taken), row)]
    tops = list(accumulate((max(one.height for _, one in each) + 20 for each in rows), initial=0))
    sheet = Image.new("RGB", (row * (small + 8), tops[-1]), "magenta")
    for each, top in zip(rows, tops, strict=False):
        for number, (name, picture) in enumerate(each):
            ImageDraw.Draw(sheet).text((number * (small + 8), top + 2), name, "white")
            sheet.paste(picture, (number * (small + 8), top + 16))
    return sheet


def _smaller(path: Path, width: int) -> Image.Image:
    with Image.open(path) as picture:
        return picture.resize((width, round(picture.height * width / picture.width)))


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
