"""Logging in to the console at an identity provider: there and back over HTTP, and what must not get anybody in."""

import re
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from html import unescape
from typing import Any
from urllib.parse import parse_qs, urlsplit

import hostile
import httpx
import pytest
import sqlalchemy as sa
from conftest import agency, feeding, new, person
from consoles import ORIGIN, Browser, Console, browsed, hidden
from knocking import KEYS, QUICK, SESSION, Watch
from markup import Markup, unfit
from providing import CLIENT, SECRET, Provider, providing
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
from store.schema.identity import sessions
from workers.reach import House

BACK = f"{HERE}/login/back"


@dataclass
class There:
    """The console, its provider, and a clock that both go by."""

    house: House
    console: Console
    provider: Provider
    watch: Watch

    async def begun(self, browser: Browser, to: str = f"{HERE}/settings", *, again: bool = False) -> str:
        """Where at the provider the console sends somebody."""
        led = await browser.client.get(
            f"{HERE}/login/provider", params={"to": to} | ({"again": "yes"} if again else {})
        )
        assert led.status_code == 303, led.text
        return led.headers["Location"]

    async def at_provider(self, address: str) -> str:
        """Where it sends them back."""
        async with httpx.AsyncClient(verify=False) as client:  # noqa: S501  # it is on this machine, without TLS
            answer = await client.get(address)
        assert answer.status_code == 302
        return str(answer.headers["Location"])

    async def comes(self, browser: Browser, **how: Any) -> httpx.Response:
        """The whole way, there and back."""
        came = await browser.client.get(await self.at_provider(await self.begun(browser, **how)))
        browser.token = browser.client.cookies.get(COOKIE, domain="casework.test")
        return came

    async def enters(self, who: str) -> Browser:
        self.provider.person = who
        browser = self.console.browser()
        came = await self.comes(browser)
        assert (came.status_code, came.headers["Location"]) == (303, f"{HERE}/settings"), came.text
        return browser

    def sessions(self, who: str) -> list[str]:
        with self.house.engine.connect() as connection:
            return [*connection.execute(sa.select(sessions.c.token_hash).where(sessions.c.person == who)).scalars()]


@pytest.fixture(scope="module")
async def always(house: House, door: Door) -> AsyncIterator[There]:
    watch = Watch()
    with providing() as provider:
        async with browsed(house, door, clients=[provider.client()], now=watch.now) as console:
            yield There(house, console, provider, watch)


@pytest.fixture
async def there(always: There) -> There:
    """As it was set up, at the time of now."""
    always.watch.at = datetime.now(UTC)
    kept = {"url": always.provider.url, "now": always.watch.now}
    vars(always.provider).update(vars(Provider()) | kept)
    return always


@pytest.fixture
async def owner(house: House) -> str:
    return (await agency(house))[1]


def refused(page: httpx.Response) -> tuple[int, str]:
    """The status and code of a page that says why nobody was logged in."""
    assert unfit(page) == []
    found = re.search(r"<code>(\w+)</code>", page.text)
    assert found, page.text
    assert (COOKIE + "=" in str(page.headers.get_list("Set-Cookie"))) is False
    return page.status_code, found[1]


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


# What comes back of a login, and how it is changed on the way: its query, or what the browser keeps of it.
Changed = Callable[[Browser, str], str]


def swap(name: str, value: str, _: Browser, address: str) -> str:
    parts = urlsplit(address)
    said = parse_qs(parts.query) | {name: [value]}
    return str(httpx.URL(address).copy_with(params={key: values[0] for key, values in said.items()}))


def lose(name: str, _: Browser, address: str) -> str:
    return str(httpx.URL(address).copy_remove_param(name))


def twice(name: str, _: Browser, address: str) -> str:
    return str(httpx.URL(address).copy_add_param(name, httpx.URL(address).params[name]))


def keep(value: str | None, browser: Browser, address: str) -> str:
    browser.client.cookies.delete(errand.COOKIE)
    if value is not None:
        browser.client.cookies.set(errand.COOKIE, value, domain="casework.test")
    return address


def alter(browser: Browser, address: str) -> str:
    """One letter of what it keeps, in the middle."""
    known = browser.client.cookies[errand.COOKIE]
    place = len(known) // 2
    return keep(f"{known[:place]}{'A' if known[place] != 'A' else 'B'}{known[place + 1 :]}", browser, address)


CHANGES: dict[str, tuple[Changed, int, str]] = {
    "another state": (partial(swap, "state", "x" * 43), 401, "login_lapsed"),
    "no state": (partial(lose, "state"), 401, "login_lapsed"),
    "two states": (partial(twice, "state"), 401, "login_lapsed"),
    "no errand": (partial(keep, None), 401, "login_lapsed"),
    "an errand that was changed": (alter, 401, "login_lapsed"),
    "an errand of no key": (partial(keep, "gAAAAA" + "x" * 100), 401, "login_lapsed"),
    "another provider's answer": (partial(swap, "iss", "https://id.example"), 401, "login_not_accepted"),
    "an answer of nobody's": (partial(lose, "iss"), 401, "login_not_accepted"),
    "answers of two": (partial(twice, "iss"), 401, "login_not_accepted"),
    "no code": (partial(lose, "code"), 401, "login_not_accepted"),
    "an empty code": (partial(swap, "code", ""), 401, "login_not_accepted"),
    "two codes": (partial(twice, "code"), 401, "login_not_accepted"),
    "a code that is none": (partial(swap, "code", "guessed"), 401, "login_not_accepted"),
    "denied": (partial(swap, "error", "access_denied"), 401, "login_denied"),
    "an error of its own": (partial(swap, "error", "<script>alert(1)</script>"), 401, "login_denied"),
    "away for a while": (partial(swap, "error", "temporarily_unavailable"), 503, "provider_away"),
}


@pytest.mark.parametrize(("changed", "status", "code"), CHANGES.values(), ids=CHANGES)
async def test_what_comes_back_otherwise_lets_nobody_in(
    there: There, owner: str, changed: Changed, status: int, code: str
) -> None:
    browser, there.provider.person = there.console.browser(), owner
    address = await there.at_provider(await there.begun(browser))
    page = await browser.client.get(changed(browser, address))
    assert refused(page) == (status, code)
    assert (there.sessions(owner), "alert(1)" in page.text) == ([], False)


def as_hmac(claims: dict[str, Any]) -> str:
    head, _, _ = hostile.with_hmac(hostile.PEM).split(".")
    return f"{head}.{hostile.encoded(claims)}.{hostile.encoded(b'x' * 32)}"


def unsigned(claims: dict[str, Any]) -> str:
    return f"{hostile.encoded({'alg': 'none', 'typ': 'JWT'})}.{hostile.encoded(claims)}."


TOKENS: dict[str, dict[str, Any]] = {
    "another nonce": {"claims": {"nonce": "x" * 43}},
    "no nonce": {"claims": {"nonce": None}},
    "a nonce of another type": {"claims": {"nonce": ["x"]}},
    "another issuer": {"claims": {"iss": "https://id.example"}},
    "for the API": {"claims": {"aud": "casework"}},
    "for another client": {"claims": {"aud": "other"}},
    "given to another client": {"claims": {"azp": "other"}},
    "for two, given to another": {"claims": {"aud": [CLIENT, "other"], "azp": "other"}},
    "expired": {"claims": {"exp": 1}},
    "of tomorrow": {"claims": {"iat": 9_999_999_999, "exp": 9_999_999_999}},
    "a logout's": {"claims": {"events": {}}},
    "alg none": {"token": unsigned},
    "HMAC with the public key": {"token": as_hmac},
    "signed by another": {"token": partial(hostile.signed, key=hostile.ATTACKER)},
    "of a key that is not known": {"token": partial(hostile.signed, kid="other")},
    "no token": {"token": lambda _: "x"},
    "none at all": {"answer": (200, b'{"access_token": "x"}')},
    "a list": {"answer": (200, b"[]")},
}


@pytest.mark.parametrize("lie", TOKENS.values(), ids=TOKENS)
async def test_an_id_token_that_is_not_exactly_right_lets_nobody_in(there: There, owner: str, lie: Any) -> None:
    vars(there.provider).update(lie, person=owner)
    browser = there.console.browser()
    assert refused(await there.comes(browser)) == (401, "login_not_accepted")
    assert (there.sessions(owner), browser.client.cookies.get(errand.COOKIE)) == ([], None)


@pytest.mark.parametrize("answer", [(500, b""), (302, b""), (429, b"{}"), (200, b"<html>"), (200, b" " * 300_000)])
async def test_a_provider_that_is_away_says_so(there: There, owner: str, answer: tuple[int, bytes]) -> None:
    there.provider.person, there.provider.answer = owner, answer
    assert refused(await there.comes(there.console.browser())) == (503, "provider_away")
    assert there.sessions(owner) == []


@pytest.mark.parametrize(
    "document",
    [
        {"issuer": "https://id.example"},
        {"token_endpoint": "http://id.example/token"},
        {"authorization_endpoint": None},
        {"authorization_endpoint": "javascript:alert(1)"},
    ],
)
async def test_a_document_that_can_t_be_trusted_sends_nobody_anywhere(
    house: House, door: Door, document: dict[str, Any]
) -> None:
    with providing() as provider:
        provider.document = document
        async with browsed(house, door, clients=[provider.client()]) as console:
            page = await console.browser().get("/login/provider")
            assert refused(page) == (503, "provider_away")
            assert (await console.browser().get("/login?left=yes")).status_code == 200


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


async def test_a_login_is_of_one_browser_and_one_time(there: There, owner: str) -> None:
    attacker, victim = await person(there.house, Role.MODERATOR), there.console.browser()
    there.provider.person, mallory = attacker, there.console.browser()
    answer = await there.at_provider(await there.begun(mallory))
    # An attacker's answer in a browser that has begun nothing, and in one that has begun its own.
    assert refused(await victim.client.get(answer)) == (401, "login_lapsed")
    there.provider.person = owner
    own = await there.at_provider(await there.begun(victim))
    assert refused(await victim.client.get(answer)) == (401, "login_lapsed")
    # With the victim's state: their proof key is not the one that the code was asked for with (RFC 7636).
    stolen = swap("code", httpx.URL(answer).params["code"], victim, own)
    kept = victim.client.cookies[errand.COOKIE]
    assert refused(await victim.client.get(stolen)) == (401, "login_not_accepted")
    assert there.sessions(attacker) == []
    # Their own answer is good once, whatever the browser keeps.
    for expected in (303, 401):
        victim.client.cookies.set(errand.COOKIE, kept, domain="casework.test")
        assert (await victim.client.get(own)).status_code == expected
    assert len(there.sessions(owner)) == 1


async def test_a_login_takes_ten_minutes_at_most(there: There, owner: str) -> None:
    there.provider.person = owner
    for minutes, expected in ((9.9, 303), (10.1, 401)):
        browser = there.console.browser()
        address = await there.at_provider(await there.begun(browser))
        there.watch.wait(minutes=minutes)
        assert (await browser.client.get(address)).status_code == expected
        there.watch.wait(minutes=-minutes)


async def test_an_answer_of_one_provider_is_none_of_another_s(house: House, door: Door, owner: str) -> None:
    """The mix-up: whoever runs one of them has a login that was begun at the other one answered with a code of theirs."""
    with providing() as one, providing() as other:
        for each in (one, other):
            each.person = owner
            each.document = {"authorization_response_iss_parameter_supported": False}
            each.back = {"iss": None}
        async with browsed(house, door, clients=[one.client(), other.client(name="Other ID")]) as console:
            there, browser = There(house, console, one, Watch()), console.browser()
            assert re.findall(r"Log in with (\w+) ID", (await browser.get("/login")).text) == ["Example", "Other"]
            assert (await browser.get("/login/provider")).headers["Location"].startswith(f"{HERE}/login?"), "which one?"
            begun = await browser.client.get(f"{HERE}/login/provider", params={"at": one.url})
            answer = await there.at_provider(begun.headers["Location"].replace(one.url, other.url, 1))
            assert refused(await browser.client.get(answer)) == (401, "login_not_accepted")
            assert (there.sessions(owner), other.redeemed, len(one.redeemed)) == ([], [], 1)


@pytest.mark.parametrize(
    "to",
    [
        "https://else.where/console/",
        "//else.where",
        "/api/v1/docs",
        "/console/\\x",
        "/console/\r\nX: y",
        "/console/?" + "x" * 2000,
    ],
)
async def test_nobody_is_led_elsewhere(there: There, owner: str, to: str) -> None:
    there.provider.person = owner
    came = await there.comes(there.console.browser(), to=to)
    assert (came.status_code, came.headers["Location"]) == (303, f"{HERE}/")


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
async def test_another_site_sends_nobody_to_the_provider(there: There, site: str) -> None:
    led = await there.console.browser().get("/login/provider?to=/console/queue", **{"Sec-Fetch-Site": site})
    assert (led.headers["Location"], "Set-Cookie" in led.headers) == (f"{HERE}/login?to=%2Fconsole%2Fqueue", False)
    assert (await there.console.browser().get("/login/back")).headers["Location"].startswith(f"{HERE}/login?")


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
    assert (await browser.post("/resume", carried, Origin="https://else.where")).status_code == 403
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
    for language, sentence in (("en", "Nobody was logged in"), ("vi", "Chưa đăng nhập được"), ("zh-CN", "未能登录")):
        async with browsed(house, door, clients=[provider.client()]) as console:
            page = await console.browser(language=language).get("/login/back?state=x")
            assert (refused(page), sentence in page.text) == ((401, "login_lapsed"), True)
