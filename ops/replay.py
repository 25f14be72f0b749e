"""Would this code go on with what runs? Histories are replayed with it: nothing is carried out, nothing is written."""

import asyncio
import logging
import random
import re
import time
from collections import defaultdict, deque
from collections.abc import AsyncIterator, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import chain, zip_longest

from temporalio.client import Client, WorkflowExecution, WorkflowExecutionStatus, WorkflowHistory
from temporalio.common import SearchAttributeKey
from temporalio.runtime import Runtime, TelemetryConfig
from temporalio.service import RPCError, RPCStatusCode
from temporalio.worker import Replayer

from activities.shown import STATUS
from workers.build import build
from workers.worker import WORKFLOWS, runner

_BUILD_IDS = SearchAttributeKey.for_keyword_list("BuildIds")
# Histories that are fetched and replayed at once; each is in memory until it is replayed, and no longer.
_AT_ONCE = 4
# Open workflows among which is chosen where not all can be replayed.
_MOST = 50_000
_LONGEST = 160
# How the SDK says it: the error of the task that failed, and in it the event that the code did not come to.
_MESSAGE = re.compile(r'message: "((?:[^"\\]|\\.)*)"')
_EVENT = re.compile(r"HistoryEvent\(id: (\d+), (\w+)\)")


@dataclass(frozen=True)
class Broken:
    """A workflow that this code can't go on with.

    At the history's `event`, counted from 1, stands `recorded`; `instead` is what the code did, as the SDK says it.
    Without an event the code failed. `builds` had the workflow in hand; `open`: it runs, and would hang.
    """

    workflow: str
    open: bool
    event: int | None
    recorded: str | None
    instead: str
    builds: Sequence[str]


@dataclass
class Replayed:
    """What was replayed: `replayed` histories of `found`, in `seconds`, and those that would break."""

    found: int = 0
    replayed: int = 0
    broken: list[Broken] = field(default_factory=list)
    seconds: float = 0.0


async def replay(
    client: Client,
    task_queue: str,
    *,
    recent: int = 0,
    only: Collection[str] = (),
    within: timedelta = timedelta(minutes=1),
    sandbox: bool = False,
) -> Replayed:
    """Replay the last runs of a task queue's open workflows, and of the `recent` ones that ended last.

    `only` are the workflows, by id, if not all. Where `within` is over before all are replayed, those that were are of
    every kind and status, chosen at random.

    Raises:
        RPCError: Temporal can't be asked.
    """
    began, done = time.monotonic(), Replayed()
    queue = deque(await _found(client, task_queue, recent, only))
    done.found = len(queue)
    with _quiet():
        lanes = (_lane(client, queue, done, began + within.total_seconds(), sandbox=sandbox) for _ in range(_AT_ONCE))
        await asyncio.gather(*lanes)
    done.broken.sort(key=lambda one: (not one.open, one.workflow))
    done.seconds = time.monotonic() - began
    return done


async def _found(client: Client, task_queue: str, recent: int, only: Collection[str]) -> list[WorkflowExecution]:
    of = f"TaskQueue = '{task_queue}'"
    if only:
        named = ", ".join(f"'{one}'" for one in only if "'" not in one)
        of += f" AND WorkflowId IN ({named})"
    runs = client.list_workflows(f"{of} AND ExecutionStatus = 'Running'", page_size=1000, limit=_MOST)
    ended = client.list_workflows(f"{of} AND ExecutionStatus != 'Running'", limit=recent)
    return [*_spread([one async for one in runs]), *([one async for one in ended] if recent else ())]


def _spread(found: Sequence[WorkflowExecution]) -> Iterator[WorkflowExecution]:
    """One of each kind and status, then another of each, in no other order."""
    kinds = defaultdict[tuple[str, str | None], list[WorkflowExecution]](list)
    for one in random.sample(found, len(found)):
        kinds[one.workflow_type, one.typed_search_attributes.get(STATUS)].append(one)
    return (one for one in chain.from_iterable(zip_longest(*kinds.values())) if one is not None)


async def _lane(
    client: Client, queue: deque[WorkflowExecution], done: Replayed, until: float, *, sandbox: bool
) -> None:
    now: WorkflowExecution | None = None

    async def histories() -> AsyncIterator[WorkflowHistory]:
        nonlocal now
        while queue and time.monotonic() < until:
            now = queue.popleft()
            if (history := await _history(client, now)) is not None:
                yield history

    replayer = Replayer(
        workflows=WORKFLOWS,
        workflow_runner=runner(sandbox=sandbox),
        data_converter=client.data_converter,
        build_id=build(),
        # Of its own, to be silent: what fails is told once, by us.
        runtime=Runtime(telemetry=TelemetryConfig(logging=None)),
    )
    async with replayer.workflow_replay_iterator(histories()) as results:
        async for result in results:
            done.replayed += 1
            if result.replay_failure is not None and now is not None:
                done.broken.append(_broken(now, result.replay_failure))


async def _history(client: Client, one: WorkflowExecution) -> WorkflowHistory | None:
    """The history of a run; none where Temporal has forgotten it meanwhile."""
    try:
        return await client.get_workflow_handle(one.id, run_id=one.run_id).fetch_history()
    except RPCError as error:
        if error.status is RPCStatusCode.NOT_FOUND:
            return None
        raise


def _broken(one: WorkflowExecution, failure: Exception) -> Broken:
    said, at = _MESSAGE.search(f"{failure}"), _EVENT.search(f"{failure}")
    instead = (said.group(1) if said else f"{failure}").partition("\\n")[0].partition(": HistoryEvent")[0]
    builds = one.typed_search_attributes.get(_BUILD_IDS) or ()
    return Broken(
        workflow=one.id,
        open=one.status is WorkflowExecutionStatus.RUNNING,
        event=int(at.group(1)) if at else None,
        recorded=at.group(2) if at else None,
        instead=instead.removeprefix("[TMPRL1100] ")[:_LONGEST],
        builds=[build.partition(":")[2] for build in builds if ":" in build],
    )


@contextmanager
def _quiet() -> Iterator[None]:
    """The SDK logs each failure with its traceback."""
    log = logging.getLogger("temporalio")
    level = log.level
    log.setLevel(logging.CRITICAL + 1)
    try:
        yield
    finally:
        log.setLevel(level)
