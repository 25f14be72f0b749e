"""With so many open cases, each with a workflow: a life, a start, `verify`, memory. The product as it ships.

Cases are filed through the door; each agency files no more than its month allows.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import sqlalchemy as sa

from bench import cpu
from bench.asker import worked
from bench.life import DETAILS, REASONS
from bench.meter import WORKFLOWS, Meter
from bench.running import ENGINE, processes, running
from desk.door.door import Door
from ops.verify import verify
from states.terms import Role
from store import feed, journal
from store.audit import picture
from store.schema.cases import cases
from workers.reach import House, reach

ROWS = (
    "a start, s", "… ms of CPU", "a life, ms of CPU", "verify, ms of CPU a case", "memory of engine, MB",
    "… of Temporal, MB", "disk of PostgreSQL, KB a case", "… of Temporal, KB a case",
)  # fmt: skip
REGION, REVIEWER, OF_AN_AGENCY, AT_ONCE, LIVES = "US", "nia", 25, 8, 60


@contextmanager
def folder() -> Iterator[Path]:
    """Where the product keeps its data from one measure to the next."""
    with TemporaryDirectory(prefix="casework-bench-", ignore_cleanup_errors=True) as name:
        yield Path(name)


async def measured(place: Path, size: int) -> list[float]:
    """A figure for each of `ROWS`, once so many cases are open."""
    with running(place) as (settings, pid):
        async with reach(settings) as house, Door.of(house) as door:
            await _fill(house, door, size)
            life = await _life(house, door, pid)
            proof = await _verified(house)
            disk = _disk(house, place)
        memory = {name: _megabytes(of) for name, of in processes(pid).items()}
    began = time.perf_counter()
    with running(place) as (_, pid):
        took, used = time.perf_counter() - began, cpu.seconds(processes(pid))
    # The engine's are those of all that it started; Temporal's own start is not ours.
    start = used[ENGINE] - used[WORKFLOWS]
    return [took, start * 1000, life, proof, memory[ENGINE], memory[WORKFLOWS], *disk]


async def _fill(house: House, door: Door, size: int) -> None:
    """File reports until so many cases are open."""
    with house.engine.begin() as connection:
        count = connection.execute(sa.select(sa.func.count()).where(cases.c.outcome.is_(None))).scalar_one()
        filed = connection.execute(sa.select(sa.func.count()).select_from(cases)).scalar_one()
        with journal.recording(connection, "feed", house.clock.now()):
            for number in range(-(-filed // OF_AN_AGENCY), (filed + size - count + LIVES) // OF_AN_AGENCY + 2):
                feed.agency(connection, f"agency{number}", REGION)
                feed.person(connection, f"owner{number}", Role.OWNER, agency=f"agency{number}")
            if not filed:
                feed.person(connection, REVIEWER, Role.MODERATOR, regions=[REGION])
    await _at_once(lambda number: _filed(door, number), range(filed, filed + size - count))


async def _life(house: House, door: Door, pid: int) -> float:
    """The milliseconds of CPU of a report that is filed, claimed and decided: of all processes, less what they idle."""

    async def live(number: int) -> None:
        case = await _filed(door, number)
        await door.send(REVIEWER, "claim", {}, key=f"claim {number}", case=case)
        verdict = {"finding": "none", "reasons": REASONS}
        await door.send(REVIEWER, "decide", verdict, key=f"decide {number}", case=case)

    with house.engine.begin() as connection:
        filed = connection.execute(sa.select(sa.func.count()).select_from(cases)).scalar_one()
    meter = await Meter.of(pid)
    before = meter.now()
    await _at_once(live, range(filed, filed + LIVES))
    return sum(meter.since(before).values()) / LIVES * 1000


async def _verified(house: House) -> float:
    """The milliseconds of CPU of `verify`, here and in PostgreSQL, for each case."""
    with picture(house.engine) as connection:
        pid = connection.execute(sa.text("SELECT pg_backend_pid()")).scalar_one()
        count = connection.execute(sa.select(sa.func.count()).select_from(cases)).scalar_one()
        here, server = time.process_time(), worked(pid)
        wrong = [str(one) async for one in verify(connection, house.clock.now())]
        spent = (time.process_time() - here) * 1000 + worked(pid) - server
    if wrong:
        raise RuntimeError("; ".join(wrong[:10]))
    return spent / count


def _disk(house: House, place: Path) -> tuple[float, float]:
    """The kilobytes that each case takes of the database, and of what Temporal keeps."""
    with house.engine.begin() as connection:
        database = connection.execute(sa.text("SELECT pg_database_size(current_database())")).scalar_one()
        count = connection.execute(sa.select(sa.func.count()).select_from(cases)).scalar_one()
    kept = sum(file.stat().st_size for file in place.glob("temporal*"))
    return database / 1024 / count, kept / 1024 / count


async def _filed(door: Door, number: int) -> str:
    about = {"clause": "agency.poaching", "against": f"agency{number // OF_AN_AGENCY + 1}", "details": DETAILS}
    return str((await door.send(f"owner{number // OF_AN_AGENCY}", "report", about, key=f"report {number}"))["case"])


async def _at_once(do: Callable[[int], Awaitable[object]], numbers: range) -> None:
    places = asyncio.Semaphore(AT_ONCE)

    async def one(number: int) -> None:
        async with places:
            await do(number)

    async with asyncio.TaskGroup() as group:
        for number in numbers:
            group.create_task(one(number))


def _megabytes(pid: int) -> float:
    """The memory that a process holds, without what it shares."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text("ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024
