"""Lives under load while everything fails, from a printed seed: `make chaos`, `python -m bench.chaos --seed 7`."""

import argparse
import asyncio
import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from random import Random, SystemRandom
from time import perf_counter

from bench import page, table
from bench.chaos.clients import LIVES_AN_AGENCY, Clients
from bench.chaos.faults import FAULTS, Trouble
from bench.chaos.judge import Found, judge
from bench.chaos.place import Place, placed
from ops.verify import verify
from store.audit import picture

# In seconds: so long after the last fault everything may take until it agrees.
PATIENCE = 180.0


async def chaos(lives: int, faults: int, at_once: int, seed: int, into: Path | None) -> int:
    """Do all of it, and print what was found; give 1 where something is wrong, 2 where the run was too weak."""
    print(f"seed {seed}: {lives} lives, {at_once} at once, {faults} faults", flush=True)
    load, began = os.getloadavg()[0], perf_counter()
    # Two, so that which faults come does not depend on how often clients ask.
    lived_by, failed_by = Random(f"{seed} lives"), Random(f"{seed} faults")  # noqa: S311 - chance
    async with placed(lives // LIVES_AN_AGENCY + 2) as place:
        log = place.folder / "clients.log"
        with log.open("w", encoding="utf-8") as lines:
            clients, trouble = await _live(place, Clients.of(place, lived_by, lines), lives, at_once, faults, failed_by)
        lived = perf_counter() - began
        found = await _settled(place, log)
        wrong = [*found.wrong, *await _verified(place)]
        ends = {name: process.ends for name, process in place.processes.items()}
    rows = list(_rows(clients, trouble, found, lived, perf_counter() - began, ends))
    print("", table.plain(rows), "", *(wrong[:20] or ["nothing is wrong"]), sep="\n")
    if into is not None:
        said = page.measured_on(f"seed {seed}, {at_once} lives at once", [load, os.getloadavg()[0]])
        page.write(into, "chaos", [said, "", table.markdown(rows)])
    if wrong:
        return 1
    if not found.doubled:
        print("the control has doubled nothing: the run was too weak to prove anything")
        return 2
    return 0


async def _live(
    place: Place, clients: Clients, lives: int, at_once: int, faults: int, die: Random
) -> tuple[Clients, Trouble]:
    """Live all lives, so many at once, while faults are made; they end with the last life, or before."""
    numbers, trouble = iter(range(lives)), Trouble(place, die)

    async def live() -> None:
        for number in numbers:
            await clients.live(number)
            if clients.lived % 500 == 0:
                print(f"{clients.lived} lives, {sum(trouble.done.values())} faults", flush=True)

    async with clients.client:
        troubling = asyncio.create_task(trouble.make(faults, lambda: clients.lived < lives))
        await asyncio.gather(*(live() for _ in range(at_once)))
        await troubling
    return clients, trouble


async def _settled(place: Place, log: Path) -> Found:
    """Judge, until nothing is wrong or patience ends."""
    until = perf_counter() + PATIENCE
    while True:
        found = await judge(place.url, place.house.client.service_client.config.target_host, log)
        if not found.wrong or perf_counter() > until:
            return found
        await asyncio.sleep(1)


async def _verified(place: Place) -> list[str]:
    """What the product's own check finds: it knows more rules than the judge."""
    with picture(place.house.engine) as connection:
        return [f"verify: {found}" async for found in verify(connection, place.house.clock.now())]


def _rows(
    clients: Clients, trouble: Trouble, found: Found, lived: float, all_in_all: float, ends: dict[str, int]
) -> Iterator[Sequence[str]]:
    yield ["", ""]
    yield ["lives", f"{clients.lived:,}"]
    yield ["seconds, and until everything agreed", f"{lived:.0f}, {all_in_all:.0f}"]
    yield ["faults", f"{sum(trouble.done.values())}"]
    for name in FAULTS:
        yield [f"… {name}", f"{trouble.done.get(name, 0)}"]
    yield ["processes of the product that ended", f"{sum(ends.values())}"]
    yield ["requests without an answer, sent again", f"{clients.retries:,}"]
    yield ["answers that clients were given", f"{found.answers:,}"]
    yield ["cases, and workflows that were looked at", f"{found.cases:,}, {found.histories:,}"]
    yield ["lost, doubled, or different", f"{len(found.wrong)}"]
    yield ["doubled by the control, which has no keys", f"{found.doubled}"]


def main() -> None:
    """Read the command line and run."""
    parser = argparse.ArgumentParser(prog="python -m bench.chaos", description=__doc__)
    parser.add_argument("--lives", type=int, default=1000, help="reports with all that follows (1000)")
    parser.add_argument("--faults", type=int, default=40, help="at most (40)")
    parser.add_argument("--at-once", type=int, default=20, help="lives at once (20)")
    parser.add_argument("--seed", type=int, default=SystemRandom().randrange(10**6), help="of the chance (by chance)")
    parser.add_argument("--into", type=Path, help="write the table into this page")
    asked = parser.parse_args()
    code = asyncio.run(chaos(asked.lives, asked.faults, asked.at_once, asked.seed, asked.into))
    sys.stdout.flush()
    os._exit(code)


if __name__ == "__main__":
    main()
