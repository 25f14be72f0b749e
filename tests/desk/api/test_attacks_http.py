"""Attacks on the API, on real sockets: whoever costs much and proves nothing keeps nobody else waiting."""

import asyncio
import json
import tracemalloc
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any

import pytest
from conftest import agency, new
from served import V1, Api, served
from sockets import Answer, Socket, connected, head

from desk.api.rules import LINES, SMALL
from desk.api.strict import BYTES_A_VALUE, DEEPEST, MOST_NAMES, parsed
from desk.door.door import Door
from desk.refusal import ProblemError
from desk.serving.connections import OF_AN_ADDRESS, Connections
from desk.serving.once import ONCE
from desk.serving.serve import listening
from desk.serving.unread import LITTLE
from desk.serving.work import AtWork
from workers.reach import House

LIVE = head("GET", "/health/live")
QUEUE = head("GET", f"{V1}/queue")
# Somebody who logs in, and never says more than how long that will be.
BEGUN = head("POST", f"{V1}/session", length=100)
BATCH = f"{V1}/violations/batch"


@pytest.fixture(scope="module")
async def api(house: House, door: Door) -> AsyncIterator[Api]:
    async with served(house, door) as made:
        yield made


@pytest.fixture(scope="module")
async def url(api: Api) -> AsyncIterator[str]:
    async with listening(api.app, "127.0.0.1", 0) as made:
        yield made


@pytest.fixture
async def one(url: str) -> AsyncIterator[Socket]:
    async with connected(url) as (made,):
        yield made


def proof(api: Api, who: str) -> dict[str, str]:
    return api.bearer(who) | {"Idempotency-Key": new("key")}


async def asked(url: str, lines: list[str], local: str = "127.0.0.1") -> Answer:
    async with connected(url, local=local) as (made,):
        return await made.ask(*lines)


# A connection costs something.


async def test_five_hundred_silent_sockets_keep_nobody_out(url: str) -> None:
    async with connected(url, 500) as silent:
        assert (await asked(url, QUEUE)).status == 401  # from the same address, too
        assert (await asked(url, QUEUE, "127.0.0.2")).status == 401
        assert (await asked(url, LIVE)).status == 200
        await asyncio.gather(*(each.closed() for each in silent[:-OF_AN_ADDRESS]))
        assert sum(each.open for each in silent) <= OF_AN_ADDRESS


async def test_silent_sockets_from_everywhere_give_way_to_whoever_asks(api: Api) -> None:
    bound = Connections(most=20, of_an_address=10)
    async with listening(api.app, "127.0.0.1", 0, connections=bound) as url, AsyncExitStack() as stack:
        crowd = [await stack.enter_async_context(connected(url, 10, f"127.0.1.{number}")) for number in range(1, 6)]
        assert (await asked(url, QUEUE, "127.0.2.1")).status == 401
        await asyncio.gather(*(each.closed() for silent in crowd[:3] for each in silent))
        assert all(each.open for each in crowd[4])  # the last to come have waited shortest


async def test_who_asks_is_not_closed_for_those_who_say_nothing(api: Api) -> None:
    bound = Connections(most=8, of_an_address=4)
    async with listening(api.app, "127.0.0.1", 0, connections=bound) as url, connected(url) as (working,):
        working.send(*BEGUN)
        async with connected(url, 20), connected(url, 20, "127.0.0.2"):
            working.writer.write(b'{"person": "nobody.at.all", "password": "x"}'.ljust(100))
            assert (await working.answer()).status == 401


@pytest.mark.parametrize("said", [b"", b"GET / HTTP/1.1\r\nHost: a\r\nX: "], ids=["nothing", "slow"])
async def test_a_head_has_a_deadline_however_it_comes(api: Api, said: bytes) -> None:
    async with listening(api.app, "127.0.0.1", 0, head_within=0.5) as url, connected(url) as (slow,):
        begun = asyncio.get_running_loop().time()
        slow.writer.write(said)
        reading = asyncio.create_task(slow.closed())
        while not reading.done():
            slow.writer.write(said[-1:])
            await asyncio.sleep(0.05)
        assert 0.4 < asyncio.get_running_loop().time() - begun < 10


@pytest.mark.parametrize("said", [b"", b"G"], ids=["nothing", "slow"])
async def test_a_kept_connection_has_a_deadline_for_each_further_head(api: Api, said: bytes) -> None:
    async with listening(api.app, "127.0.0.1", 0, head_within=0.5) as url, connected(url) as (kept,):
        for _ in range(3):
            assert (await kept.ask(*QUEUE)).status == 401
            await asyncio.sleep(0.3)  # each turn has the whole time
        kept.writer.write(said)
        reading = asyncio.create_task(kept.closed())
        while not reading.done():
            kept.writer.write(said)
            await asyncio.sleep(0.05)


async def test_what_is_left_of_a_body_has_that_deadline_too(api: Api) -> None:
    async with listening(api.app, "127.0.0.1", 0, head_within=0.5) as url, connected(url) as (slow,):
        assert (await slow.ask(*head("POST", BATCH, length=1000))).status == 401
        reading = asyncio.create_task(slow.closed())
        while not reading.done():
            slow.writer.write(b" ")
            await asyncio.sleep(0.01)


async def test_that_the_process_lives_is_told_when_an_address_has_all_its_connections_at_work(api: Api) -> None:
    async with listening(api.app, "127.0.0.1", 0, connections=Connections(of_an_address=4)) as url:
        async with connected(url, 4) as working:
            for each in working:
                each.send(*BEGUN)
            await asyncio.sleep(0.2)
            async with connected(url, 100):  # and more come, and say nothing
                live = await asked(url, LIVE)
                refused = await asked(url, QUEUE)
            assert (live.status, live.body) == (200, b'{"live":true}')
            assert (refused.status, refused.code) == (503, "unavailable")
            assert int(refused.headers["retry-after"]) > 0
            assert (await asked(url, QUEUE, "127.0.0.2")).status == 401
        await asyncio.sleep(0.2)
        assert (await asked(url, QUEUE)).status == 401


async def test_a_proxy_has_as_many_connections_as_it_needs(api: Api) -> None:
    bound = Connections(of_an_address=4, proxies=["127.0.0.1"])
    async with listening(api.app, "127.0.0.1", 0, connections=bound) as url, connected(url, 20) as through:
        for each in through:
            each.send(*BEGUN)
        await asyncio.sleep(0.2)
        assert (await asked(url, QUEUE)).status == 401


async def test_requests_at_work_are_bounded_and_the_living_process_is_outside() -> None:
    waits = asyncio.Event()

    async def application(scope: Any, _receive: Any, send: Any) -> None:
        if scope["path"] == "/slow":
            await waits.wait()
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body"})

    def refuse(refused: ProblemError) -> Any:
        async def answer(_scope: Any, _receive: Any, send: Any) -> None:
            assert refused.key == "too_many_at_work"
            await send({"type": "http.response.start", "status": 503, "headers": [(b"content-length", b"0")]})
            await send({"type": "http.response.body"})

        return answer

    bounded = AtWork(application, refuse, ["/health/live"], most=2)
    async with listening(bounded, "127.0.0.1", 0) as url, connected(url, 2) as slow:
        assert (await asked(url, head("GET", "/fast"))).status == 204  # idle connections are no work
        for each in slow:
            each.send(*head("GET", "/slow"))
        await asyncio.sleep(0.1)
        assert (await asked(url, head("GET", "/fast"))).status == 503
        assert (await asked(url, LIVE)).status == 204
        waits.set()
        assert [(await each.answer()).status for each in slow] == [204, 204]
        assert (await asked(url, head("GET", "/fast"))).status == 204


async def test_what_is_no_http_is_refused_and_closed(one: Socket, caplog: pytest.LogCaptureFixture) -> None:
    answer = await one.ask("BREW /pot COFFEE/1.0")
    assert (answer.status, answer.body) == (400, b"")
    assert {"cache-control", "x-content-type-options", "content-security-policy"} <= set(answer.headers)
    assert await one.closed() == b""
    heard = [
        line for line in caplog.records if not line.name.startswith("opentelemetry.")
    ]  # of another test's collector
    assert not heard, "whoever sends it fills no log"


# Who asks is decided before a body is read.


@pytest.mark.parametrize(("who", "status"), [(None, 401), ("jan", 403)])
async def test_nobodys_large_body_is_not_read(api: Api, one: Socket, who: str | None, status: int) -> None:
    # Nothing of the body is sent: whoever wanted to read it first would wait for it.
    answer = await one.ask(*head("POST", BATCH, length=LINES, proof=proof(api, who) if who else {}))
    assert (answer.status, answer.headers["connection"]) == (status, "close")
    assert await one.closed() == b""


async def test_a_body_without_end_is_not_read_either(one: Socket) -> None:
    chunked = head("POST", BATCH, "Transfer-Encoding: chunked", "Content-Type: application/json")
    assert (await one.ask(*chunked)).status == 401
    assert await one.closed() == b""


async def test_a_little_body_that_was_not_wanted_keeps_the_connection(one: Socket) -> None:
    for _ in range(3):
        answer = await one.ask(*head("POST", BATCH, length=LITTLE), body=b"x" * LITTLE)
        assert (answer.status, answer.headers.get("connection")) == (401, None)


@pytest.mark.parametrize(("method", "path", "most"), [("PUT", f"{V1}/agencies/ruby", SMALL), ("POST", BATCH, LINES)])
async def test_a_body_has_the_bound_of_its_route(api: Api, url: str, method: str, path: str, most: int) -> None:
    async with connected(url, 2) as (told, counted):
        told.send(*head(method, path, length=most + 1, proof=proof(api, "platform")))
        chunked = ["Transfer-Encoding: chunked", "Content-Type: application/json"]
        counted.send(*head(method, path, *chunked, proof=proof(api, "platform")))
        counted.writer.write(b"%x\r\n%s\r\n" % (most + 1, b" " * (most + 1)))  # and its end never comes
        for each in (told, counted):
            answer = await each.answer()
            assert (answer.status, answer.code, answer.headers["connection"]) == (413, "too_large", "close")


async def said(api: Api, one: Socket, who: str, path: str, body: bytes, method: str = "POST") -> Answer:
    return await one.ask(*head(method, path, length=len(body), proof=proof(api, who)), body=body)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (b"[" + b",".join([b"[]"] * (LINES // 3 - 1)) + b"]", "body"),
        (b'{"violations": [' + b",".join([b"{}"] * (LINES // BYTES_A_VALUE)) + b"]}", "body"),
        (b"[" * (DEEPEST + 1) + b"]" * (DEEPEST + 1), "body"),
        (b"[" * 100_000, "body"),
        (b"{" + b",".join(b'"%d":0' % number for number in range(MOST_NAMES + 1)) + b"}", "body"),
        (b'{"violations": NaN}', "body"),
        (b'{"violations": 1' + b"0" * 5_000 + b"}", "body"),
        (b'{"violations": "\xed\xa0\x80"}', "body"),
        (b'\xef\xbb\xbf{"violations": []}', "body"),
        (b'{"violations": [{"details": "\\ud800"}]}', "violations.0.details"),
        (b'{"violations": [{"\\udfff": 1}]}', "violations.0.?"),
    ],
    ids=[
        "lists",
        "objects",
        "deep",
        "bottomless",
        "names",
        "no number",
        "digits",
        "no UTF-8",
        "a mark",
        "half a letter",
        "a name",
    ],
)
async def test_a_body_that_costs_more_than_it_says_is_invalid(api: Api, one: Socket, body: bytes, field: str) -> None:
    answer = await said(api, one, "platform", BATCH, body)
    assert (answer.status, answer.code, answer.field) == (422, "invalid", field)


def test_what_is_both_deep_and_wide_takes_no_more_memory_than_what_it_says() -> None:
    """The path of each of its values would be as long as it is deep."""
    deep, wide = 900, SMALL // BYTES_A_VALUE - 1_000
    body = b"[" * deep + b",".join([b"0"] * wide) + b"]" * deep
    tracemalloc.start()
    try:
        with pytest.raises(ProblemError, match="too_deep"):
            parsed(body, SMALL)
        assert tracemalloc.get_traced_memory()[1] < 40 * len(body)
    finally:
        tracemalloc.stop()


async def test_texts_may_have_as_many_commas_as_letters(api: Api, one: Socket, house: House) -> None:
    (_, jan), (lotus, _) = await agency(house), await agency(house)
    report = {"clause": "agency.poaching", "against": lotus, "details": ", [" * 6_666, "evidence": "," * 20_000}
    answer = await said(api, one, jan, f"{V1}/reports", json.dumps(report).encode())
    assert answer.status == 201, answer.body


@pytest.mark.parametrize(
    ("who", "method", "path", "body", "field"),
    [
        ("platform", "POST", BATCH, '{"violations": [{"clause": "a", "details": "b", "details": "c"}]}', "violations.0.details"),
        ("platform", "POST", BATCH, '{"violations": [{"a": {"b": 1, "b": 2}}, {"a": 1, "a": 1}]}', "violations.1.a"),
        ("platform", "POST", BATCH, '{"violations": [{"x": 1, "x": 2}], "violations": []}', "violations"),
        ("platform", "PUT", f"{V1}/agencies/ruby", '{"region": "VN", "region": "DE"}', "region"),
        ("platform", "PUT", f"{V1}/agencies/ruby", '{"region": "VN", "reg\\u0069on": "DE"}', "region"),
        ("jan", "POST", f"{V1}/reports", '{"against": "lotus", "about": [{"z": [[{"y": 1, "y": 1}]]}]}', "about.0.z.0.0.y"),
        ("jan", "POST", f"{V1}/session", '{"person": "jan", "person": "sam", "password": "x"}', "person"),
    ],
)  # fmt: skip
async def test_a_name_that_is_said_twice_is_refused_at_every_depth(
    api: Api, one: Socket, who: str, method: str, path: str, body: str, field: str
) -> None:
    answer = await said(api, one, who, path, body.encode(), method)
    assert (answer.status, answer.code, answer.field) == (422, "invalid", field)


@pytest.mark.parametrize("name", sorted(set(ONCE.values()) - {"Host", "Content-Length", "Transfer-Encoding"}))
async def test_a_header_that_may_stand_once_stands_once(api: Api, one: Socket, name: str) -> None:
    known = {**proof(api, "jan"), "Content-Type": "application/json", "If-Match": '"1"', "Expect": "x"}
    line = f"{name}: {known.get(name, 'x')}"
    answer = await one.ask("POST /api/v1/reports HTTP/1.1", "Host: 127.0.0.1", line, line)
    assert (answer.status, answer.code, answer.field) == (422, "invalid", name)


@pytest.mark.parametrize(
    "lines", [["Host: a", "Host: a"], ["Host: a", "Content-Length: 1", "Content-Length: 2"],
              ["Host: a", "Transfer-Encoding: chunked", "Transfer-Encoding: chunked"]],
)  # fmt: skip
async def test_a_request_whose_end_or_place_is_said_twice_is_none(one: Socket, lines: list[str]) -> None:
    assert (await one.ask("POST /api/v1/reports HTTP/1.1", *lines, body=b"x")).status in {400, 501}
    assert await one.closed() == b""


async def test_a_body_whose_end_is_said_in_two_ways_is_refused_and_closed(one: Socket) -> None:
    answer = await one.ask(*head("POST", f"{V1}/session", "Transfer-Encoding: chunked", length=4), body=b"0\r\n\r\n")
    assert (answer.status, answer.code, answer.field) == (422, "invalid", "Content-Length")
    assert await one.closed() == b""


async def test_lists_may_come_in_parts(one: Socket) -> None:
    answer = await one.ask(*QUEUE, "Accept-Language: vi", "Accept-Language: en;q=0.5", "Cookie: a=1", "Cookie: b=2")
    assert answer.status == 401


async def test_who_proves_nothing_is_counted_by_address(house: House, door: Door) -> None:
    jan = (await agency(house))[1]
    async with served(house, door, a_minute=4) as api, listening(api.app, "127.0.0.1", 0) as url:
        unproven = ["Authorization: Bearer nothing"]
        answers = [await asked(url, [*QUEUE, *unproven]), *[await asked(url, QUEUE) for _ in range(3)]]
        assert [answer.status for answer in answers] == [401] * 4
        for more in ([], unproven):
            refused = await asked(url, [*QUEUE, *more])
            assert (refused.status, refused.code) == (429, "too_many_requests")
            assert 1 <= int(refused.headers["retry-after"]) <= 60
        assert (await asked(url, head("POST", f"{V1}/session", length=LITTLE))).status == 429  # and is not read
        known = [f"{name}: {value}" for name, value in api.bearer(jan).items()]
        assert (await asked(url, [*head("GET", f"{V1}/cases"), *known])).status == 200  # who is somebody is served
        assert (await asked(url, QUEUE, "127.0.0.2")).status == 401
        assert (await asked(url, LIVE)).status == 200
