"""A version of the rulebook lives its whole life on pages: by who writes the rules, and who approves them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from zoneinfo import ZoneInfo

from axe import axe
from clocks import town
from conftest import agency, person
from consoles import browsed
from faults import faults
from lives import Lives
from playwright.async_api import Browser, expect
from relations import Relations
from visiting import Desk, Seat

from desk.console.page import HERE
from desk.site import serving
from rulebook.load import BUNDLED, files_at
from states.terms import Role
from states.version_terms import VersionStatus
from store import timeline
from store import version as versions
from workers.reach import House

BASE = files_at(BUNDLED / "live")["base.yaml"].decode().replace("version: 3", "version: 4")
ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
TIER = "threshold: 80, penalty: agency_compliance.watch"
WRONG, EVERYBODY = (BASE.replace(TIER, TIER.replace("80", at)) for at in ("many", "100"))


@asynccontextmanager
async def hall(house: House, chromium: Browser) -> AsyncIterator[Desk]:
    """A desk of its own, since a chain of versions has one end. Its worker is ahead: what is due within an hour is due."""
    async with (
        town(house, worker=3600, sandbox=False) as there,
        browsed(there.house, there.door, origin="") as console,
        serving(console.app, "127.0.0.1", 0) as address,
    ):
        yield Desk(there.house, there.door, console, chromium, address, Lives(there.door, Relations(there.house)))


def reached(desk: Desk, version: str) -> int:
    with desk.house.engine.connect() as connection:
        return sum(one.seen for one in timeline.waves(connection, version))


async def becomes(desk: Desk, version: str, status: VersionStatus, least: int = 0) -> None:
    """Wait until it has that status, and its wave has reached so many."""
    async with asyncio.timeout(20):
        while True:
            with desk.house.engine.connect() as connection:
                found = versions.read(connection, version)
            if found is not None and found.status is status and reached(desk, version) >= least:
                return
            await asyncio.sleep(0.05)


async def test_a_version_is_written_proposed_approved_halted_resumed_and_taken_back(
    house: House, chromium: Browser
) -> None:
    async with hall(house, chromium) as desk:
        eva, paul = [await person(desk.house, role) for role in (Role.POLICY_EDITOR, Role.POLICY_APPROVER)]
        agencies = [(await agency(desk.house, "lotus"))[0] for _ in range(3)]
        async with desk.seat(eva) as seat:
            version = await _proposed(desk, seat)
            await desk.log_in(seat.context, paul)
            await seat.go(f"/rules/versions/{version}")
            await expect(seat.page.locator("#subjects li")).to_have_count(len(agencies))
            said = await seat.page.content()
            assert [name for name in agencies if name not in said] == []
            await _lived(desk, seat, version)
            assert [one for one in seat.wrong if "422" not in one] == []  # a mistake is refused


async def _proposed(desk: Desk, seat: Seat) -> str:
    """Write a version, mend a mistake where it is shown, see whom it would hit, and propose it."""
    page, soon = seat.page, desk.house.clock.now().astimezone(ZONE) + timedelta(minutes=2)
    await seat.go("/")
    await page.locator("a[href$='/rules/versions/new']").click()
    written = page.locator("[name='file.base.yaml']")
    await written.fill(WRONG)
    await page.locator("[name=do][value=draft]").click()
    await page.locator("#faults + ul a").click()
    assert await page.evaluate("document.querySelector(':target').matches('.wrong')")
    assert [*await faults(page), *await axe(page)] == []
    await written.fill(EVERYBODY)
    await page.locator("[name=do][value=draft]").click()
    await page.wait_for_url(f"**{HERE}/rules/versions/*done=draft")
    await page.locator("#propose-reasons").fill("Everybody should hear of it.")
    await page.locator("#in_force_from").fill(f"{soon:%Y-%m-%dT%H:%M}")
    await page.locator("#pace").fill("1")
    await page.locator("[value=foresee]").click()
    await expect(page.locator("#forecast strong")).to_have_text("3")
    await page.locator("[value=propose]").click()
    await page.wait_for_url("**done=propose")
    return str(page.url).rpartition("/")[2].partition("?")[0]


async def _lived(desk: Desk, seat: Seat, version: str) -> None:
    """Approve it before its time, halt its wave on its way, let it go on, and take it back when it is through."""
    page = seat.page
    await page.locator("#approve-override").fill("It can't wait.")
    await page.locator("[value=approve]").click()
    await expect(page.locator("#wave")).to_be_visible()
    await becomes(desk, version, VersionStatus.ROLLING_OUT, least=1)
    await page.reload()
    await page.locator("[value=halt]").click()
    await page.wait_for_url("**done=halt")
    halted = reached(desk, version)
    assert halted < 3
    await page.locator("[value=resume]").click()
    await becomes(desk, version, VersionStatus.IN_FORCE, least=3)
    await page.reload()
    await expect(page.locator("#hits ~ ul li")).to_have_count(3)
    await page.locator("details:has(#act-take_back) summary").click()
    await page.locator("#take_back-reasons").fill("It hits too many.")
    await page.locator("[value=take_back]").click()
    await becomes(desk, version, VersionStatus.TAKEN_BACK)
