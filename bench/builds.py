"""Builds side by side on a Temporal server: an old one and a new one, one that breaks what runs, and the way back."""

import asyncio
import logging
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from temporalio import workflow
from temporalio.api.workflowservice.v1 import SetWorkerDeploymentCurrentVersionRequest
from temporalio.client import Client
from temporalio.service import RPCError
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from activities.clock import Own
from activities.command import Answer, Command, Start
from activities.names import CASE, COMMAND, LOOK
from bench.life import DETAILS
from desk.demo import cast
from desk.door.door import Door
from ops.history import TASK, history, pending
from states.terms import RefusedError
from workers.build import versioned
from workers.house import up
from workers.reach import House
from workers.settings import Settings
from workers.worker import compose

QUEUE = DEPLOYMENT = "builds"
REPORT = {"clause": "agency.poaching", "against": "lotus", "details": DETAILS}
_PATIENCE = 60


@workflow.defn(name=CASE, sandboxed=False)
class Broken:
    """A case in a build that has other commands: it sleeps where the others commit."""

    @workflow.run
    async def run(self, _start: Start) -> None:
        await workflow.sleep(timedelta(days=30))

    @workflow.signal(name=LOOK)
    def look(self) -> None: ...

    @workflow.update(name=COMMAND)
    async def command(self, _command: Command) -> Answer:
        await workflow.sleep(timedelta(days=30))
        return Answer()


@asynccontextmanager
async def working(house: House, build: str, *, broken: bool = False) -> AsyncIterator[None]:
    """A worker of a build: the present code, or one that breaks what runs."""
    version = versioned(DEPLOYMENT, build)
    how: Any = {"workflow_runner": UnsandboxedWorkflowRunner(), "deployment_config": version}
    if broken:
        worker = Worker(house.client, task_queue=QUEUE, workflows=[Broken], **how)
    else:
        clock = Own(house.clock.now)
        worker = compose(house.client, house.engine, house.key, QUEUE, clock=clock, sandbox=False, version=version)
    async with worker:
        yield


async def make_current(client: Client, build: str) -> None:
    """As `temporal worker deployment set-current-version` does, once the build's worker has been seen."""
    order = SetWorkerDeploymentCurrentVersionRequest(
        namespace=client.namespace, deployment_name=DEPLOYMENT, build_id=build, identity="bench"
    )

    async def done() -> bool:
        try:
            await client.workflow_service.set_worker_deployment_current_version(order)
        except RPCError:
            return False
        return True

    await until(done)


async def until(holds: Callable[[], Awaitable[bool]]) -> None:
    """Wait until it holds."""
    async with asyncio.timeout(_PATIENCE):
        while not await holds():
            await asyncio.sleep(0.05)


async def play(house: House) -> None:
    """Play it, a line a step with its time; what does not come true within a minute ends it."""
    began = time.perf_counter()

    def told(what: str) -> None:
        print(f"{time.perf_counter() - began:6.1f} s  {what}", flush=True)

    async def builds() -> list[str]:
        return (await history(house.client, case)).builds

    async def moved(verb: str, by: str, key: str, **said: str) -> bool:
        try:
            await door.send(by, verb, {"case": case, **said}, key=key)
        except RefusedError:
            return False
        return True

    async with Door.of(house, QUEUE) as door, working(house, "old"):
        await make_current(house.client, "old")
        case = (await door.send("jan", "report", REPORT, key="report"))["case"]
        told(f"build `old` is current, and a case was filed: carried out by {await builds()}")
        async with working(house, "new"):
            must(await moved("claim", "mia", "claim"))
            told(f"build `new` is at work beside it, and the case was claimed: {await builds()}")
            await make_current(house.client, "new")
            must(await moved("release", "mia", "release"))
            must((await builds())[-1] == "new")
            told(f"build `new` is current, and the claim was released: {await builds()}")
        async with working(house, "broken", broken=True):
            await make_current(house.client, "broken")
            told("build `broken` is current")
            wish = asyncio.create_task(moved("claim", "mia", "again"))

            async def failing() -> bool:
                return any(one.name == TASK for one in (await pending(house.client, case)).trying)

            await until(failing)
            told("a claim waits: the case's task fails with `broken`, and nothing is written")
            await make_current(house.client, "old")
            told("back: build `old` is current")
            await until(lambda: _not(failing))
            told("the case goes on")
            first = await wish
            must(first or await moved("claim", "mia", "again"))
            how = "the claim that waited was carried out" if first else "the claim was sent again and carried out"
            told(f"{how}: {await builds()}")


def must(holds: bool) -> None:
    """Raises RuntimeError: it does not hold."""
    if not holds:
        raise RuntimeError("it did not go as it must")


async def _not(holds: Callable[[], Awaitable[bool]]) -> bool:
    return not await holds()


async def main() -> None:
    """Play on servers of its own."""
    logging.getLogger("temporalio").setLevel(logging.CRITICAL)
    with TemporaryDirectory(prefix="casework-builds-", ignore_cleanup_errors=True) as folder:
        async with up(Settings(data_dir=Path(folder)), ephemeral=True, headless=True) as (house, _):
            with house.engine.begin() as connection:
                cast.introduce(connection, house.clock.now())
            await play(house)


if __name__ == "__main__":
    asyncio.run(main())
    sys.stdout.flush()
