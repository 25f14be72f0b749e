"""Strangers who log in by the hundred keep nobody else waiting, and nobody out for long."""

import asyncio
from functools import partial

import httpx
import pytest
from anyio.to_thread import current_default_thread_limiter
from argon2 import PasswordHasher
from knocking import KEYS, ORIGIN, PASSWORD, SESSION, STEP_UP, Client, Knock, knocking

from desk.identity.accounts import Accounts
from desk.identity.limits import Limits, address
from desk.identity.seats import SEATS, Seats
from desk.refusal import ProblemError
from states.terms import Role
from workers.reach import House

WRONG = "not the password"


@pytest.fixture
def knock(house: House) -> Knock:
    return knocking(house)


def limited(knock: Knock, a_minute: int) -> None:
    object.__setattr__(knock.app.state.service, "limits", Limits(a_minute))


async def test_a_crowd_of_strangers_keeps_nobody_else_waiting(knock: Knock) -> None:
    slow = PasswordHasher(time_cost=4, memory_cost=32_768, parallelism=1)
    knock.identities.accounts = Accounts(knock.house.engine, knock.watch.now, slow)
    owner = knock.person(Role.OWNER, knock.agency(), account=False)
    threads = current_default_thread_limiter()
    before, threads.total_tokens = threads.total_tokens, 10
    async with httpx.AsyncClient(transport=httpx.ASGITransport(knock.app), base_url=ORIGIN) as client:
        said = {"person": "nobody.at.all", "password": WRONG}
        crowd = [asyncio.create_task(client.post(SESSION, json=said)) for _ in range(200)]
        await asyncio.sleep(0.1)
        bearer = {"Authorization": f"Bearer {knock.own.token(owner)}"}
        answer = await client.get(SESSION, headers=bearer)
        still = sum(not one.done() for one in crowd)
        codes = [one.status_code for one in await asyncio.gather(*crowd)]
    threads.total_tokens = before
    assert answer.status_code == 200
    assert still > 0
    assert set(codes) == {401, 429}
    assert codes.count(401) < 2 * SEATS


async def test_a_seat_is_kept_until_the_work_ends() -> None:
    seats, end = Seats(), asyncio.Event()
    loop = asyncio.get_running_loop()

    def work() -> None:
        asyncio.run_coroutine_threadsafe(end.wait(), loop).result()

    waiting = [asyncio.create_task(seats.seated(work)) for _ in range(SEATS)]
    await asyncio.sleep(0.05)
    with pytest.raises(ProblemError, match="too_many_log_in"):
        await seats.seated(work)
    waiting[0].cancel()  # who sits and goes away leaves the work behind
    await asyncio.sleep(0.05)
    with pytest.raises(ProblemError):
        await seats.seated(work)
    end.set()
    await asyncio.gather(*waiting, return_exceptions=True)
    assert await seats.seated(partial(int, "1")) == 1


def test_an_address_from_which_much_failed_waits(knock: Knock) -> None:
    limited(knock, 60)  # of which three may fail
    kim = knock.person(Role.CREATOR)
    assert [knock.login("nobody.at.all", WRONG).status_code for _ in range(4)] == [401, 401, 401, 429]
    refused = knock.login(kim)
    assert (refused.status_code, refused.json()["code"]) == (429, "too_many_requests")
    assert 1 <= int(refused.headers["Retry-After"]) <= 60


def test_an_address_logs_in_so_often(knock: Knock) -> None:
    limited(knock, 15)  # of which three may log in
    kim = knock.person(Role.CREATOR)
    assert [knock.login(kim).status_code for _ in range(4)] == [201, 201, 201, 429]


@pytest.mark.parametrize(
    ("client", "expected"),
    [
        (("192.0.2.7", 1), "192.0.2.7"),
        (("2001:db8:0:1::7", 1), "2001:db8:0:1::/64"),
        (("fe80::1%eth0", 1), "fe80::/64"),
        (("testclient", 1), "testclient"),
        (None, ""),
    ],
)
def test_where_somebody_is(client: tuple[str, int] | None, expected: str) -> None:
    from fastapi import Request

    assert address(Request({"type": "http", "client": client})) == expected


def paused(knock: Knock, person: str) -> None:
    for _ in range(6):
        assert knock.login(person, WRONG).status_code == 401


def test_a_pause_that_others_make_keeps_nobody_out_who_is_in(knock: Knock) -> None:
    owner = knock.person(Role.OWNER, knock.agency())
    browser = knock.browser(owner)
    paused(knock, owner)
    failures = knock.account(owner).failures
    assert knock.login(owner).status_code == 401
    shown = browser.post(STEP_UP, {"password": PASSWORD})
    assert shown.status_code == 200
    browser.headers["X-CSRF-Token"] = shown.json()["csrf_token"]
    assert browser.get(KEYS).status_code == 200
    assert knock.account(owner).failures == failures  # who guesses has gained nothing by it


def test_who_fails_during_a_pause_is_out(knock: Knock) -> None:
    mia = knock.person(Role.MODERATOR, with_factor=True)
    browser = knock.browser(mia, code=knock.code(mia))
    paused(knock, mia)
    assert wrong(browser) == 403
    assert browser.get(SESSION).status_code == 401


def test_who_has_shown_no_factor_is_kept_out_by_a_pause(knock: Knock) -> None:
    mia = knock.person(Role.MODERATOR, with_factor=True)
    browser = knock.browser(mia)
    paused(knock, mia)
    assert browser.post(STEP_UP, {"code": knock.code(mia)}).status_code == 403
    assert browser.get(SESSION).status_code == 200


def wrong(browser: Client) -> int:
    return browser.post(STEP_UP, {"code": "000000"}).status_code
