"""A hundred cases are under way when the worker, then Temporal, then PostgreSQL are killed. Nothing is lost or doubled."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from pydantic import SecretStr
from temporalio.client import WorkflowExecutionStatus
from temporalio.service import RPCError

from activities.command import Adopted, command_id
from desk.demo import cast
from desk.door.door import Door
from states.terms import Code, RefusedError, Role, Status
from store import command as commands
from store import feed, journal
from store.journal import FIRST, digest
from store.schema.cases import cases as case_rows
from store.schema.cases import quota_slots
from store.schema.commands import commands as command_rows
from workers.embedded.port import free
from workers.embedded.servers import embedded
from workers.house import prepare
from workers.reach import House, reach
from workers.settings import Settings

CASES, AGENCIES, PATIENCE = 100, 10, 30.0
KEY = "the same key for desk and worker"
WORKER = """
import asyncio
from workers.house import work
from workers.reach import reach
from workers.settings import Settings

async def main():
    async with reach(Settings()) as house, work(house):
        print("up", flush=True)
        await asyncio.Event().wait()

asyncio.run(main())
"""


def child(word: str) -> int:
    """The living child of ours whose command line has the word."""
    for task in Path("/proc/self/task").iterdir():
        for pid in (task / "children").read_text("ascii").split():
            if word.encode() in Path(f"/proc/{pid}/cmdline").read_bytes():
                return int(pid)
    raise LookupError(word)


@asynccontextmanager
async def working(house: House, folder: Path) -> AsyncIterator[asyncio.subprocess.Process]:
    """A worker in a process of its own; killed at the end."""
    url, address = house.settings.database_url, house.settings.temporal_address
    told = {
        "DATABASE_URL": url.get_secret_value() if url else "",
        "TEMPORAL_ADDRESS": address or "",
        "COMMAND_KEY": KEY,
        "MASTER_KEY": KEY,
        "KEYS_URL": house.settings.keys,
    }
    environment = {"PATH": os.defpath, "HOME": str(folder), "PYTHONPATH": os.environ.get("PYTHONPATH", "")}
    environment |= {f"CASEWORK_{name}": value for name, value in told.items()}
    with (folder / "worker.log").open("ab") as log:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-c", WORKER, stdout=asyncio.subprocess.PIPE, stderr=log, env=environment, cwd=folder
        )
    try:
        assert process.stdout is not None
        assert await asyncio.wait_for(process.stdout.readline(), 20) == b"up\n"
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


@asynccontextmanager
async def outer(folder: Path) -> AsyncIterator[House]:
    """Servers that keep what they are told and are started again when killed; and the desk's end of them."""
    postgres, temporal, ui = free(3)
    inner = Settings(data_dir=folder / "d", postgres_port=postgres, temporal_port=temporal, ui_port=ui)
    async with embedded(inner, headless=True) as servers:
        settings = Settings(
            data_dir=folder / "desk",
            database_url=SecretStr(servers.database_url),
            temporal_address=servers.temporal_address,
            command_key=SecretStr(KEY),
            master_key=SecretStr(KEY),
            keys_url=(folder / "keys").as_uri(),
        )
        async with reach(settings, pool=20) as house:
            prepare(house)
            with house.engine.begin() as connection:
                cast.introduce(connection, house.clock.now())
                for number in range(AGENCIES):
                    feed.agency(connection, f"agency-{number}", cast.REGION)
                    feed.person(connection, f"owner-{number}", Role.OWNER, agency=f"agency-{number}")
            yield house


class Client:
    """One who files a report, has it claimed and decided, and asks again until there is an answer."""

    def __init__(self, door: Door, number: int) -> None:
        self._door = door
        self._number = number
        self.told: dict[str, Mapping[str, Any]] = {}

    async def live(self) -> None:
        owner, number = f"owner-{self._number % AGENCIES}", self._number
        said = {"clause": "agency.poaching", "against": "lotus", "details": f"seen {number} times"}
        case = (await self._ask(owner, "report", said))["case"]
        reviewer = ("mia", "max", "sam", "sue")[number % 4]
        if number % 5 == 4:
            await self._ask(owner, "withdraw", {"case": case})
            return
        await self._ask(reviewer, "claim", {"case": case})
        finding = {"finding": "violation", "severity": "mild"} if number % 10 == 0 else {"finding": "none"}
        await self._ask(reviewer, "decide", finding | {"case": case, "reasons": "checked"})

    async def _ask(self, actor: str, verb: str, said: dict[str, Any]) -> Mapping[str, Any]:
        key = f"{verb} {self._number}"
        while True:
            try:
                told = await self._door.send(actor, verb, said, key=key)
            except RefusedError as error:
                if error.code is not Code.UNAVAILABLE:
                    raise
                await asyncio.sleep(0.2)
            else:
                self.told[command_id(actor, key)] = told
                return told


@pytest.mark.timeout(150)
async def test_killed_in_the_middle_everything_agrees_again_and_happened_once(tmp_path: Path) -> None:
    clock = asyncio.get_running_loop().time
    tmp_path.chmod(0o700)  # noqa: ASYNC240  # nothing else runs yet
    async with asyncio.timeout(120), outer(tmp_path) as house, Door.of(house) as door:
        clients = [Client(door, number) for number in range(CASES)]
        async with working(house, tmp_path) as first:
            tasks = [asyncio.create_task(client.live()) for client in clients]
            await asyncio.sleep(1.5)
            first.kill()
        os.kill(child("start-dev"), signal.SIGKILL)
        await asyncio.sleep(1)
        os.kill(child(str(tmp_path / "d" / "postgres")), signal.SIGKILL)
        await asyncio.sleep(0.5)
        under_way = [task for task in tasks if not task.done()]
        assert len(under_way) > CASES / 2, "the servers were killed too late to hit anything"
        async with working(house, tmp_path):
            back = clock()
            await gone(tasks[::2])
            done, waiting = await asyncio.wait(tasks[1::2], timeout=PATIENCE)
            assert not waiting, f"{len(waiting)} clients have no answer"
            assert all(task.exception() is None for task in done), [task.exception() for task in done]
            while differences := await differing(house):
                assert clock() - back < PATIENCE, (len(differences), differences[:5])
                await asyncio.sleep(0.5)
            proven(house, {k: v for client in clients for k, v in client.told.items()})


async def gone(tasks: list[asyncio.Task[None]]) -> None:
    """Cancel clients who never ask again."""
    for task in tasks:
        task.cancel()
    _, stubborn = await asyncio.wait(tasks, timeout=5)
    assert not stubborn, "a client who was cancelled goes on asking"


async def differing(house: House) -> list[str]:
    """The cases whose workflow does not agree with their row."""
    with house.engine.connect() as connection:
        rows = connection.execute(sa.select(case_rows)).mappings().all()
    limit = asyncio.Semaphore(10)

    async def differs(row: sa.RowMapping) -> str | None:
        async with limit:
            return await difference(house, row)

    return [each for each in await asyncio.gather(*map(differs, rows)) if each]


async def difference(house: House, row: sa.RowMapping) -> str | None:
    handle = house.client.get_workflow_handle(row["id"])
    try:
        if row["status"] == Status.CLOSED:
            status = (await handle.describe()).status
            ended = status is WorkflowExecutionStatus.COMPLETED
            return None if ended else f"{row['id']} is closed; its workflow is {status}"
        adopted: Adopted | None = await handle.query("adopted", result_type=Adopted)
    except RPCError as error:
        return f"{row['id']}: {error}"
    now = Adopted(status=row["status"], version=row["version"], deadline_at=row["deadline_at"])
    return None if adopted == now else f"{row['id']} is {now}; its workflow has {adopted}"


def proven(house: House, told: Mapping[str, Mapping[str, Any]]) -> None:
    """Every answer that was given is stored, and every command moved its case once."""
    with house.engine.connect() as connection:
        for command, answer in told.items():
            stored = commands.read(connection, command)
            assert stored is not None, f"{answer} was acknowledged and lost"
            assert stored.answer == answer
        rows = connection.execute(sa.select(case_rows)).mappings().all()
        asked = connection.execute(sa.select(command_rows.c.id)).scalars().all()
        slots = connection.execute(sa.select(quota_slots.c["case"])).scalars().all()
        lines = {row["id"]: journal.timeline(connection, row["id"]) for row in rows}
    assert sorted(slots) == sorted(lines)
    for row in rows:
        of_case = lines[row["id"]]
        assert [line["version"] for line in of_case] == list(range(1, row["version"] + 1))
        assert of_case[-1]["target"] == row["status"]
        assert [line["previous"] for line in of_case] == [FIRST, *(line["hash"] for line in of_case[:-1])]
        assert all(line["hash"] == digest(line) for line in of_case)
        assert all(a["target"] == b["source"] for a, b in pairwise(of_case))
    moved = [line["command"] for each in lines.values() for line in each if line["actor"] not in {"clock", "engine"}]
    assert sorted(moved) == sorted(asked)
