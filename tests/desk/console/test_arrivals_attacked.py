"""What comes back from a provider lets nobody in unless it is exactly right, and nothing is left of it."""

import re
from collections.abc import Callable
from functools import partial
from typing import Any
from urllib.parse import parse_qs, urlsplit

import hostile
import httpx
import pytest
from arriving import There, always, owner, refused, there
from conftest import person
from consoles import Browser, browsed
from knocking import Watch
from providing import CLIENT, providing

from desk.console.page import HERE
from desk.door.door import Door
from desk.identity import errand
from desk.identity.identities import Identities
from states.terms import Role
from workers.reach import House

__all__ = ["always", "owner", "there"]
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


async def test_who_fails_often_waits_and_the_provider_is_left_alone(house: House, door: Door, owner: str) -> None:
    with providing() as provider:
        async with browsed(house, door, clients=[provider.client()], a_minute=40) as console:
            there, provider.person, provider.claims = There(house, console, provider, Watch()), owner, {"nonce": "x"}
            for _ in range(2):
                assert refused(await there.comes(console.browser())) == (401, "login_not_accepted")
            provider.claims = {}
            waits = await there.comes(console.browser())
            assert (refused(waits), "Retry-After" in waits.headers) == ((429, "too_many_requests"), True)
            assert len(provider.redeemed) == 2


def test_without_a_key_nobody_is_sent_anywhere(house: House) -> None:
    with providing() as provider, pytest.raises(ValueError, match="sealed by a key"):
        Identities(house.engine, clients=[provider.client()])
