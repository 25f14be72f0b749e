"""A batch, and any other body, is answered in time, whatever is left."""

import asyncio
from collections.abc import AsyncIterator, MutableMapping
from typing import Any

import pytest
from conftest import creator, new
from served import V1, Api, served

from activities.limits import LONGEST_ANSWER as DEADLINE
from desk.api.routes import violations
from desk.door.door import Door
from desk.serving.deadline import Deadline
from workers.reach import House


@pytest.fixture(scope="module")
async def api(house: House, door: Door) -> AsyncIterator[Api]:
    async with served(house, door) as made:
        yield made


async def lines_of(house: House, count: int) -> dict[str, Any]:
    kim = await creator(house)
    line = {"clause": "content.gambling", "against": kim, "details": "seen", "severity": "mild"}
    return {"violations": [line | {"details": f"seen {number}"} for number in range(count)]}


async def test_lines_for_which_there_was_no_time_are_done_under_the_same_key(
    house: House, api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    key, said = new("key"), await lines_of(house, 24)
    with monkeypatch.context() as hurry:
        hurry.setattr(violations, "LAST_BEGUN", 0.2)
        told = (await api.send("platform", "POST", "/violations/batch", said, key=key)).json()
    done = [line for line in told["lines"] if line["status"] == 201]
    late = [line for line in told["lines"] if line["status"] == 503]
    assert (len(done), len(late)) == (told["done"], told["refused"])
    assert len(done) + len(late) == 24
    assert late
    assert {line["code"] for line in late} == {"unavailable"}
    assert all(set(line) == {"line", "status", "case"} for line in done)
    assert all(set(line) == {"line", "status", "code", "detail"} for line in late)
    again = (await api.send("platform", "POST", "/violations/batch", said, key=key)).json()
    assert again["done"] == 24
    assert all(line in again["lines"] for line in done)
    assert len({line["case"] for line in again["lines"]}) == 24


async def test_a_line_that_takes_too_long_is_not_waited_for(
    house: House, api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    key, said = new("key"), await lines_of(house, 2)
    with monkeypatch.context() as hurry:
        hurry.setattr(violations, "LONGEST", 0.0)
        told = (await api.send("platform", "POST", "/violations/batch", said, key=key)).json()
    assert [line["code"] for line in told["lines"]] == ["unavailable"] * 2
    again = (await api.send("platform", "POST", "/violations/batch", said, key=key)).json()
    assert again["done"] == 2


async def test_of_one_act_the_line_that_was_sent_first_counts(house: House, api: Api) -> None:
    line, acts = (await lines_of(house, 1))["violations"][0], [new("act") for _ in range(6)]
    said = [line | {"reference": act, "severity": how} for act in acts for how in ("mild", "mild", "severe")]
    told = (await api.send("platform", "POST", "/violations/batch", {"violations": said}, key=new("key"))).json()
    assert [found["line"] for found in told["lines"]] == list(range(18))
    assert [found["status"] for found in told["lines"]] == [201, 201, 422] * 6
    assert all(told["lines"][n]["case"] == told["lines"][n + 1]["case"] for n in range(0, 18, 3))
    assert {found["field"] for found in told["lines"][2::3]} == {"reference"}


def test_a_batch_ends_before_the_deadline() -> None:
    assert violations.LAST_BEGUN < violations.LONGEST < DEADLINE


async def test_a_body_that_never_ends_is_answered_in_time(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Deadline.__init__, "__defaults__", (0.2,))
    monkeypatch.setattr(api.app, "middleware_stack", api.app.build_middleware_stack())
    told: list[MutableMapping[str, Any]] = []

    async def receive() -> dict[str, Any]:
        await asyncio.sleep(0.05)
        return {"type": "http.request", "body": b" ", "more_body": True}

    async def send(message: MutableMapping[str, Any]) -> None:
        told.append(message)

    scope = {
        "type": "http",
        "method": "POST",
        "path": f"{V1}/reports",
        "raw_path": b"",
        "query_string": b"",
        "headers": [(b"authorization", api.bearer("platform")["Authorization"].encode())],
    }
    async with asyncio.timeout(5):
        await api.app({**scope, "root_path": "", "scheme": "http", "http_version": "1.1"}, receive, send)
    assert told[0]["status"] == 503
