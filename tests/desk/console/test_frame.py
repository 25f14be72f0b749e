"""Who asks for a page is known before what they say is read; what a session's end interrupts is not lost."""

from collections.abc import AsyncIterator
from datetime import timedelta
from html import unescape

import pytest
from conftest import agency, new, person
from consoles import ORIGIN, Browser, Console, browsed, hidden

from desk.console.page import HERE, asset
from desk.console.words import spoken
from desk.demo.accounts import PASSWORD
from desk.door.door import Door
from desk.identity import factor
from desk.identity.accounts import hashed
from desk.identity.sessions import COOKIE
from states.terms import Role
from store import identity, session
from workers.reach import House


@pytest.fixture(scope="module")
async def console(house: House, door: Door) -> AsyncIterator[Console]:
    async with browsed(house, door) as made:
        yield made


@pytest.fixture
async def owner(house: House) -> str:
    _, owner = await agency(house)
    with house.engine.begin() as connection:
        identity.enter_account(connection, owner, hashed(PASSWORD))
    return owner


async def test_a_stranger_is_led_to_the_login_and_back(console: Console, owner: str) -> None:
    stranger = console.browser()
    led = await stranger.get("/?a=b")
    assert (led.status_code, led.headers["Location"]) == (303, f"{HERE}/login?to=/console/%3Fa%3Db")
    shown = await stranger.get("/login?to=/console/%3Fa%3Db")
    said = {"person": owner, "password": PASSWORD, "to": unescape(hidden(shown, "to")[0])}
    back = await stranger.post("/login", said)
    assert (back.status_code, back.headers["Location"]) == (303, f"{HERE}/?a=b")
    assert "HttpOnly" in back.headers["Set-Cookie"]


async def test_where_people_come_from_a_provider_the_login_says_that_nobody_logs_in_here(
    house: House, door: Door
) -> None:
    async with browsed(house, door, local_accounts=False) as there:
        shown = await there.browser().get("/login")
        assert ("Nobody can log in to these pages" in shown.text, 'name="password"' in shown.text) == (True, False)
        sent = await there.browser().post("/login", {"person": "mia", "password": PASSWORD})
        assert (sent.status_code, "bring your provider&#39;s token" in sent.text) == (403, True)


@pytest.mark.parametrize(
    "to",
    [
        "https://else.where/console/",
        "//else.where/console/",
        "//[",
        "/api/v1/docs",
        "/console/\\x",
        "/console/\r\nSet-Cookie: a=b",
    ],
)
async def test_nobody_is_led_elsewhere(console: Console, owner: str, to: str) -> None:
    back = await console.browser().post("/login", {"person": owner, "password": PASSWORD, "to": to})
    assert back.headers["Location"] == f"{HERE}/"
    assert (await console.browser().client.get(f"{HERE}/login", params={"to": to})).status_code == 200


async def test_what_is_no_text_is_refused_in_every_form(console: Console, owner: str) -> None:
    """PostgreSQL has no text with a NUL; the page says so, and names the field."""
    browser = console.browser(owner)
    for path, said in (
        ("/login", {"person": "a\0", "password": "b"}),
        ("/appeals/new", {"of": "a\0"}),
        ("/reports/new", {"do": "bring", "evidence": "a\0"}),
        ("/reports/new", {"do": "drop", "key": "a\0"}),
    ):
        answer = await browser.post(path, said)
        field = next(name for name, value in said.items() if "\0" in value)
        assert (answer.status_code, spoken().words("en").field(field) in answer.text) == (422, True), path


async def test_a_form_that_takes_no_files_is_not_read_for_them(console: Console, owner: str) -> None:
    """Whoever asks: what was not asked for is not read to its end."""
    read = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal read
        yield b'--x\r\nContent-Disposition: form-data; name="f"; filename="f"\r\n\r\n'
        while read < 2**24:
            read += 2**20
            yield b"x" * 2**20

    kind = {"Content-Type": "multipart/form-data; boundary=x", "Origin": ORIGIN}
    for browser, path in (
        (console.browser(), "/login"),
        (console.browser(), "/queue"),
        (console.browser(owner), "/settings"),
    ):
        answer = await browser.client.post(HERE + path, content=endless(), headers=kind)
        assert (answer.status_code, read) in {(422, 0), (401, 0)}, path


async def test_what_fails_is_a_page_too(console: Console, owner: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(console.service.rules, "regions", None)
    answer = await console.browser(owner).get("/rules")
    assert (answer.status_code, 'role="alert"' in answer.text, "key" in answer.text) == (500, True, False)
    assert "script-src 'self'" in answer.headers["Content-Security-Policy"]


async def test_a_wrong_password_says_so_at_the_form(console: Console, owner: str) -> None:
    answer = await console.browser().post("/login", {"person": owner, "password": "wrong"})
    assert (answer.status_code, 'role="alert"' in answer.text) == (401, True)
    assert COOKIE not in answer.headers.get("Set-Cookie", "")


@pytest.mark.parametrize(
    ("headers", "said"),
    [({"Origin": "https://else.where"}, {}), ({"Origin": "null"}, {}), ({}, {"csrf": "wrong"}), ({}, {"csrf": ""})],
)
async def test_a_form_of_another_site_is_refused(
    console: Console, owner: str, headers: dict[str, str], said: dict[str, str]
) -> None:
    browser = console.browser(owner)
    assert (await browser.post("/logout", said, **headers)).status_code == 403
    assert (await browser.get("/")).status_code == 303


async def test_what_was_typed_outlives_the_session(console: Console, owner: str) -> None:
    browser = console.browser(owner)
    with console.service.engine.begin() as connection:
        session.end_all(connection, owner)
    words = "Nội dung đã nhập, 内容 & <b>more</b>\nsecond line"
    asked = await browser.post("/logout", {"reasons": words})
    assert asked.status_code == 401
    said = {"person": owner, "password": PASSWORD, "to": unescape(hidden(asked, "to")[0])}
    carried = [unescape(one) for one in hidden(asked, "carried")]
    resumed = await browser.post("/login", said | {"carried": carried})
    assert resumed.status_code == 200
    assert unescape(hidden(resumed, "reasons")[0]) == words
    browser.token = browser.client.cookies.get(COOKIE, domain="casework.test")
    assert (await browser.post("/logout", {"reasons": words})).status_code == 303


async def test_what_is_carried_is_no_more_than_what_was_sent(console: Console) -> None:
    """Or a short form of a stranger's would become a long page."""
    said = {"person": new("nobody"), "password": "x", "carried": "&".join(["a=b"] * 1000)}
    asked = await console.browser().post("/login", said)
    assert (asked.status_code, len(hidden(asked, "carried"))) == (401, 1)


async def test_staff_show_their_second_factor_before_any_page(console: Console, house: House) -> None:
    mia = await person(house, Role.MODERATOR)
    led = await console.browser(mia, factor_shown_ago=None).get("/")
    assert led.headers["Location"].startswith(f"{HERE}/prove")
    assert (
        (await console.browser(mia, factor_shown_ago=timedelta(hours=1)).get("/"))
        .headers["Location"]
        .endswith("/queue")
    )


async def test_a_page_that_is_none_says_so_in_the_browsers_language(console: Console) -> None:
    for language, sentence in (("en", "Nothing is here"), ("vi", "Không có gì ở đây"), ("zh-CN", "这里没有内容")):
        answer = await console.browser(language=language).get(f"/{new('nowhere')}")
        assert (answer.status_code, sentence in answer.text) == (404, True)
        assert answer.headers["Content-Language"] == language[:2]
    assert (await console.browser().client.request("DELETE", f"{HERE}/login")).status_code == 405


async def test_pages_run_nothing_but_our_script(console: Console) -> None:
    headers = (await console.browser().get("/login")).headers
    assert "script-src 'self'" in headers["Content-Security-Policy"]
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert (headers["Referrer-Policy"], headers["Cache-Control"]) == ("same-origin", "no-store")


async def test_the_consoles_files_are_kept_and_nothing_else_is_served(console: Console) -> None:
    stranger = console.browser()
    kept = await stranger.client.get(asset("console.css"))
    assert (kept.status_code, "immutable" in kept.headers["Cache-Control"]) == (200, True)
    plain = await stranger.client.get(asset("console.css"), headers={"Accept-Encoding": "identity"})
    assert (kept.headers["Content-Encoding"], "Content-Encoding" in plain.headers) == ("gzip", False)
    assert kept.text == plain.text
    elsewhere = asset("console.css").replace("/assets/", "/assets/x/assets/").removeprefix(HERE)
    for path in (
        "/assets/console.css",
        "/assets/x/../app.py",
        "/assets/%2e%2e/app.py",
        "/assets/",
        elsewhere,
        "/login/",
    ):
        assert (await stranger.get(path)).status_code == 404
    assert (await stranger.client.post(asset("console.css"))).status_code == 405


@pytest.mark.parametrize("kind", ["application/json", "multipart/form-data; boundary=x", "text/plain"])
async def test_what_is_no_form_is_refused(console: Console, owner: str, kind: str) -> None:
    browser: Browser = console.browser(owner)
    sent = await browser.client.post(f"{HERE}/logout", content=b"{}", headers={"Content-Type": kind, "Origin": ORIGIN})
    assert sent.status_code == 422


async def test_what_meets_a_missing_second_factor_is_carried_through_its_proof(console: Console, house: House) -> None:
    mia = await person(house, Role.MODERATOR)
    secret = factor.new_secret()
    with house.engine.begin() as connection:
        identity.enter_account(connection, mia, hashed(PASSWORD))
        identity.change_account(connection, mia, {"totp_secret": secret})
    browser = console.browser(mia, factor_shown_ago=None)
    asked = await browser.post("/prove", {"code": "000000", "to": f"{HERE}/queue", "carried": "reasons=typed"})
    assert (asked.status_code, hidden(asked, "carried")) == (403, ["reasons=typed"])
    code = factor.code(secret, console.service.identities.now())
    shown = await browser.post("/prove", {"code": code, "to": f"{HERE}/queue", "carried": "reasons=typed"})
    assert (shown.status_code, hidden(shown, "reasons")) == (200, ["typed"])
