"""Coming in by hand, and what a browser must not be brought to do."""

from conftest import person
from consoles import browsed
from providing import providing
from visiting import Desk, expect

from desk.console.page import HERE
from desk.site import serving
from states.terms import Role

# A page of somebody else on this very machine: for a browser it is the same site, so the cookie comes along.
ELSEWHERE = "http://127.0.0.1:9/page"


async def test_somebody_logs_in_by_hand_with_their_second_factor(desk: Desk) -> None:
    who = await person(desk.house, Role.MODERATOR)
    async with desk.seat(language="vi") as seat:
        await seat.go("/")
        assert "/login?to=" in seat.page.url
        await desk.log_in_by_hand(seat.page, who)
        await seat.page.wait_for_url(f"**{HERE}/queue")
        kept = {one["name"]: one for one in await seat.context.cookies()}["__Host-casework"]
        assert (kept["secure"], kept["httpOnly"], kept["sameSite"]) == (True, True, "Lax")


async def test_a_page_from_elsewhere_can_send_no_form_of_ours(desk: Desk) -> None:
    who = desk.lives.name(Role.OPS)
    async with desk.seat(who) as seat:
        await seat.go("/prove")
        token = await seat.page.locator("[name=csrf]").first.input_value()
        form = f'<form method=post action="{desk.address}{HERE}/logout"><input name=csrf value="{token}"><button>x</button></form>'
        await seat.page.route(ELSEWHERE, lambda route: route.fulfill(body=form, content_type="text/html"))
        await seat.page.goto(ELSEWHERE)
        async with seat.page.expect_response(f"**{HERE}/logout") as answered:
            await seat.page.get_by_role("button").click()
        assert (await (await answered.value).all_headers())["content-type"] == "text/html; charset=utf-8"
        assert (await answered.value).status == 403
        await seat.go("/prove")
        assert seat.page.url.endswith("/prove")


async def test_a_form_without_its_token_is_refused(desk: Desk) -> None:
    async with desk.seat(desk.lives.name(Role.OPS)) as seat:
        for left in ("", "0" * 64):
            await seat.go("/prove")
            log_out = seat.page.locator(f'form[action="{HERE}/logout"]')
            await log_out.locator("[name=csrf]").evaluate("(field, value) => { field.value = value }", left)
            async with seat.page.expect_response(f"**{HERE}/logout") as answered:
                await log_out.get_by_role("button").click()
            assert (await answered.value).status == 403
            assert await seat.page.get_by_role("alert").count() == 1


async def test_somebody_logs_in_at_their_provider_and_again_beside_what_they_typed(desk: Desk) -> None:
    who, wrong = await person(desk.house, Role.MODERATOR), list[str]()
    with providing() as provider:
        provider.person, provider.url = (
            who,
            provider.url.replace("127.0.0.1", "localhost"),
        )  # for a browser another site
        async with (
            browsed(desk.house, desk.door, origin="", clients=[provider.client()]) as console,
            serving(console.app, "127.0.0.1", 0) as address,
            await desk.browser.new_context(base_url=address, locale="en-GB") as context,
        ):
            context.on("console", lambda said: wrong.append(said.text))
            page = await context.new_page()
            await page.goto(f"{HERE}/settings")
            await page.get_by_role("link", name="Log in with Example ID").click()
            await page.wait_for_url(f"**{HERE}/settings")
            desk.forget(who)
            await page.get_by_label("Dark").check()
            await page.get_by_role("button", name="Save").click()
            async with context.expect_page() as opened:
                await page.get_by_role("link", name="Log in with Example ID").click()
            await expect((await opened.value).get_by_role("heading", name="You are logged in")).to_be_visible()
            await page.get_by_role("button", name="Go on").click()
            await page.get_by_role("button", name="Send").click()
            await page.wait_for_url(f"**{HERE}/settings?saved=yes")
            await expect(page.locator("html[data-theme=dark]")).to_have_count(1)
    assert [one for one in wrong if "401" not in one] == []
