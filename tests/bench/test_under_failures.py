"""Lives go on while servers, processes and wires fail, in small; the judge finds nothing wrong, and the control doubles.

As many as fit: forty lives and six faults. `make chaos` is the same with more of both.
"""

import asyncio
from itertools import islice
from pathlib import Path

import psycopg
import pytest

from bench.chaos.clients import agencies
from bench.chaos.faults import FAULTS, planned
from bench.chaos.place import Place, placed
from bench.chaos.run import Plan, run

# By this seed each server is killed, a worker and the API too; a wire is cut, and the database can't write.
PLAN = Plan(lives=40, faults=6, at_once=10, seed=2382, longest=1.0)
KINDS, LONG = len(FAULTS), 60.0


def touched(place: Place) -> list[str]:
    """What is paused, cut off, slow, limited or read-only."""
    wires = [f"wire to {name}" for name, wire in place.wires.items() if wire.cut or wire.delay]
    parts = {name: place.pids(name) for name in ("worker one", "worker two", "api", "temporal", "postgres")}
    paused = [f"{name} paused" for name, pids in parts.items() if any(stopped(pid) for pid in pids)]
    full = ["disk full" for pid in parts["postgres"] if limited(pid)][:1]
    return wires + paused + full or (["database read-only"] if read_only(place) else [])


def stopped(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()[0] == "T"
    except FileNotFoundError:
        return False  # it has ended meanwhile


def limited(pid: int) -> bool:
    try:
        lines = Path(f"/proc/{pid}/limits").read_text("ascii").splitlines()
    except FileNotFoundError:
        return False  # it has ended meanwhile
    return next(line.split()[3] for line in lines if line.startswith("Max file size")) != "unlimited"


def read_only(place: Place) -> bool:
    with psycopg.connect(place.house.owner_url) as connection:
        (says,) = connection.execute("SHOW default_transaction_read_only").fetchone() or ("",)
    return bool(says == "on")


async def interrupted(place: Place, name: str) -> None:
    """Begin a fault, and end it long before its time."""
    fault = asyncio.create_task(FAULTS[name](place, LONG))
    async with asyncio.timeout(LONG):
        while not (found := touched(place)):
            await asyncio.sleep(0.02)
    assert all(part in name or name in part for part in found), (name, found)
    fault.cancel()
    with pytest.raises(asyncio.CancelledError):
        await fault
    await asyncio.sleep(0.05)
    assert touched(place) == [], name


@pytest.mark.timeout(240)
async def test_lives_go_on_while_everything_fails_and_an_interrupted_fault_leaves_nothing() -> None:
    async with placed(agencies(PLAN.lives)) as place:
        for name in FAULTS:
            if "killed" not in name:
                await interrupted(place, name)
        ran = await run(place, PLAN)
    assert ran.wrong == []
    assert ran.trouble.made == PLAN.faults
    assert ran.found.doubled > 0, "the control has doubled nothing: the run was too weak"
    assert ran.clients.lived == PLAN.lives
    assert min(ran.found.answers, ran.found.again, ran.found.histories) > PLAN.lives


def test_a_seed_gives_the_same_faults_and_each_comes_before_any_comes_again() -> None:
    first, again, other = (list(islice(planned(seed), 3 * KINDS)) for seed in (7, 7, 8))
    assert first == again != other
    for begin in range(0, 3 * KINDS, KINDS):
        assert {one.name for one in first[begin : begin + KINDS]} == set(FAULTS)
