"""Servers for rehearsals: one PostgreSQL a run; for each scenario a database and a Temporal whose time can skip."""

import asyncio
import logging
import shlex
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import Engine, create_engine, text
from sqlalchemy.engine import make_url
from temporalio.runtime import LoggingConfig, Runtime, TelemetryConfig, TelemetryFilter
from temporalio.testing import WorkflowEnvironment

from ops.rehearsal.stage.pollers import FixedPollers
from store.engine import connect
from store.migrate import migrate
from workers.converter import converter
from workers.embedded import loopback
from workers.embedded.binary import binary
from workers.embedded.servers import embedded
from workers.settings import Settings

log = logging.getLogger("casework.rehearsal")
_TEMPLATE = "rehearsal"
# Ends our own connections to a database, so that it can be dropped.
_CLOSE = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{}' AND usename = current_user"


@dataclass
class Servers:
    """A running PostgreSQL with a migrated template database."""

    admin: Engine
    url: str
    _made: int = 0

    @asynccontextmanager
    async def database(self) -> AsyncIterator[str]:
        """A copy of the template, dropped afterwards; gives its URL. Copying and dropping run in a thread."""
        self._made += 1
        name = f"scenario_{self._made}"
        await asyncio.to_thread(self._run, f"CREATE DATABASE {name} TEMPLATE {_TEMPLATE} STRATEGY file_copy")
        try:
            yield _named(self.url, name)
        finally:
            # Not by force, which ends also a vacuum that is at work there: that is the server's, and not ours to end.
            await asyncio.to_thread(self._run, _CLOSE.format(name), f"DROP DATABASE {name}")

    def _run(self, *statements: str) -> None:
        with self.admin.connect() as connection:
            for statement in statements:
                connection.execute(text(statement))


@asynccontextmanager
async def servers(settings: Settings) -> AsyncIterator[Servers]:
    """Start a PostgreSQL without durability, for the time of the rehearsal."""
    async with embedded(settings, only=frozenset({"postgres"}), ephemeral=True) as started:
        url = started.database_url
        admin = create_engine(
            make_url(url).set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT", pool_size=4
        )
        try:
            made = Servers(admin, url)
            made._run(f"CREATE DATABASE {_TEMPLATE}")  # noqa: SLF001  # this module starts it
            template = connect(_named(url, _TEMPLATE), pool=1)
            migrate(template)
            template.dispose()
            yield made
        finally:
            admin.dispose()


@asynccontextmanager
async def skipping_time() -> AsyncIterator[WorkflowEnvironment]:
    """A Temporal server whose one clock can be moved forward."""
    with _on_loopback(binary("temporal-test-server")) as server:
        environment = await WorkflowEnvironment.start_time_skipping(
            test_server_existing_path=str(server),
            data_converter=converter,
            plugins=[FixedPollers()],
            runtime=_quiet(),
        )
    try:
        yield environment
    finally:
        await environment.shutdown()


@contextmanager
def _on_loopback(server: Path) -> Iterator[Path]:
    """What starts the server so that it listens on loopback alone; it knows no such option itself."""
    if not loopback.possible():
        log.warning("this machine can't keep the rehearsal's Temporal to loopback: it listens on all addresses")
        yield server
        return
    with TemporaryDirectory(prefix="casework-") as folder:
        script = Path(folder, server.name)
        command = shlex.join([sys.executable, "-I", "-S", loopback.__file__, str(server)])
        script.write_text(f'#!/bin/sh\nexec {command} "$@"\n', encoding="utf-8")
        script.chmod(0o700)
        yield script


@cache
def _quiet() -> Runtime:
    """The SDK's runtime, one a process, which does not log what the test server lacks."""
    levels = TelemetryFilter(core_level="ERROR", other_level="ERROR")
    return Runtime(telemetry=TelemetryConfig(logging=LoggingConfig(filter=levels)))


def _named(url: str, name: str) -> str:
    return make_url(url).set(database=name).render_as_string(hide_password=False)
