"""Lives a second: the full engine beside a bare Temporal workflow, taking turns in one run."""

import argparse
import asyncio
import gc
import os
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import mean, median, quantiles
from tempfile import TemporaryDirectory

from bench import cpu
from bench.bare import Bare
from bench.engine import opened
from bench.side import WINDOW, Moves, Side
from workers.embedded.port import free
from workers.embedded.servers import embedded
from workers.settings import Settings

WARM_UP = 20
SAMPLE = 40


@dataclass(frozen=True)
class Plan:
    """What is run: lives a turn, how many at once, the seconds between two moves, how often each side has its turn."""

    lives: int
    concurrency: int
    pause: float
    rounds: int
    appeal: bool
    options: str


@dataclass(frozen=True)
class Turn:
    """What one side did in one turn; `cpu` is in seconds a life, by process."""

    pace: float
    moves: Moves
    cpu: dict[str, float]
    events: float


async def compare(plan: Plan) -> None:
    """Run both sides in turn, and print what was found."""
    async with _sides(plan) as sides:
        turns: dict[str, list[Turn]] = {side.name: [] for side, _ in sides}
        numbers = iter(range(10**9))
        for side, worker in sides:
            await _turn(side, worker, plan, _take(numbers, WARM_UP))
        for round_ in range(plan.rounds):
            for side, worker in sides if round_ % 2 == 0 else reversed(sides):
                turn = await _turn(side, worker, plan, _take(numbers, plan.lives))
                turns[side.name].append(turn)
                print(f"round {round_ + 1}: {side.name:6} {turn.pace:6.1f} lives/s", flush=True)
        lives = plan.lives * plan.rounds + WARM_UP
        shared = {side.name: await _events(side, await side.beside()) / lives for side, _ in sides}
        _print(turns["engine"], turns["bare"], shared["engine"])


@asynccontextmanager
async def _sides(plan: Plan) -> AsyncIterator[list[tuple[Side, int]]]:
    """Both sides and their workers' process ids, on one pair of servers with a product's settings."""
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="casework-bench-", ignore_cleanup_errors=True)))
        temporal, ui, postgres = free(3)
        settings = Settings(data_dir=folder, temporal_port=temporal, ui_port=ui, postgres_port=postgres)
        servers = await stack.enter_async_context(embedded(settings))
        lives = plan.lives * plan.rounds + WARM_UP
        engine = await stack.enter_async_context(opened(settings, lives * 2, appeal=plan.appeal))
        bare = Bare(engine.client)
        workers = {"engine": [str(folder)], "bare": [servers.temporal_address, plan.options]}
        pids = [await stack.enter_async_context(_worker(name, *told)) for name, told in workers.items()]
        yield [(engine, pids[0]), (bare, pids[1])]


@asynccontextmanager
async def _worker(side: str, *told: str) -> AsyncIterator[int]:
    process = await asyncio.create_subprocess_exec(sys.executable, "-m", f"bench.{side}", *told)
    try:
        yield process.pid
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


async def _turn(side: Side, worker: int, plan: Plan, numbers: list[int]) -> Turn:
    groups = {**cpu.of_servers(), "worker": worker, "client": os.getpid()}
    moves, left = Moves(plan.pause), iter(numbers)
    lives: list[list[str]] = []
    closing: list[asyncio.Task[None]] = []

    async def drive() -> None:
        for number in left:
            ids = await side.live(number, moves, appeal=plan.appeal)
            lives.append(ids)
            closing.append(asyncio.create_task(_closed(side, ids)))

    before, start = cpu.seconds(groups), time.perf_counter()
    await asyncio.gather(*(drive() for _ in range(plan.concurrency)))
    await asyncio.gather(*closing)
    # The window after the last verdict is waiting, not work.
    elapsed = time.perf_counter() - start - (0 if plan.appeal else WINDOW.total_seconds())
    used = {name: (after - before[name]) / len(numbers) for name, after in cpu.seconds(groups).items()}
    events = mean([await _events(side, [(id_, "") for id_ in ids]) for ids in lives[:SAMPLE]])
    return Turn(len(numbers) / elapsed, moves, used, events)


async def _closed(side: Side, ids: Iterable[str]) -> None:
    for id_ in ids:
        await side.client.get_workflow_handle(id_).result()


async def _events(side: Side, runs: Iterable[tuple[str, str]]) -> int:
    """The events of these workflows' histories, together."""
    handles = [side.client.get_workflow_handle(id_, run_id=run or None) for id_, run in runs]
    return sum([(await handle.describe()).history_length for handle in handles])


def _take(numbers: Iterable[int], count: int) -> list[int]:
    return [number for number, _ in zip(numbers, range(count), strict=False)]


def _print(engine: Sequence[Turn], bare: Sequence[Turn], couriers: float) -> None:
    print(f"\n{'':28}{'engine':>9}{'bare':>9}{'ratio':>9}")

    def row(name: str, of: Callable[[Sequence[Turn]], float]) -> None:
        one, other = of(engine), of(bare)
        print(f"{name:28}{one:9.1f}{other:9.1f}{one / other if other else float('nan'):9.2f}")

    row("lives a second", lambda turns: median(turn.pace for turn in turns))
    for verb in (None, *engine[0].moves.times):
        for percent in (50, 99):
            row(f"{verb or 'a move'}, p{percent}, ms", partial(_move, verb=verb, percent=percent))
    for process in (None, *engine[0].cpu):
        row(f"CPU of {process or 'all'}, ms a life", partial(_cpu, process=process))
    row("events a life", lambda turns: median(turn.events for turn in turns))
    print(f"{'events of couriers, a life':28}{couriers:9.1f}")
    ratios = [one.pace / other.pace for one, other in zip(engine, bare, strict=True)]
    print(f"\nlives a second, engine to bare: {median(ratios):.2f} (rounds: {', '.join(f'{r:.2f}' for r in ratios)})")


def _move(turns: Sequence[Turn], verb: str | None, percent: int) -> float:
    times = [one for turn in turns for name, each in turn.moves.times.items() if verb in (None, name) for one in each]
    return quantiles(times, n=100)[percent - 1] * 1000


def _cpu(turns: Sequence[Turn], process: str | None) -> float:
    return median(sum(used for name, used in turn.cpu.items() if process in (None, name)) for turn in turns) * 1000


def main() -> None:
    """Read the command line and run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lives", type=int, default=200, help="lives a turn (200)")
    parser.add_argument("--concurrency", type=int, default=8, help="lives at once (8)")
    parser.add_argument("--pause", type=float, default=0, help="seconds between two moves of a life (0)")
    parser.add_argument("--rounds", type=int, default=3, help="turns of each side (3)")
    parser.add_argument("--appeal", action="store_true", help="each verdict is appealed and overturned")
    parser.add_argument("--options", choices=("ours", "sdk"), default="ours", help="of the bare worker (ours)")
    asyncio.run(compare(Plan(**vars(parser.parse_args()))))
    gc.collect()
    sys.stdout.flush()
    os._exit(0)


if __name__ == "__main__":
    main()
