"""A run: lives under load while all faults are made, asked again at the end, and judged."""

import asyncio
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import NamedTuple

from bench.chaos.clients import Clients
from bench.chaos.faults import LONGEST, Trouble
from bench.chaos.judge.verdict import Found, judge
from bench.chaos.place import Place
from ops.verify import verify
from store.audit import picture

# In seconds: so long after the last fault everything may take until it agrees.
PATIENCE = 180.0
# So many wishes are asked again at the end, under their keys.
AGAIN = 200


@dataclass(frozen=True)
class Plan:
    """How many lives, at once and in all; how many faults, of at most so many seconds; by which seed."""

    lives: int
    faults: int
    at_once: int
    seed: int
    longest: float = LONGEST


class Ran(NamedTuple):
    """What was found, what was wrong; how many seconds the lives took, and all until everything agreed."""

    clients: Clients
    trouble: Trouble
    found: Found
    wrong: list[str]
    lived: float
    agreed: float


async def run(place: Place, plan: Plan) -> Ran:
    """Do all of it. The log of the clients lies in the place's folder."""
    began, log = perf_counter(), place.folder / "clients.log"
    with log.open("w", encoding="utf-8") as lines:
        clients, trouble = Clients.of(place, plan.seed, lines), Trouble(place, plan.lives, plan.faults)
        async with clients.client:
            await _live(clients, trouble, plan)
            lived = perf_counter() - began
            print(f"{clients.lived} lives, {trouble.made} faults in {lived:.0f} s; now they ask again", flush=True)
            await clients.again(AGAIN)
    found = await _settled(place, log)
    wrong = [*found.wrong, *await _verified(place)]
    return Ran(clients, trouble, found, wrong, lived, perf_counter() - began)


async def _live(clients: Clients, trouble: Trouble, plan: Plan) -> None:
    """Live all lives, so many at once, while all faults are made."""
    numbers = iter(range(plan.lives))

    async def live() -> None:
        for number in numbers:
            while number >= trouble.due():
                await asyncio.sleep(0.05)
            await clients.live(number)
            if clients.lived % 500 == 0:
                print(f"{clients.lived} lives, {trouble.made} faults", flush=True)

    async with asyncio.TaskGroup() as group:
        group.create_task(trouble.make(plan.seed, plan.longest, lambda: clients.lived))
        for _ in range(plan.at_once):
            group.create_task(live())


async def _settled(place: Place, log: Path) -> Found:
    """Judge, until nothing is wrong or patience ends."""
    until = perf_counter() + PATIENCE
    while True:
        found = await judge(place.house.owner_url, place.temporal, log, place.key)
        if not found.wrong or perf_counter() > until:
            return found
        print(f"not yet: {len(found.wrong)}, as {found.wrong[0]}"[:300], flush=True)
        await asyncio.sleep(2)


async def _verified(place: Place) -> list[str]:
    """What the product's own check finds: it knows more rules than the judge."""
    with picture(place.house.engine) as connection:
        return [f"verify: {found}" async for found in verify(connection, place.house.clock.now())]
