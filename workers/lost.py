"""Which workflows does Temporal not have? Those that rows want, beside those that run; what was lost is begun again.

Without failures there are none. Temporal's store can be lost, or be an older one: every case, courier and wave goes on
from its rows, with the deadlines that stand there.
"""

import asyncio
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine
from temporalio.client import Client

from activities.look import Looker, Woken
from activities.names import CASE, ROLLOUT, STANDING, WEBHOOK, rollout_id, standing_id, webhook_id
from store import wake
from store.in_thread import in_thread

AT_ONCE = 16
_PREFIXES = {CASE: "", STANDING: standing_id(""), WEBHOOK: webhook_id(""), ROLLOUT: rollout_id("")}
_RUNS = "ExecutionStatus = 'Running' AND WorkflowType = '{}'"


@dataclass(frozen=True)
class Missing:
    """What has no workflow, and the cases whose workflow runs though no open case wants it."""

    without: Woken
    beyond: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        return bool(len(self.without) or self.beyond)


async def missing(engine: Engine, client: Client, *, exactly: bool = False) -> Missing:
    """What the rows want and Temporal does not run, as it just now says; what begins or ends now may be in it.

    Where there are as many of a kind as there must be, they are not compared one by one, unless `exactly` is asked for.

    Raises:
        RPCError: Temporal can't be asked.
    """
    want = await in_thread(engine, _wanted, engine)
    counts = {kind: (await client.count_workflows(_RUNS.format(kind))).count for kind in want}
    fits = counts[CASE] == len(want[CASE]) and all(counts[kind] >= len(want[kind]) for kind in want)
    if fits and not exactly:
        return Missing(Woken())
    ran = {kind: await _running(client, kind) for kind in want}
    gone = (sorted(want[kind] - ran[kind]) for kind in (CASE, STANDING, WEBHOOK, ROLLOUT))
    return Missing(Woken(*gone), frozenset(ran[CASE] - want[CASE]))


async def begin_again(engine: Engine, client: Client, looker: Looker, at: datetime) -> int:
    """Begin the workflows that were lost, and give how many.

    Raises:
        RPCError: Temporal can't be asked.
    """
    lost = (await missing(engine, client)).without
    parts = (Woken(*(kind[n::AT_ONCE] for kind in _kinds(lost))) for n in range(AT_ONCE))
    await asyncio.gather(*(looker.wake(part, at) for part in parts))
    return len(lost)


def _kinds(woken: Woken) -> list[list[str]]:
    return [[*woken.cases], [*woken.subjects], [*woken.receivers], [*woken.versions]]


def _wanted(engine: Engine) -> dict[str, set[str]]:
    """By kind of workflow, whose must run."""
    with engine.begin() as connection:
        return {
            CASE: wake.open_cases(connection),
            STANDING: wake.waiting_subjects(connection),
            WEBHOOK: wake.waiting_receivers(connection),
            ROLLOUT: wake.waiting_versions(connection),
        }


async def _running(client: Client, kind: str) -> set[str]:
    found = client.list_workflows(_RUNS.format(kind), page_size=1000)
    return {one.id.removeprefix(_PREFIXES[kind]) async for one in found}
