"""A version's wave over ten thousand subjects: beside verdicts, halted, and killed on its way there and back.

First verdicts are decided without a wave, then while one goes on at full speed, which has one workflow. That version is
taken back, and another one reaches everybody, while the worker that moves them is killed (SIGKILL) again and again.
After each kill `verify` computes everything anew. One of five subjects is a creator, whose score starts elsewhere; one
of five of those gets a penalty that the platform is told.
"""

import argparse
import asyncio
import os
import sys
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from time import perf_counter

from activities.look import Looker, Woken
from activities.names import rollout_id
from bench import page, table
from bench.compare import servers
from bench.owned import owned
from bench.side import Worker, worker
from bench.wave.beside import Reviewer, Verdicts
from bench.wave.killing import PATIENCE, Walked, once, told, walk
from bench.wave.place import APPROVER, OPS, Place, stricter
from rulebook.model import Rulebook
from store.migrate import migrate
from store.ring import Way
from workers.reach import House
from workers.settings import Settings

_ONCE_MORE = 0.05


async def measure(many: int, kills: int, verdicts: int, into: Path | None) -> int:
    """Do all of it, and print the table; give 1 where something was wrong."""
    die, loads = Random(7), [os.getloadavg()[0]]  # noqa: S311 - chance
    async with servers() as (_, settings), owned(settings) as house:
        migrate(house.engine)
        place = Place(house.engine, house.clock, many)
        place.settle()
        print(f"{many} subjects live in one region", flush=True)
        lines, wrong = await _beside(place, house, settings, verdicts, die)
        print(table.plain(lines), flush=True)
        lines += await _killed(place, house, settings, kills, die, wrong)
    loads.append(os.getloadavg()[0])
    print("", table.plain(lines), "", *(wrong or ["nothing was wrong"]), sep="\n")
    if into is not None:
        measured = page.measured_on(f"{many:,} subjects, {kills} kills", loads)
        page.write(into, "wave", [measured, "", table.markdown(lines)])
    return 1 if wrong else 0


async def _beside(
    place: Place, house: House, settings: Settings, verdicts: int, die: Random
) -> tuple[list[Sequence[str]], list[str]]:
    """Verdicts without and within a wave, which is halted once; and what it was."""
    book, reviewer, wrong = stricter(90), Reviewer(place, die), list[str]()
    await reviewer.claim(2 * verdicts)
    async with worker("bench.engine", str(settings.data_dir)):
        alone = await reviewer.decide(lambda: True, verdicts)
        await _put_out(place, house, book)
        began = perf_counter()
        within = await reviewer.decide(lambda: not place.through(book, Way.REACHED), verdicts)
        while not place.through(book, Way.REACHED):
            await asyncio.sleep(_ONCE_MORE)
        seconds = perf_counter() - began
        events = (await house.client.get_workflow_handle(rollout_id(book.digest)).describe()).history_length
    seen, hit = place.counted(book)
    if seen != place.many:
        wrong.append(f"the wave has seen {seen} subjects")
    lines: list[Sequence[str]] = [
        ["", "without a wave", "during a wave"],
        _line("verdicts", alone, within, lambda one: len(one.took)),
        _line("a verdict's commit, p50, ms", alone, within, lambda one: one.p50),
        _line("… p99", alone, within, lambda one: one.p99),
        _line("… the longest", alone, within, lambda one: one.longest),
        ["the wave, with the verdicts beside it, s", "", f"{seconds:.1f}"],
        ["… subjects with a new penalty", "", f"{hit}"],
        ["… events of its workflow", "", f"{events}"],
    ]
    return lines, wrong


async def _killed(
    place: Place, house: House, settings: Settings, kills: int, die: Random, wrong: list[str]
) -> list[Sequence[str]]:
    """Take that version back, and let another one reach everybody, killed again and again; add what went wrong."""
    first, second = stricter(90), stricter(95)

    def started() -> AbstractAsyncContextManager[Worker]:
        return worker("bench.engine", str(settings.data_dir))

    async def walked(book: Rulebook, way: Way) -> Walked:
        began = place.clock.now()
        if way is Way.RELEASED:
            place.move(book, "take_back", APPROVER, reasons="A bench.")
            await _wake(house, book)
        else:
            async with started():
                await _put_out(place, house, book)
                wrong.extend(await _halted(place, book))
            place.move(book, "resume", APPROVER)
            await _wake(house, book)
        found = await walk(place, book, way, kills // 2, started, die)
        async with started():
            tellings, subjects = await _settled(place, began)
        wrong.extend([*found.wrong, *once(place, began, found)])
        if (tellings, subjects) != (place.counted(book)[1],) * 2:
            wrong.append(f"{way}: {tellings} tellings of {subjects} subjects, of {place.counted(book)[1]} who were hit")
        return found

    ways = [await walked(first, Way.RELEASED), await walked(second, Way.REACHED)]
    return [
        [f"{name}: kills, seconds with restarts", f"{one.kills}", f"{one.seconds:.0f}"]
        for name, one in zip(("taken back", "another wave"), ways, strict=True)
    ]


async def _halted(place: Place, book: Rulebook) -> list[str]:
    """Halt the wave near its beginning, and see whether nobody is reached any more."""
    while place.seen(book, Way.REACHED) < place.many // 10:
        await asyncio.sleep(_ONCE_MORE)
    place.move(book, "halt", OPS)
    answered = place.seen(book, Way.REACHED)
    await asyncio.sleep(3)
    later = place.seen(book, Way.REACHED)
    return [] if later == answered else [f"{later - answered} subjects were reached after the halt was answered"]


async def _settled(place: Place, since: datetime) -> tuple[int, int]:
    """Wait until the platform has been told everything; how many tellings there were, of how many subjects."""
    before, moved = -1, perf_counter()
    while (left := told(place, since)[2]) or before != 0:
        if left != before:
            before, moved = left, perf_counter()
        if perf_counter() - moved > PATIENCE:
            break
        await asyncio.sleep(1)
    tellings, subjects, _ = told(place, since)
    return tellings, subjects


async def _put_out(place: Place, house: House, book: Rulebook) -> None:
    """Approve a version; its wave has begun when this returns."""
    place.put_out(book, timedelta(seconds=5 + place.many / 200))
    await _wake(house, book)
    while not place.seen(book, Way.REACHED):
        await asyncio.sleep(_ONCE_MORE)


async def _wake(house: House, book: Rulebook) -> None:
    looker = Looker(house.client, house.settings.task_queue)
    await looker.wake(Woken(versions=[book.digest]), house.clock.now())


def _line(name: str, alone: Verdicts, within: Verdicts, of: Callable[[Verdicts], float]) -> Sequence[str]:
    return [name, f"{of(alone):.0f}", f"{of(within):.0f}"]


def main() -> None:
    """Read the command line and run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--many", type=int, default=10_000, help="subjects (10000)")
    parser.add_argument(
        "--kills", type=int, default=20, help="half of them on the way there, half on the way back (20)"
    )
    parser.add_argument(
        "--verdicts", type=int, default=300, help="verdicts without a wave, and at most during one (300)"
    )
    parser.add_argument("--into", type=Path, help="write the table into this page")
    asked = parser.parse_args()
    code = asyncio.run(measure(asked.many, asked.kills, asked.verdicts, asked.into))
    sys.stdout.flush()
    os._exit(code)


if __name__ == "__main__":
    main()
