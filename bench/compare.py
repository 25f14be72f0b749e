"""Runs sides in turn, checks what each has left, and prints what was found."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from itertools import islice, permutations
from pathlib import Path
from tempfile import TemporaryDirectory

from bench import page, table
from bench.expected import differences, expected
from bench.plan import WARM_UP, Plan
from bench.turn import Player, Turn
from workers.embedded.port import free
from workers.embedded.run import Servers
from workers.embedded.servers import embedded
from workers.settings import Settings

# In seconds: a turn that takes longer is stuck.
PATIENCE = 300.0
Opened = Callable[[Plan], AbstractAsyncContextManager[Sequence[Player]]]


class WrongError(Exception):
    """A side's database is not as it must be."""


async def compare(opened: Opened, plan: Plan) -> None:
    """Run all sides, each round in another order; the first is compared with the others."""
    async with opened(plan) as players:
        turns: dict[str, list[Turn]] = {player.name: [] for player in players}
        numbers = iter(range(plan.total))
        first = list(islice(numbers, WARM_UP))
        for player in players:
            await player.turn(first, plan)
        orders = list(permutations(players))
        for round_ in range(plan.rounds):
            mine = list(islice(numbers, plan.lives))
            for player in _order(orders, round_):
                async with asyncio.timeout(PATIENCE):
                    turn = await player.turn(mine, plan)
                turns[player.name].append(turn)
                print(
                    f"round {round_ + 1}: {player.name:12} {turn.pace:6.1f} lives/s, load {turn.load:.1f}", flush=True
                )
        for player in players:
            await check(player, plan)
        beside = {player.name: await player.beside() / plan.total for player in players}
    lines, said = table.rows(turns, beside), table.sentences(turns)
    print("", table.plain(lines), "", *said, sep="\n")
    if plan.into is not None:
        page.lives(plan.into, plan, turns, lines, said)


async def check(player: Player, plan: Plan) -> None:
    """Compare what a side's database holds with what so many lives must have left; Casework's is verified, too.

    Raises:
        WrongError: something is missing, or there twice.
    """
    found = player.found()
    if found is None:
        return
    wrong = [*differences(expected(plan.total, plan.total, appeal=plan.appeal), found), *await player.wrong()]
    if wrong:
        raise WrongError(f"{player.name}: " + "; ".join(wrong[:10]))
    print(f"{player.name}: the database holds what {plan.total} lives must leave, and nothing twice")


@asynccontextmanager
async def servers() -> AsyncIterator[tuple[Servers, Settings]]:
    """Embedded servers with the product's settings, persistent, in a temporary folder."""
    with TemporaryDirectory(prefix="casework-bench-", ignore_cleanup_errors=True) as folder:
        temporal, ui, postgres = free(3)
        settings = Settings(data_dir=Path(folder), temporal_port=temporal, ui_port=ui, postgres_port=postgres)
        async with embedded(settings) as here:
            yield here, settings


def _order(orders: Sequence[Sequence[Player]], round_: int) -> Sequence[Player]:
    """Each round's order: forwards, backwards, and then the others, so that no side always follows the same one."""
    return orders[round_ // 2 % len(orders)] if round_ % 2 == 0 else orders[-1 - round_ // 2 % len(orders)]
