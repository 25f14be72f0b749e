"""Logging in to the console at an identity provider: in, out, proven anew, and with what was typed."""

import re
from datetime import datetime
from html import unescape
from urllib.parse import parse_qs, urlsplit

import pytest
from arriving import There, always, owner, refused, there
from conftest import agency, feeding, new, person
from consoles import ORIGIN, Browser, browsed, hidden
from knocking import KEYS, QUICK, SESSION, Watch
from markup import Markup, unfit
from providing import CLIENT, SECRET, providing
from pseudo import PSEUDO, marked, unmarked

from desk.console.page import HERE
from desk.console.words import FOLDER
from desk.door.door import Door
from desk.identity import errand
from desk.identity.accounts import hashed
from desk.identity.sessions import COOKIE, csrf_token
from desk.words import Languages
from desk.words.catalogue import FOLDER as ENGINES
from states.terms import Role
from store import case as cases
from store import feed, identity
from workers.reach import House

__all__ = ["always", "owner", "there"]
BACK = f"{HERE}/login/back"


async def test_somebody_logs_in_at_the_provider_and_goes_on_and_out(there: There, owner: str) -> None:
    browser = there.console.browser()
    there.provider.person = owner
    led = await browser.get("/settings?saved=yes")
    page = await browser.client.get(led.headers["Location"])
    link = next(given["href"] for tag, given in Markup.of(page).elements if "login/provider" in given.get("href", ""))
    assert (unfit(page), "Log in with Example ID" in page.text, "password" in page.text) == ([], True, False)
    sent = await browser.client.get(link)
    name, *attributes = sent.headers["Set-Cookie"].split("; ")
    assert name.startswith("__Host-casework-login=")
    assert {one.lower() for one in attributes} == {"httponly", "secure", "samesite=lax", "path=/", "max-age=600"}
    came = await browser.client.get(await there.at_provider(sent.headers["Location"]))
    assert (came.status_code, came.headers["Location"]) == (303, f"{HERE}/settings?saved=yes")
    (asked,) = there.provider.asked
    assert (asked["redirect_uri"], asked["max_age"], "prompt" in asked) == (f"{ORIGIN}{BACK}", "43200", False)
    assert len({asked["state"], asked["nonce"], asked["code_challenge"]}) == 3
    kept, dropped = sorted(came.headers.get_list("Set-Cookie"), key=len, reverse=True)
    assert {"HttpOnly", "Secure", "SameSite=lax", "Max-Age=43200"} <= {*kept.split("; ")}
    assert dropped.startswith('__Host-casework-login="";')
    browser.token = browser.client.cookies[COOKIE]
    assert owner in (await browser.get("/settings")).text
    out = await browser.post("/logout")
    assert there.sessions(owner) == []
    page = await browser.client.get(out.headers["Location"])
    assert (unfit(page), "At your identity provider you may still be logged in" in page.text) == ([], True)
    left = await browser.get("/logout/provider")
    assert await there.at_provider(left.headers["Location"]) == f"{ORIGIN}{HERE}/login"
    assert parse_qs(urlsplit(left.headers["Location"]).query)["client_id"] == [CLIENT]


async def test_a_session_from_a_provider_is_as_one_from_a_password(there: There, owner: str) -> None:
    browser = await there.enters(owner)
    sent = {"Origin": ORIGIN, "X-CSRF-Token": csrf_token(browser.token or "")}
    who = (await browser.client.get(SESSION)).json()
    assert (who["person"], who["via"], who["csrf_token"]) == (owner, "session", sent["X-CSRF-Token"])
    assert datetime.fromisoformat(who["ends_at"]) - there.watch.now() <= errand.LASTS * 72  # half a day
    for stranger in ({}, {"Origin": "https://else.where"}):
        assert (await browser.client.post(f"{HERE}/logout", data={"csrf": "x"}, headers=stranger)).status_code == 403
    assert (await browser.client.delete(SESSION, headers=sent | {"X-CSRF-Token": "x"})).status_code == 403
    login = {"person": owner, "password": "x" * 12}
    assert (await browser.client.post(SESSION, json=login, headers=sent)).status_code == 403, "nobody has a password"
    first, _ = there.sessions(owner), await there.comes(browser)
    assert len(there.sessions(owner)) == 1, "the session before has ended"
    assert there.sessions(owner) != first
    there.watch.wait(minutes=30)
    assert (await browser.get("/settings")).headers["Location"].startswith(f"{HERE}/login?to=")


@pytest.mark.parametrize(("secret", "methods"), [(None, ["none"]), (SECRET, ["client_secret_post"])])
async def test_a_client_proves_itself_as_its_provider_asks(
    house: House, door: Door, owner: str, secret: str | None, methods: list[str]
) -> None:
    with providing(secret) as provider:
        provider.document = {"token_endpoint_auth_methods_supported": methods}
        async with browsed(house, door, clients=[provider.client()]) as console:
            await There(house, console, provider, Watch()).enters(owner)


async def test_staff_show_their_second_factor_at_the_provider_before_any_page(there: There) -> None:
    mia = await person(there.house, Role.MODERATOR)
    there.provider.methods = ["pwd"]
    browser = await there.enters(mia)
    led = await browser.get("/queue")
    assert led.headers["Location"].startswith(f"{HERE}/prove?to=")
    page = await browser.client.get(led.headers["Location"])
    assert (unfit(page), "again=yes" in page.text, "password" in page.text) == ([], True, False)
    assert refused(await there.comes(browser, again=True)) == (403, "login_without_second_factor")
    assert (await browser.get("/queue")).status_code == 303
    there.provider.methods = ["otp", "mfa"]
    assert (await there.comes(browser, to=f"{HERE}/queue", again=True)).headers["Location"] == f"{HERE}/queue"
    assert there.provider.asked[-1].items() >= {("prompt", "login"), ("max_age", "0"), ("acr_values", "mfa")}
    assert (await browser.get("/queue")).status_code == 200


async def grave(browser: Browser) -> tuple[int, str | None]:
    """A key is made: what must be proven just before."""
    sent = {"Origin": ORIGIN, "X-CSRF-Token": csrf_token(browser.token or ""), "Idempotency-Key": new("key")}
    made = await browser.client.post(KEYS, json={"label": new("label"), "scopes": ["read"]}, headers=sent)
    return made.status_code, made.json().get("code")


async def test_a_grave_act_wants_a_login_of_just_now(there: There, owner: str) -> None:
    there.provider.ago = 3600
    browser = await there.enters(owner)
    assert await grave(browser) == (403, "step_up_required"), "who logged in an hour ago has not done so now"
    before, hashes = browser.token, there.sessions(owner)
    there.provider.obeys = False
    assert refused(await there.comes(browser, again=True)) == (403, "login_not_fresh")
    there.provider.claims = {"auth_time": None}
    assert refused(await there.comes(browser, again=True)) == (403, "login_not_fresh")
    assert (browser.token, there.sessions(owner)) == (before, hashes), "nothing is half done"
    there.provider.obeys, there.provider.claims = True, {}
    assert (await there.comes(browser, again=True)).status_code == 303
    assert (browser.token == before, len(there.sessions(owner))) == (False, 1)
    assert await grave(browser) == (201, None)
    there.watch.wait(minutes=10, seconds=1)
    assert await grave(browser) == (403, "step_up_required")


async def test_a_provider_that_does_not_say_when_lets_nobody_do_what_is_grave(there: There, owner: str) -> None:
    there.provider.claims = {"auth_time": None}
    browser = await there.enters(owner)
    assert await grave(browser) == (403, "step_up_required")


async def test_who_logged_in_longer_ago_than_a_session_lasts_does_so_again(there: There, owner: str) -> None:
    there.provider.person, there.provider.ago = owner, 12 * 3600 + 60
    assert refused(await there.comes(there.console.browser())) == (403, "login_not_fresh")


async def test_a_step_up_is_by_the_same_person(there: There, owner: str) -> None:
    browser, other = await there.enters(owner), (await agency(there.house))[1]
    there.provider.person = other
    assert refused(await there.comes(browser, again=True)) == (403, "login_of_another")
    assert (len(there.sessions(owner)), there.sessions(other)) == (1, [])
    assert owner in (await browser.get("/settings")).text


async def test_a_step_up_after_the_session_has_ended_is_a_login(there: There, owner: str) -> None:
    browser = await there.enters(owner)
    there.watch.wait(minutes=31)
    assert (await there.comes(browser, again=True)).status_code == 303
    assert await grave(browser) == (201, None)


async def test_who_is_nobody_here_is_told_as_whom_they_came(there: There, owner: str) -> None:
    """Nobody of that name, one who has left while they were away, of a role that it can't vouch for, of the demo."""
    editor, of_the_cast = await person(there.house, Role.POLICY_EDITOR), await person(there.house, Role.MODERATOR)
    with there.house.engine.begin() as connection:
        identity.enter_account(connection, of_the_cast, hashed("casework-demo", QUICK), demo=True)
    for who in ("<b>nobody</b>", editor, of_the_cast):
        there.provider.person = who
        page = await there.comes(there.console.browser())
        assert refused(page) == (401, "login_nobody"), who
        assert "<b>nobody" not in page.text
        assert there.sessions(who) == []
    there.provider.person, browser = owner, there.console.browser()
    address = await there.at_provider(await there.begun(browser))
    with feeding(there.house) as connection:
        feed.ended(connection, owner, there.house.clock.now())
    assert refused(await browser.client.get(address)) == (401, "login_nobody")


async def test_what_was_typed_is_kept_while_somebody_logs_in_beside_it(there: There, owner: str) -> None:
    browser = await there.enters(owner)
    there.watch.wait(minutes=31)
    words = "Nội dung đã nhập, 内容 & <b>more</b>\nsecond line"
    asked = await browser.post("/settings", {"zone": words})
    carried = {"to": hidden(asked, "to")[0], "carried": [unescape(one) for one in hidden(asked, "carried")]}
    assert (asked.status_code, unfit(asked), 'target="_blank"' in asked.text) == (401, [], True)
    still = await browser.post("/resume", carried)
    assert (still.status_code, hidden(still, "carried")) == (401, hidden(asked, "carried"))
    assert "Nobody has logged in yet" in still.text
    (beside,) = {unescape(one) for one in re.findall(r'href="([^"]*login/provider[^"]*)"', asked.text)}
    sent = await browser.client.get(beside)
    came = await browser.client.get(await there.at_provider(sent.headers["Location"]))
    assert "You are logged in" in (await browser.client.get(came.headers["Location"])).text
    for one in (browser, there.console.browser()):
        assert (await one.post("/resume", carried, Origin="https://else.where")).status_code == 403
    resumed = await browser.post("/resume", carried)
    assert (resumed.status_code, unescape(hidden(resumed, "zone")[0]), unfit(resumed)) == (200, words, [])
    assert {*hidden(resumed, "csrf")} == {csrf_token(browser.client.cookies[COOKIE])}


async def test_a_grave_act_of_a_page_is_kept_while_its_sender_logs_in_again(there: There, door: Door) -> None:
    (_, jan), (lotus, _), mia = (
        await agency(there.house),
        await agency(there.house),
        await person(there.house, Role.MODERATOR),
    )
    filed = await door.send(
        jan, "report", {"clause": "agency.poaching", "against": lotus, "details": "x"}, key=new("key")
    )
    await door.send(mia, "claim", {}, key=new("key"), case=filed["case"])
    browser, path = await there.enters(mia), f"/cases/{filed['case']}"
    there.watch.wait(minutes=11)
    said = {"do": "decide", "finding": "violation", "severity": "severe", "reasons": "It was so, thrice."}
    seen = await browser.post(path, said)
    said |= {"basis": hidden(seen, "basis")[0], "version": hidden(seen, "version")[0]}
    asked = await browser.post(path, said)
    assert (asked.status_code, "again=yes" in asked.text, unfit(asked)) == (403, True, [])
    assert (await there.comes(browser, to=f"{HERE}/resume", again=True)).headers["Location"] == f"{HERE}/resume"
    carried = {"to": hidden(asked, "to")[0], "carried": [unescape(one) for one in hidden(asked, "carried")]}
    resumed = await browser.post("/resume", carried)
    fields = {name: unescape(hidden(resumed, name)[0]) for name in ("csrf", "key", *said)}
    sent = await browser.post(path, fields)
    assert sent.status_code == 303, sent.text
    with there.house.engine.connect() as connection:
        found = cases.read(connection, filed["case"])
    assert found is not None
    assert found.status != "claimed"


async def test_each_of_its_pages_is_said_in_the_reader_s_language(house: House, door: Door, owner: str) -> None:
    with providing() as provider:
        languages = Languages({PSEUDO: marked(FOLDER, marked(ENGINES))})
        async with browsed(house, door, clients=[provider.client()], languages=languages) as console:
            there, provider.person = There(house, console, provider, Watch()), owner
            browser = console.browser(language=PSEUDO)
            pages = [await browser.get("/login"), await browser.get("/login?left=yes"), await browser.post("/settings")]
            pages += [await browser.get("/login/back?state=x")]
            await there.comes(browser)
            pages += [await browser.get("/resume"), await browser.get("/prove")]
            for page in pages:
                said = unmarked("\n".join(Markup.of(page).texts)).replace("Casework", "")
                for data in ("Tiếng Việt", "English", "简体中文", owner):
                    said = said.replace(data, "")
                assert (unfit(page), re.findall(r"[^\W\d_]{2,}", said)) == ([], []), page.url
    for language, sentence in (
        ("en", "The login did not work"),
        ("vi", "Đăng nhập không thành công"),
        ("zh-CN", "登录未成功"),
    ):
        async with browsed(house, door, clients=[provider.client()]) as console:
            page = await console.browser(language=language).get("/login/back?state=x")
            assert (refused(page), sentence in page.text) == ((401, "login_lapsed"), True)
