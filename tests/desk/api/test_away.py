"""What is answered when the worker, Temporal or the database is away? `unavailable`, in time; and it never happens."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from conftest import new
from engines import beside, introduce, new_database
from pydantic import SecretStr
from served import V1, Api, served

from desk.api.rules import RULES
from desk.door.door import Door
from store.engine import connect
from workers.clock import Clock
from workers.embedded.port import free
from workers.house import up, work
from workers.reach import House
from workers.settings import Settings

POACHING = {"clause": "agency.poaching", "against": "lotus", "details": "They offered our creator money."}
IN_TIME = 17.0
READS = sorted(path for method, path in RULES if method == "GET")


def child(word: str) -> int:
    """The living child of ours whose command line has the word."""
    for task in Path("/proc/self/task").iterdir():
        for pid in (task / "children").read_text("ascii").split():
            if word.encode() in Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0"):
                return int(pid)
    raise LookupError(word)


async def filed(api: Api) -> str:
    answer = await api.send("jan", "POST", "/reports", POACHING)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["case"])


async def away(asking: Awaitable[httpx.Response]) -> None:
    """Asked now, it is answered in time that nobody could, and when to come again."""
    clock = asyncio.get_running_loop().time
    begun = clock()
    answer = await asking
    assert (answer.status_code, answer.json()["code"]) == (503, "unavailable"), answer.text
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert int(answer.headers["Retry-After"]) > 0
    assert clock() - begun < IN_TIME


async def unmoved(api: Api, case: str) -> None:
    """What was answered as not done is not done, also a while after everybody is back."""
    for _ in range(6):
        seen = (await api.get("mia", f"/cases/{case}")).json()
        assert (seen["status"], seen["version"]) == ("queued", 2)
        await asyncio.sleep(0.5)


def claim(api: Api, case: str, key: str) -> Awaitable[httpx.Response]:
    return api.send("mia", "POST", f"/cases/{case}/moves", {"do": "claim"}, key=key)


async def test_what_no_worker_did_is_answered_so_and_can_be_sent_again(house: House, tmp_path: Path) -> None:
    claiming, filing = new("key"), new("key")
    async with beside(house, "away", tmp_path) as other, Door.of(other) as door, served(other, door) as api:
        async with work(other):
            case = await filed(api)
        await asyncio.gather(
            away(claim(api, case, claiming)), away(api.send("jan", "POST", "/reports", POACHING, key=filing))
        )
        async with work(other):
            await unmoved(api, case)
            assert len((await api.get("jan", "/cases")).json()["cases"]) == 1
            again = await claim(api, case, claiming)
            assert (again.status_code, again.json()["status"]) == (200, "claimed")
            opened = await api.send("jan", "POST", "/reports", POACHING, key=filing)
            assert opened.status_code == 201, opened.text


@asynccontextmanager
async def with_own_temporal(house: House, folder: Path) -> AsyncIterator[tuple[Api, int]]:
    """The API of an engine with a Temporal of its own, and the pid of that."""
    postgres, temporal, ui, port = free(4)
    settings = Settings(
        data_dir=folder,
        database_url=new_database(house, "frozen"),
        command_key=SecretStr("the key of a frozen engine"),
        master_key=SecretStr("the key of a frozen engine"),
        keys_url=(folder / "keys").as_uri(),
        postgres_port=postgres,
        temporal_port=temporal,
        ui_port=ui,
        api_port=port,
    )
    async with up(settings, headless=True) as (other, _), Door.of(other) as door:
        introduce(other)
        async with served(other, door) as api:
            yield api, child(str(temporal))


async def test_what_a_frozen_temporal_gets_to_know_late_does_not_happen(house: House, tmp_path: Path) -> None:
    key = new("key")
    async with with_own_temporal(house, tmp_path) as (api, temporal):
        case = await filed(api)
        os.kill(temporal, signal.SIGSTOP)
        try:
            await away(claim(api, case, key))
        finally:
            os.kill(temporal, signal.SIGCONT)  # it now reads what was sent to it
        await unmoved(api, case)
        again = await claim(api, case, key)
        assert (again.status_code, again.json()["status"]) == (200, "claimed")


NAMES = {
    "case": "report-1", "subject": "lotus", "month": "2026-03", "webhook": "wh-1", "agency": "lotus", "person": "jan",
    "creator": "kim", "file": "ev-1", "before": "live", "after": "live", "version": "live",
}  # fmt: skip


@asynccontextmanager
async def without_database(house: House, url: str, pool: int = 5) -> AsyncIterator[tuple[Api, House]]:
    other = House(house.settings, connect(url, pool=pool), house.client, house.key, Clock(), house.keyring, url)
    door = Door.of(other, "nobody")
    async with served(other, door) as api:
        yield api, other
    other.engine.dispose()


@pytest.mark.parametrize("path", READS, ids=lambda path: path.removeprefix(V1))
async def test_every_read_without_a_database_is_unavailable(house: House, path: str) -> None:
    filled = path.format(**NAMES).removeprefix(V1)
    async with without_database(house, "postgresql://nobody@127.0.0.1:1/nothing") as (api, _):
        await away(
            api.get("jan", filled, **({"region": "VN"} if "/rulebook" in path and "/rulebooks" not in path else {}))
        )


@pytest.mark.parametrize(
    ("who", "method", "path", "body"),
    [
        ("jan", "POST", "/reports", POACHING),
        ("mia", "POST", "/cases/report-1/moves", {"do": "claim"}),
        ("platform", "PUT", "/agencies/ruby", {"region": "VN"}),
        ("platform", "POST", "/creators/kim/streaming-days", {"days": 1, "hours": 1}),
        ("platform", "POST", "/violations/batch", {"violations": [POACHING]}),
        ("nobody", "POST", "/session", {"person": "ann", "password": "casework-demo"}),
    ],
)
async def test_every_write_without_a_database_is_unavailable(
    house: House, who: str, method: str, path: str, body: Any
) -> None:
    async with without_database(house, "postgresql://nobody@127.0.0.1:1/nothing") as (api, _):
        await away(api.send(who, method, path, body))


async def test_a_database_that_is_too_busy_is_unavailable(house: House) -> None:
    url = house.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    async with without_database(house, url, pool=1) as (api, other):
        with other.engine.connect():
            await away(api.get("jan", "/cases"))
        assert (await api.get("jan", "/cases")).status_code == 200
