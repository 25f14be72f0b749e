"""The time of forty claims of one case: sent one after the other by the door, beside all at once to its workflow."""

import argparse
import asyncio
import os
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from temporalio.service import RPCError

from activities.command import Answer
from activities.names import COMMAND
from bench.life import DETAILS
from desk.door.door import Door
from states.terms import Code, RefusedError, Role
from store import feed, journal
from workers.house import up
from workers.reach import House
from workers.settings import Settings

REGION = "VN"
REPORT = {"clause": "agency.poaching", "against": "lotus", "details": DETAILS}
Claim = Callable[[Door, str, str, str], Awaitable[bool]]


async def in_turn(door: Door, moderator: str, case: str, key: str) -> bool:
    """Claim at the door; True where this claim won the case."""
    try:
        await door.send(moderator, "claim", {"case": case}, key=key)
    except RefusedError as error:
        if error.code is not Code.ALREADY_CLAIMED:
            raise
        return False
    return True


async def at_once(door: Door, moderator: str, case: str, key: str) -> bool:
    """Send the claim to its workflow until it is answered; True where this claim won the case."""
    command, _, _ = door.sending(moderator, "claim", {"case": case}, key)
    workflow = door.client.get_workflow_handle(case)
    while True:
        try:
            answer: Answer = await workflow.execute_update(COMMAND, command, id=key, result_type=Answer)
        except RPCError:
            await asyncio.sleep(0.05)
        else:
            if answer.refusal is not None and answer.refusal.code is not Code.ALREADY_CLAIMED:
                raise answer.refusal.error()
            return answer.refusal is None


async def compare(moderators: int, rounds: int) -> None:
    """Run both sides in turn, and print what was found."""
    sides: dict[str, Claim] = {"in turn": in_turn, "at once": at_once}
    times: dict[str, list[float]] = {name: [] for name in sides}
    async with _house(moderators) as house, Door.of(house) as door:
        for number in range(rounds):
            for name in sides if number % 2 == 0 else reversed(sides):
                times[name].append(await _race(door, sides[name], f"{name} {number}", moderators))
    for name, took in times.items():
        print(f"{name}: {median(took):.2f} s, at most {max(took):.2f} s")
    print(f"at once to in turn: {median(times['at once']) / median(times['in turn']):.1f}")


async def _race(door: Door, claim: Claim, name: str, moderators: int) -> float:
    """Have all claim a new case; give how long it took until each had an answer, in seconds."""
    case = (await door.send("jan", "report", REPORT, key=name))["case"]
    start = time.perf_counter()
    won = await asyncio.gather(*(claim(door, f"mod{n}", case, f"{name} {n}") for n in range(moderators)))
    if sum(won) != 1:
        raise RuntimeError(f"{sum(won)} have claimed {case}")
    return time.perf_counter() - start


@asynccontextmanager
async def _house(moderators: int) -> AsyncIterator[House]:
    with TemporaryDirectory(prefix="casework-bench-", ignore_cleanup_errors=True) as folder:
        async with up(Settings(data_dir=Path(folder)), ephemeral=True, headless=True) as (house, _):
            now = house.clock.now()
            with house.engine.begin() as connection, journal.recording(connection, "feed", now):
                for agency, owner in {"jade": "jan", "lotus": "ann"}.items():
                    feed.agency(connection, agency, REGION)
                    feed.person(connection, owner, Role.OWNER, agency=agency)
                for number in range(moderators):
                    feed.person(connection, f"mod{number}", Role.MODERATOR, regions=[REGION])
            yield house


def main() -> None:
    """Read the command line and run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--moderators", type=int, default=40, help="who claim at once (40)")
    parser.add_argument(
        "--rounds", type=int, default=10, help="cases on each side, fifteen at most: jan's quota is thirty (10)"
    )
    asyncio.run(compare(**vars(parser.parse_args())))
    sys.stdout.flush()
    os._exit(0)  # while the interpreter ends, the SDK's threads sometimes abort the process


if __name__ == "__main__":
    main()
