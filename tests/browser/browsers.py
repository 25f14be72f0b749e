"""One Chromium a run, and the product behind an address. A plugin: what it needs of Playwright is imported late."""

import shutil
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

import pytest
from chromium import NONE, found

if TYPE_CHECKING:
    from playwright.async_api import Browser
    from visiting import Desk

    from desk.door.door import Door
    from workers.reach import House

# As root Chromium has no sandbox of its own, and /dev/shm is small in containers.
FLAGS = ("--no-sandbox", "--disable-dev-shm-usage")


@pytest.fixture(scope="session")
async def chromium() -> "AsyncIterator[Browser]":
    """The browser of this run. Where none is found its tests are skipped, but fail in CI."""
    from playwright.async_api import async_playwright
    from visiting import missing

    async with async_playwright() as playwright:
        path = found() or playwright.chromium.executable_path
        if shutil.which(path) is None:
            missing(NONE)
        browser = await playwright.chromium.launch(executable_path=path, args=FLAGS, timeout=30_000)
        yield browser
        await browser.close()


@pytest.fixture(scope="session")
async def desk(house: "House", door: "Door", chromium: "Browser") -> "AsyncIterator[Desk]":
    """The product, served to browsers."""
    from visiting import open_desk

    async with open_desk(house, door, chromium) as made:
        yield made
