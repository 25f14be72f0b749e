"""Agencies at their desk: a whole life by three people, files, and the three states of an appeal."""

import asyncio

import pytest
from files import picture
from hearing import WORDS, Hearing
from playwright.async_api import FilePayload, Page, expect
from visiting import Desk

from desk.console.page import HERE
from states.terms import Role

SAID = {"en": WORDS, "vi": "Họ đã đưa tiền cho nhà sáng tạo của chúng tôi.", "zh": "他们给了我们的主播一笔钱"}
NO_PICTURE: FilePayload = {"name": "clip.png", "mimeType": "image/png", "buffer": b"<svg onload=hostile()>"}
PICTURE: FilePayload = {"name": "clip.png", "mimeType": "image/png", "buffer": picture("PNG")}
# A region for each language, so that nobody takes another life's case from the queue.
REGIONS = {"en": "IN", "vi": "VN", "zh": "CN"}


async def test_three_people_live_a_case_in_each_language(desk: Desk) -> None:
    """It is reported, decided, appealed against, and overturned; each does it on their own pages."""
    await asyncio.gather(*(_life(desk, language) for language in SAID))


async def _life(desk: Desk, language: str) -> None:
    """One after the other at one desk; who sits there sees nothing of who sat there before."""
    hearing = await Hearing.of(desk, REGIONS[language])
    words, senior = SAID[language], await hearing.reviewer(Role.SENIOR_MODERATOR)
    async with desk.seat(hearing.reporter, language=language) as seat:
        page = seat.page
        await seat.go("/reports/new")
        await page.locator("[name=clause][value='agency.poaching']").check()
        await page.locator("#against").fill(hearing.agency)
        await page.locator("#details").fill(words)
        await page.locator("[name=do][value=send]").click()
        await page.wait_for_url(f"**{HERE}/cases/report-*")
        hearing.case = page.url.rpartition("/")[2]

        await desk.log_in(seat.context, hearing.moderator)
        await _decided(page, hearing.case, words, "v", "1")
        assert hearing.status == "open"

        await desk.log_in(seat.context, hearing.respondent)
        await seat.go(f"/cases/{hearing.case}")
        await expect(page.get_by_text(words).first).to_be_visible()
        await page.locator("a[href*='/appeals/new']").click()
        await page.locator("#grounds").fill(words)
        await page.locator("[name=do][value=send]").click()
        await page.wait_for_url(f"**{HERE}/cases/appeal-*")
        appeal = page.url.rpartition("/")[2]

        await desk.log_in(seat.context, senior)
        await _decided(page, appeal, words, "o")
        assert (hearing.status, hearing.row("outcome")) == ("closed", "overturned")
        await desk.log_in(seat.context, hearing.respondent)
        await seat.go(f"/cases/{hearing.case}")
        assert await page.locator("html").get_attribute("lang") == language
        assert seat.wrong == []


async def _decided(page: Page, case: str, words: str, *keys: str) -> None:
    """Claim a case, decide it by keys, and stay on it."""
    await page.goto(f"{HERE}/cases/{case}")
    await page.keyboard.press("c")
    await expect(page.locator("#reasons")).to_be_visible()
    for key in keys:
        await page.keyboard.press(key)
    await page.locator("#reasons").fill(words)
    await expect(page.locator("form[data-main] [name=basis]")).to_have_count(1)
    await page.locator("[name=then][value=stay]").click()
    await expect(page.locator("#reasons")).to_have_count(0)


async def test_by_keyboard_alone_a_fallen_score_leads_to_its_reason_and_an_appeal(desk: Desk) -> None:
    hearing = await Hearing.begun(desk, claimed=True)
    await hearing.move(hearing.moderator, "decide", finding="violation", severity="mild", reasons=WORDS)
    async with desk.seat(hearing.respondent) as seat:
        page = seat.page
        await seat.go("/score")
        await seat.press_to(f".statement a[href$='{hearing.case}']")
        await page.wait_for_url(f"**{HERE}/cases/{hearing.case}")
        await expect(page.get_by_text(WORDS).first).to_be_visible()
        await seat.press_to("a[href*='/appeals/new']")
        await page.wait_for_url(f"**{HERE}/appeals/new?*")
        await seat.press_to("#grounds")
        await page.keyboard.insert_text("The clip is of another year.")
        await seat.press_to("[name=do][value=send]")
        await page.wait_for_url(f"**{HERE}/cases/appeal-*")
        assert (hearing.status, seat.wrong) == ("under_appeal", [])


async def test_an_appeal_is_offered_then_greyed_with_the_day_and_for_others_absent(desk: Desk) -> None:
    hearing = await Hearing.begun(desk, claimed=True)
    await hearing.move(hearing.moderator, "decide", finding="violation", severity="mild", reasons=WORDS)
    offered, greyed = "a[href*='/appeals/new']", ".can [aria-disabled=true]"
    async with desk.seat(hearing.respondent) as charged, desk.seat(hearing.reporter) as reporter:
        await charged.go(f"/cases/{hearing.case}")
        await expect(charged.page.locator(offered)).to_have_count(1)
        await reporter.go(f"/cases/{hearing.case}")
        await expect(reporter.page.locator(f"{offered}, {greyed}")).to_have_count(0)
        hearing.end_window()
        await charged.go(f"/cases/{hearing.case}")
        await expect(charged.page.locator(greyed)).to_have_count(1)
        await expect(charged.page.locator(offered)).to_have_count(0)


@pytest.mark.parametrize("script", [True, False], ids=["as it is chosen", "without a script"])
async def test_a_file_of_no_kind_that_is_taken_is_refused_and_the_words_are_kept(desk: Desk, script: bool) -> None:
    hearing = await Hearing.of(desk, "FR")
    async with desk.seat(hearing.reporter, script=script) as seat:
        page, brought = seat.page, seat.page.locator("[name=evidence]")
        await seat.go("/reports/new")
        await page.locator("#details").fill(WORDS)
        for file, taken in ((NO_PICTURE, 0), (PICTURE, 1)):
            await page.locator("#files").set_input_files([file])
            if not script:
                await page.locator("[name=do][value=bring]").click()
            await expect(brought if taken else page.get_by_role("alert").first).to_be_visible()
            await expect(brought).to_have_count(taken)
            await expect(page.locator("#details")).to_have_value(WORDS)


async def test_a_draft_is_there_again_in_another_browser(desk: Desk) -> None:
    hearing = await Hearing.of(desk, "FR")
    async with desk.seat(hearing.reporter) as seat:
        await seat.go("/reports/new")
        await seat.page.locator("#details").fill(WORDS)
        await seat.page.locator("[name=do][value=keep]").click()
        await seat.page.wait_for_url("**draft=*")
    async with desk.seat(hearing.reporter, language="vi") as seat:
        await seat.go("/reports")
        await seat.page.locator(".drafts a").click()
        await expect(seat.page.locator("#details")).to_have_value(WORDS)
