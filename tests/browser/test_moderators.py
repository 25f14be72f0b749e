"""Moderators at work: keys, previews, and two who act at once."""

import asyncio

from conftest import send
from hearing import WORDS, Hearing
from playwright.async_api import Page, expect
from visiting import Desk

from desk.console.page import HERE
from desk.words import LANGUAGES
from states.terms import Role

# What a keyboard sends for the first row of numbers, and for the letter V.
VIETNAMESE = (("ê", "KeyV"), ("ă", "Digit1"))
CHINESE = (("Process", "KeyV"), ("Process", "Digit1"))
PLAIN = (("v", "KeyV"), ("1", "Digit1"))
STALE = 412
PRESSED = "([key, code]) => document.body.dispatchEvent(new KeyboardEvent('keydown', {key, code, bubbles: true, cancelable: true}))"


async def previewed(page: Page) -> None:
    """What the decision would do is shown, with its basis."""
    await expect(page.locator("form[data-main] [name=basis]")).to_have_count(1)


async def test_a_mild_verdict_takes_four_keys_beside_its_words_and_brings_the_next_case(desk: Desk) -> None:
    hearing = await Hearing.begun(desk, "US", claimed=True)
    following = await hearing.report()
    async with desk.seat(hearing.moderator) as seat:
        page, pressed = seat.page, 0
        await seat.go(f"/cases/{hearing.case}")
        for key in ("v", "1", "r"):
            await page.keyboard.press(key)
            pressed += 1
        await page.keyboard.type("It is clear.")
        await previewed(page)
        await page.keyboard.press("Control+Enter")
        await page.wait_for_url(f"**{HERE}/cases/{following}?done={hearing.case}")
        await expect(page.locator(f"a.good[href$='{hearing.case}']")).to_be_visible()
        assert (pressed + 1, hearing.status, hearing.row("claimed_by", following)) == (4, "open", hearing.moderator)
        assert seat.wrong == []


async def test_keys_press_what_they_are_printed_on_under_any_input_method(desk: Desk) -> None:
    hearing = await Hearing.begun(desk, claimed=True)
    async with desk.seat(hearing.moderator) as seat:
        page, violation = seat.page, seat.page.locator("[name=finding][value=violation]")
        for layout in (VIETNAMESE, CHINESE, PLAIN):
            await seat.go(f"/cases/{hearing.case}")
            for key in layout:
                await page.evaluate(PRESSED, list(key))
            await expect(violation).to_be_checked()
            await expect(page.locator("[name=severity][value=mild]")).to_be_checked()
        await page.locator("#reasons").fill("v")
        await page.keyboard.type("x1")
        await expect(violation).to_be_checked()
        await expect(page.locator("#reasons")).to_have_value("vx1")


async def test_of_two_who_claim_at_once_one_has_it_and_the_other_is_told_who(desk: Desk) -> None:
    hearing = await Hearing.begun(desk)
    others = [hearing.moderator, await hearing.reviewer()]
    async with desk.seat(others[0]) as one, desk.seat(others[1]) as other:
        for seat in (one, other):
            await seat.go(f"/cases/{hearing.case}")
        answers = await asyncio.gather(*(_answer(seat.page, "[data-key=c]") for seat in (one, other)))
        assert sorted(answers) == [303, 409]
        taker = hearing.row("claimed_by")
        loser = other if taker == others[0] else one
        await expect(loser.page.get_by_text(taker).first).to_be_visible()
        await expect(loser.page.get_by_role("alert").first).to_be_visible()


async def test_of_two_who_vote_at_once_one_has_voted(desk: Desk) -> None:
    hearing = await Hearing.begun(desk, claimed=True)
    await hearing.move(hearing.moderator, "decide", finding="violation", severity="severe", reasons=WORDS)
    assert hearing.status == "awaiting_approval"
    seniors = [await hearing.reviewer(Role.SENIOR_MODERATOR) for _ in range(2)]
    async with desk.seat(seniors[0]) as one, desk.seat(seniors[1]) as other:
        for seat, opinion in ((one, "I agree."), (other, "I do not.")):
            await seat.go(f"/cases/{hearing.case}")
            await seat.page.locator("#reasons").fill(opinion)
        answers = await asyncio.gather(
            _answer(one.page, "[value=approve]"),
            _answer(other.page, "[value=reject]"),
        )
        assert sorted(answers) == [303, STALE]
        loser = one if answers[0] == STALE else other
        await expect(loser.page.get_by_role("alert").first).to_be_visible()
        assert hearing.status == ("queued" if loser is one else "open")


async def _answer(page: Page, button: str) -> int:
    """The status with which the form of a button is answered."""
    async with page.expect_response(lambda answer: answer.request.method == "POST") as answered:
        await page.locator(f"button{button}").first.click()
    await page.wait_for_load_state()
    status: int = (await answered.value).status
    return status


async def test_a_decision_whose_basis_changed_is_shown_again_with_its_words(desk: Desk) -> None:
    hearing = await Hearing.begun(desk, claimed=True)
    other, judge = await hearing.report(), await hearing.reviewer()
    async with desk.seat(hearing.moderator) as seat:
        page = seat.page
        await seat.go(f"/cases/{hearing.case}")
        for key in ("v", "1"):
            await page.keyboard.press(key)
        await page.locator("#reasons").fill("It is clear.")
        await previewed(page)
        seen = await page.locator("[name=basis]").input_value()
        await hearing.move(judge, "claim", other)
        await hearing.move(judge, "decide", other, finding="violation", severity="severe", reasons=WORDS)
        await hearing.move(await hearing.reviewer(Role.SENIOR_MODERATOR), "approve", other, reasons=WORDS)
        assert await _answer(page, "[data-send]") == STALE
        await expect(page.get_by_role("alert").first).to_be_visible()
        await expect(page.locator("#reasons")).to_have_value("It is clear.")
        assert await page.locator("[name=basis]").input_value() != seen
        assert hearing.status == "claimed"
        assert await _answer(page, "[data-send]") == 303
        assert hearing.status == "open"


async def test_everything_is_done_without_a_script(desk: Desk) -> None:
    """The preview comes with the first press of the button, the decision with the second."""
    hearing = await Hearing.begun(desk)
    async with desk.seat(hearing.moderator, script=False) as seat:
        page = seat.page
        await seat.go(f"/cases/{hearing.case}")
        assert await _answer(page, "[data-key=c]") == 303
        await page.locator("[name=finding][value=violation]").check(force=True)
        await page.locator("[name=severity][value=mild]").check(force=True)
        await page.locator("#reasons").fill("It is clear.")
        assert await _answer(page, "[name=then][value=stay]") == 200
        await previewed(page)
        await expect(page.locator("#reasons")).to_have_value("It is clear.")
        assert hearing.status == "claimed"
        assert await _answer(page, "[name=then][value=stay]") == 303
        assert hearing.status == "open"


async def test_a_session_that_ends_in_a_form_keeps_its_words(desk: Desk) -> None:
    hearing = await Hearing.begun(desk, claimed=True)
    async with desk.seat(hearing.moderator) as seat:
        page = seat.page
        await seat.go(f"/cases/{hearing.case}")
        for key in ("v", "1"):
            await page.keyboard.press(key)
        await page.locator("#reasons").fill("Nội dung đã nhập, 内容 & <b>more</b>")
        await previewed(page)
        desk.forget(hearing.moderator)
        assert await _answer(page, "[data-send]") == 401
        await desk.log_in_by_hand(page, hearing.moderator)
        await expect(page.get_by_text("Nội dung đã nhập, 内容 & <b>more</b>")).to_be_visible()
        assert await _answer(page, ".primary") == 303
        assert hearing.status == "open"


async def test_news_is_a_bar_and_leaves_what_is_written(desk: Desk) -> None:
    hearing = await Hearing.begun(desk, claimed=True)
    async with desk.seat(hearing.moderator) as seat:
        page = seat.page
        await seat.wind(0)
        await seat.go(f"/cases/{hearing.case}")
        await page.locator("#reasons").fill("half a sen")
        await send(desk.door, hearing.reporter, "withdraw", case=hearing.case)
        await seat.wind(7_000)
        await expect(page.locator("[data-news] *").first).to_be_visible()
        await expect(page.locator("#reasons")).to_have_value("half a sen")
        assert seat.wrong == []


async def test_a_decision_with_all_that_it_does_is_sent_without_scrolling(desk: Desk) -> None:
    async def decide(language: str) -> None:
        hearing = await Hearing.begun(desk, "US", claimed=True)
        async with desk.seat(hearing.moderator, language=language) as seat:
            page = seat.page
            await seat.go(f"/cases/{hearing.case}")
            for key in ("v", "3", "r"):
                await page.keyboard.press(key)
            await page.keyboard.insert_text("It is clear. " * 60)
            await previewed(page)
            await expect(page.locator("[data-send]")).to_be_in_viewport(ratio=1)
            assert await page.evaluate("window.scrollY") == 0
            await send(desk.door, hearing.moderator, "note", case=hearing.case, text="look")
            await page.keyboard.press("Control+Enter")
            await expect(page.locator("form[data-main] [role=alert]")).to_be_visible()
            await expect(page.locator("[data-send]")).to_be_in_viewport(ratio=1)

    await asyncio.gather(*map(decide, LANGUAGES))
