"""PostgreSQL and Temporal as child processes: both started at once, watched, and stopped in order."""

import asyncio
import logging
import os
from collections.abc import AsyncIterator, Awaitable, Coroutine, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, nullcontext
from pathlib import Path
from tempfile import TemporaryDirectory

from workers.embedded.child import Child, Report
from workers.embedded.error import EmbeddedError
from workers.embedded.lock import held
from workers.embedded.port import HOST, free
from workers.embedded.postgres import database_url, house_url, postgres
from workers.embedded.run import Running, Servers, announced
from workers.embedded.secret import folder
from workers.embedded.temporal import temporal
from workers.settings import Settings

_log = logging.getLogger(__name__)
BOTH = frozenset({"postgres", "temporal"})


@asynccontextmanager
async def embedded(
    settings: Settings,
    *,
    only: frozenset[str] = BOTH,
    ephemeral: bool = False,
    headless: bool = False,
    extra: Sequence[str] = (),
    report: Report = _log.warning,
) -> AsyncIterator[Servers]:
    """Run the servers named in `only`, until the block ends.

    `ephemeral` ones live in a temporary folder and in memory, on free ports, and are fast because nothing need last;
    desk and worker are the database's owner there, who makes further databases. `extra` are further arguments for
    Temporal; `report` is called when a server ended and was started again.
    Raises EmbeddedError where one can't start, and out of the block when one ended too often.
    """
    async with _place(settings, ephemeral=ephemeral) as here:
        children: dict[str, Child] = {}

        async def start(name: str, made: Awaitable[Child]) -> None:
            children[name] = await made
            await children[name].start()

        starts = []
        if "temporal" in only:  # the first to begin: it takes longer
            made = temporal(here, ephemeral=ephemeral, headless=headless, extra=extra, report=report)
            starts.append(start("temporal", made))
        if "postgres" in only:
            starts.append(start("postgres", postgres(here, ephemeral=ephemeral, report=report)))
        try:
            await _all(starts)
            servers = _servers(here, children, ephemeral=ephemeral, headless=headless)
            async with _watched(list(children.values())):
                with nullcontext() if ephemeral else announced(here, _running(here, servers)):
                    yield servers
        finally:
            await _stop(children)


@asynccontextmanager
async def _place(settings: Settings, *, ephemeral: bool) -> AsyncIterator[Settings]:
    if ephemeral:
        with TemporaryDirectory(prefix="casework-", ignore_cleanup_errors=True) as name:
            postgres_port, temporal_port, ui_port = free(3)
            ports = {"postgres_port": postgres_port, "temporal_port": temporal_port, "ui_port": ui_port}
            yield settings.model_copy(update={"data_dir": Path(name), **ports})
    else:
        async with held(folder(settings.data_dir)):
            yield settings


async def _all(starts: list[Coroutine[None, None, None]]) -> None:
    for outcome in await asyncio.gather(*starts, return_exceptions=True):
        if outcome is not None:
            raise outcome


async def _stop(children: dict[str, Child]) -> None:
    """Stop Temporal, then the database, even where the first stop was interrupted."""
    async with AsyncExitStack() as stops:
        for name in ("postgres", "temporal"):
            if name in children:
                stops.push_async_callback(children[name].stop)


@asynccontextmanager
async def _watched(children: list[Child]) -> AsyncIterator[None]:
    """Watch the servers; if one is lost the block is cancelled, and EmbeddedError comes out of it."""
    owner = asyncio.current_task()
    lost: list[EmbeddedError] = []

    async def watch(child: Child) -> None:
        try:
            await child.watch()
        except EmbeddedError as error:
            lost.append(error)
            if owner:
                owner.cancel()

    tasks = [asyncio.create_task(watch(child)) for child in children]
    try:
        yield
    except asyncio.CancelledError:
        if not lost or owner is None:
            raise
        owner.uncancel()
        raise lost[0] from None
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    if lost:
        raise lost[0]


def _servers(here: Settings, children: dict[str, Child], *, ephemeral: bool, headless: bool) -> Servers:
    house, owner = (one.get_secret_value() if one else "" for one in (here.database_url, here.owner_url))
    if "postgres" in children:
        owner = database_url(here)
        house = owner if ephemeral else house_url(here)
    connection = here.temporal_connection() if "temporal" not in children else None
    address = f"{HOST}:{here.temporal_port}" if "temporal" in children else (connection or {}).get("target_host", "")
    return Servers(
        database_url=owner or house,
        house_url=house,
        temporal_address=address,
        ui_url=f"http://{HOST}:{here.ui_port}" if "temporal" in children and not headless else "",
    )


def _running(here: Settings, servers: Servers) -> Running:
    return Running(
        pid=os.getpid(),
        database_url=servers.house_url,
        temporal_address=servers.temporal_address,
        namespace=here.temporal_namespace,
        ui_url=servers.ui_url,
        demo=here.demo,
    )
