"""Starts that take long or fail once: a PostgreSQL that recovers is waited for, and a mishap is met by one more try."""

import asyncio
import os
import re
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from time import monotonic

import psycopg
import pytest

from workers.embedded import child
from workers.embedded.child import Child, Program
from workers.embedded.error import EmbeddedError
from workers.embedded.port import free
from workers.embedded.postgres import database_url, postgres
from workers.settings import Settings

RECOVERS = "PostgreSQL recovers from an unclean stop; this can take a while …"
linux = pytest.mark.skipif(sys.platform != "linux", reason="processes are found in /proc")


def postmaster(settings: Settings) -> int:
    return int((settings.data_dir / "postgres" / "postmaster.pid").read_text("ascii").split()[0])


def recovering(settings: Settings) -> int | None:
    """The process that recovers the database, once it has begun to."""
    if "redo starts" not in (settings.data_dir / "logs" / "postgres.log").read_text("utf-8"):
        return None
    with suppress(OSError, ValueError, IndexError):
        for task in Path(f"/proc/{postmaster(settings)}/task").iterdir():
            for pid in (task / "children").read_text("ascii").split():
                if Path(f"/proc/{pid}/cmdline").read_bytes().startswith(b"postgres: startup"):
                    return int(pid)
    return None


async def killed(folder: Path) -> Settings:
    """A database whose server was killed after it had written 60 MB that are in its log only."""
    settings = Settings(data_dir=folder / "d", **dict(zip(("postgres_port", "temporal_port"), free(2), strict=True)))
    server = await postgres(settings, ephemeral=False, report=print)
    with (settings.data_dir / "postgres" / "postgresql.conf").open("a", encoding="ascii") as options:
        options.write("max_wal_size = '4GB'\n")  # no checkpoint of the server's own meanwhile
    await server.start()
    with psycopg.connect(database_url(settings), autocommit=True) as connection:
        connection.execute("create table kept (value int primary key)")
        connection.execute("insert into kept select generate_series(1, 400000)")
        pid = postmaster(settings)
        os.kill(pid, signal.SIGKILL)
    await server.stop()
    return settings


@asynccontextmanager
async def slowly(settings: Settings, run: float, pause: float, seconds: float) -> AsyncIterator[None]:
    """Let the recovery run for a moment only, and then pause, again and again for so many seconds."""

    async def slow() -> None:
        stopped = None
        try:
            end = monotonic() + seconds
            while monotonic() < end:
                if stopped := recovering(settings):
                    os.kill(stopped, signal.SIGSTOP)
                    await asyncio.sleep(pause)
                    os.kill(stopped, signal.SIGCONT)
                await asyncio.sleep(run)
        finally:
            if stopped:
                with suppress(ProcessLookupError):
                    os.kill(stopped, signal.SIGCONT)

    task = asyncio.create_task(slow())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


@linux
async def test_a_recovery_is_waited_for_while_it_makes_progress(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings, told = await killed(tmp_path), list[str]()
    monkeypatch.setattr(child, "READY_SECONDS", 1)
    monkeypatch.setattr(child, "STALLED_SECONDS", 3)
    server, start = await postgres(settings, ephemeral=False, report=told.append), monotonic()
    async with asyncio.timeout(60), slowly(settings, run=0.005, pause=0.2, seconds=5):
        await server.start()
    assert monotonic() - start > 4, "it took longer than either bound"
    assert told == [RECOVERS]
    with psycopg.connect(database_url(settings)) as connection:
        assert connection.execute("select count(*) from kept").fetchone() == (400_000,)
    await server.stop()


@linux
async def test_a_recovery_that_stands_still_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings, told = await killed(tmp_path), list[str]()
    monkeypatch.setattr(child, "STALLED_SECONDS", 2)
    monkeypatch.setattr(child, "STOP_SECONDS", 1)
    server = await postgres(settings, ephemeral=False, report=told.append)
    async with asyncio.timeout(30), slowly(settings, run=0, pause=60, seconds=60):
        with pytest.raises(EmbeddedError, match="PostgreSQL made no progress in its recovery for 2 s; its log is"):
            await server.start()
    assert told[0] == RECOVERS


async def test_a_start_after_an_orderly_stop_says_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(child, "SPOKEN_OF_SECONDS", 0)
    settings, told = Settings(data_dir=tmp_path, postgres_port=free(1)[0]), list[str]()
    for _ in range(2):
        server = await postgres(settings, ephemeral=False, report=told.append)
        await server.start()
        await server.stop()
    assert told == []


def fake(folder: Path, script: str, told: list[str]) -> Child:
    """A server made of a shell script; it serves when it has made the file `up`."""
    program = Program(
        name="Temporal",
        command=("/bin/sh", "-c", script),
        folder=folder,
        own=folder,
        log=folder / "log",
        stop=signal.SIGTERM,
        death=signal.SIGKILL,
        environment={"PATH": os.defpath},
        mishap=("panic:",),
    )

    async def ready() -> bool:
        return (folder / "up").exists()

    return Child(program, ready, told.append)


async def test_a_server_that_panics_once_is_started_once_more_and_it_is_said(tmp_path: Path) -> None:
    told = list[str]()
    once = 'test -e once && touch up && exec sleep 60; touch once; printf "panic: no port\\ngoroutine 1\\n"; exit 2'
    server = fake(tmp_path, once, told)
    await server.start()
    await server.stop()
    (said,) = told
    assert re.fullmatch(r"Temporal did not start: panic: no port \(its log is .*\)\. It is started once more\.", said)


async def test_a_server_that_panics_again_is_not_started_a_third_time(tmp_path: Path) -> None:
    told = list[str]()
    with pytest.raises(EmbeddedError, match="Temporal did not start: panic: no port"):
        await fake(tmp_path, "echo try >> tries; echo panic: no port; exit 2", told).start()
    assert (tmp_path / "tries").read_text("ascii") == "try\n" * 2
    assert len(told) == 1


async def test_a_server_that_refuses_to_start_is_not_started_again(tmp_path: Path) -> None:
    told = list[str]()
    with pytest.raises(EmbeddedError, match="Temporal did not start: Error: unknown flag"):
        await fake(tmp_path, "echo try >> tries; echo Error: unknown flag; exit 1", told).start()
    assert (tmp_path / "tries").read_text("ascii") == "try\n"
    assert told == []
