"""What is stuck by what Temporal says: tasks that fail again and again, rows without a workflow, and the reverse."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Iterable, Sequence
from dataclasses import replace
from typing import TypeVar

from sqlalchemy import Engine
from temporalio.client import Client

from activities.look import Woken
from ops.history import TASK, history, pending
from ops.stuck.terms import Repair, Stuck, Thing, Trouble, Whose
from workers.lost import missing

A = TypeVar("A")
B = TypeVar("B")
AT_ONCE, _MOST = 16, 50
# Seconds after which what seems lost is looked at again: it may have begun or ended between rows and answer.
_MOMENT = 0.5


async def by_workflows(
    engine: Engine,
    client: Client,
    behind: Iterable[Stuck],
    failing: Collection[str],
    *,
    exactly: bool = False,
    moment: float = _MOMENT,
) -> list[Stuck]:
    """What is `behind` by its rows, with what its workflow tries in vain; then what only Temporal knows.

    `failing` are the workflows whose tasks fail again and again (`ops/builds.py`). `exactly`: workflows and rows are
    compared one by one, also where there are as many as there must be.

    Raises:
        RPCError: Temporal can't be asked.
    """
    found = await _each([*behind], lambda one: _tried(client, one))
    known = {one.thing.workflow_id for one in found if one.repair is Repair.ANEW}
    broken = await _each([one for one in failing if one not in known], lambda one: _failing(client, one))
    lost = await _lost(engine, client, moment, exactly=exactly)
    told = {one.thing for one in (*found, *broken)}
    return [*found, *broken, *(one for one in lost if one.thing not in told)]


async def _tried(client: Client, one: Stuck) -> Stuck:
    """What is tried in vain, and so what mends it: nothing of ours where an activity fails, which is tried again."""
    trying = (await pending(client, one.thing.workflow_id)).trying
    if not trying:
        return one
    task = next((one for one in trying if one.name == TASK), None)
    return replace(one, failing=task or trying[-1], repair=Repair.ANEW if task else None)


async def _failing(client: Client, workflow_id: str) -> Stuck:
    """A workflow whose task fails, since its first attempt, and with the error of its history."""
    now, told = await asyncio.gather(pending(client, workflow_id), history(client, workflow_id))
    task = next((one for one in now.trying if one.name == TASK), None)
    error = next((one.error for one in reversed(told.attempts) if one.name == TASK and one.error), None)
    tried = replace(task, error=error) if task else None
    return Stuck(Thing.of_workflow(workflow_id), Trouble.FAILING, now.since, Repair.ANEW, tried)


async def _lost(engine: Engine, client: Client, moment: float, *, exactly: bool) -> list[Stuck]:
    """What has no workflow, and workflows of cases without one: as it still is a moment later."""
    first = await missing(engine, client, exactly=exactly)
    if not first:
        return []
    await asyncio.sleep(moment)
    again = await missing(engine, client, exactly=exactly)
    without = sorted(_things(first.without) & _things(again.without))[:_MOST]
    beyond = sorted(first.beyond & again.beyond)[:_MOST]
    gone = await _each(without, lambda one: _gone(client, one))
    odd = await _each(beyond, lambda one: _beyond(client, one))
    return [one for one in (*gone, *odd) if one is not None]


def _things(woken: Woken) -> set[Thing]:
    kinds = zip(Whose, (woken.cases, woken.subjects, woken.receivers, woken.versions), strict=True)
    return {Thing(whose, name) for whose, names in kinds for name in names}


async def _each(many: Sequence[A], ask: Callable[[A], Awaitable[B]]) -> list[B]:
    """Ask of each, `AT_ONCE` at a time."""
    gate = asyncio.Semaphore(AT_ONCE)

    async def asked(one: A) -> B:
        async with gate:
            return await ask(one)

    return await asyncio.gather(*map(asked, many))


async def _gone(client: Client, thing: Thing) -> Stuck | None:
    now = await pending(client, thing.workflow_id)
    return None if now.running else Stuck(thing, Trouble.NO_WORKFLOW, now.ended_at)


async def _beyond(client: Client, case: str) -> Stuck | None:
    now = await pending(client, case)
    return Stuck(Thing(Whose.CASE, case), Trouble.NO_CASE, now.began_at) if now.running else None
