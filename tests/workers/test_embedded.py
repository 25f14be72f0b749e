"""The embedded servers: they keep what they are told, come back when they die, and die with us."""

import asyncio
import os
import signal
import stat
import sys
from pathlib import Path
from typing import LiteralString

import psycopg
import pytest
from outside import alive
from temporalio.api.operatorservice.v1 import ListSearchAttributesRequest
from temporalio.client import Client

from activities.shown import KEYS
from workers.clock import Clock
from workers.embedded.error import EmbeddedError
from workers.embedded.owner import OWNER
from workers.embedded.port import free
from workers.embedded.run import Servers, running
from workers.embedded.secret import command_key
from workers.embedded.servers import embedded
from workers.settings import Settings

POSTGRES = frozenset({"postgres"})
# Another process that runs the servers on a data directory and waits.
ENGINE = """
import asyncio, sys
from workers.embedded.servers import embedded
from workers.settings import Settings

async def main():
    postgres, temporal, ui = map(int, sys.argv[2:])
    settings = Settings(data_dir=sys.argv[1], postgres_port=postgres, temporal_port=temporal, ui_port=ui)
    async with embedded(settings):
        print("up", flush=True)
        await asyncio.sleep(60)

asyncio.run(main())
"""


def on(folder: Path) -> Settings:
    """Settings for a data directory of its own, which a stranger may not enter, on ports of its own."""
    folder.chmod(0o700)
    postgres_port, temporal_port, ui_port = free(3)
    return Settings(data_dir=folder / "d", postgres_port=postgres_port, temporal_port=temporal_port, ui_port=ui_port)


def postmaster(settings: Settings) -> int:
    return int((settings.data_dir / "postgres" / "postmaster.pid").read_text("ascii").split()[0])


def children(pid: int) -> list[int]:
    """The living children of a process, by its threads."""
    tasks = Path(f"/proc/{pid}/task").iterdir()
    return [int(child) for task in tasks for child in (task / "children").read_text("ascii").split()]


def capabilities(pid: int) -> int:
    """The set of capabilities that a process uses now."""
    status = Path(f"/proc/{pid}/status").read_text("ascii").splitlines()
    return next(int(line.split()[1], 16) for line in status if line.startswith("CapEff"))


def modes(*folders: Path) -> set[int]:
    return {stat.S_IMODE(folder.stat().st_mode) for folder in folders}


async def gone(pids: list[int]) -> bool:
    async with asyncio.timeout(10):
        while True:
            if not any(alive(pid) for pid in pids):
                return True
            await asyncio.sleep(0.02)


def tell(servers: Servers, sql: LiteralString) -> None:
    with psycopg.connect(servers.database_url) as connection:
        connection.execute(sql)


def ask(servers: Servers, sql: LiteralString) -> object:
    with psycopg.connect(servers.database_url) as connection:
        row = connection.execute(sql).fetchone()
        return row[0] if row else None


async def answer(servers: Servers, sql: LiteralString) -> object:
    """What the database says, as soon as it says something again."""
    async with asyncio.timeout(15):
        while True:
            try:
                return ask(servers, sql)
            except psycopg.OperationalError:
                await asyncio.sleep(0.05)


async def test_a_second_start_finds_what_the_first_was_told(tmp_path: Path) -> None:
    settings = on(tmp_path)
    async with embedded(settings) as servers:
        tell(servers, "create table kept as select 42 as value")
        client = await Client.connect(servers.temporal_address)
        asked = ListSearchAttributesRequest(namespace=client.namespace)
        known = (await client.operator_service.list_search_attributes(asked)).custom_attributes
        assert known.keys() >= {key.name for key in KEYS}  # before any worker has come
    async with embedded(settings, headless=True) as servers:
        assert ask(servers, "select value from kept") == 42
        assert servers.ui_url == ""
    assert (settings.data_dir / "temporal.db").exists()


async def test_servers_listen_on_this_machine_only(tmp_path: Path) -> None:
    settings = on(tmp_path)
    async with embedded(settings, only=POSTGRES) as servers:
        assert ask(servers, "show listen_addresses") == "127.0.0.1"
        options = (settings.data_dir / "postgres" / "postmaster.opts").read_text("ascii")
        assert '"unix_socket_directories="' in options
        assert ask(servers, "show fsync") == "on"
        with pytest.raises(psycopg.OperationalError, match="password"):
            psycopg.connect(servers.database_url.replace(f"{OWNER}:", f"{OWNER}:x"))


async def test_what_is_secret_is_ours_alone(tmp_path: Path) -> None:
    settings = on(tmp_path)
    key = command_key(settings)
    async with embedded(settings, only=POSTGRES) as servers:
        files = [*(settings.data_dir / "secrets").iterdir(), settings.data_dir / "run.json"]
        assert modes(*files) == {0o600}
        assert len(files) == 5  # the key of commands, passwords of owner, house and keeper, where the engine is
        assert "@" not in repr(servers)
    assert command_key(settings) == key


async def test_a_running_engine_is_found_until_it_stops(tmp_path: Path) -> None:
    settings = on(tmp_path)
    assert running(settings) is None
    async with embedded(settings, only=POSTGRES) as servers:
        engine = running(settings)
        assert engine
        assert (engine.pid, engine.database_url) == (os.getpid(), servers.house_url)
        left = (settings.data_dir / "run.json").read_bytes()
    assert running(settings) is None
    (settings.data_dir / "run.json").write_bytes(left)
    assert running(settings) is None, "what a killed engine left behind is not believed"


async def test_folders_on_the_way_keep_their_modes(tmp_path: Path) -> None:
    """A root that starts us in a folder of mode 0700 needs nothing from us but the data directory."""
    settings = on(tmp_path)
    async with embedded(settings, only=POSTGRES):
        assert capabilities(postmaster(settings)).bit_count() <= 1, "at most the one that leads to its files"
    assert modes(tmp_path, settings.data_dir) == {0o700}


async def test_a_killed_database_comes_back_with_its_data(tmp_path: Path) -> None:
    settings = on(tmp_path)
    told: list[str] = []
    async with embedded(settings, only=POSTGRES, report=told.append) as servers:
        tell(servers, "create table kept as select 42 as value")
        first = postmaster(settings)
        os.kill(first, signal.SIGKILL)
        assert await gone([first])
        assert await answer(servers, "select value from kept") == 42
        assert postmaster(settings) != first
    assert told[0] == "PostgreSQL ended unexpectedly (SIGKILL); starting it again."


async def test_a_killed_temporal_comes_back_on_its_port(tmp_path: Path) -> None:
    back = asyncio.Event()
    settings = on(tmp_path)

    def report(told: str) -> None:
        if told == "Temporal is back.":
            back.set()

    others = set(children(os.getpid()))
    async with embedded(settings, only=frozenset({"temporal"}), headless=True, report=report) as servers:
        (own,) = set(children(os.getpid())) - others
        os.kill(own, signal.SIGKILL)
        async with asyncio.timeout(15):
            await back.wait()
        assert await (await Client.connect(servers.temporal_address)).service_client.check_health()


async def test_a_server_that_keeps_ending_ends_the_engine_with_a_sentence(tmp_path: Path) -> None:
    settings = on(tmp_path)

    async def engine() -> None:
        async with embedded(settings, only=POSTGRES), asyncio.timeout(40):
            (settings.data_dir / "postgres" / "postgresql.conf").write_text("nonsense", "ascii")
            os.kill(postmaster(settings), signal.SIGKILL)
            await asyncio.Event().wait()

    with pytest.raises(EmbeddedError, match="PostgreSQL ended 6 times within a minute"):
        await engine()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux kills children with their parent")
async def test_a_killed_engine_leaves_no_server_and_starts_again(tmp_path: Path) -> None:
    settings = on(tmp_path)
    ports = (settings.postgres_port, settings.temporal_port, settings.ui_port)
    engine = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-c", ENGINE, str(settings.data_dir), *map(str, ports)),
        stdout=asyncio.subprocess.PIPE,
    )
    assert engine.stdout
    async with asyncio.timeout(30):
        assert await engine.stdout.readline() == b"up\n"
    servers = children(engine.pid)
    assert len(servers) == 2
    assert {os.getsid(pid) for pid in servers} == set(servers), "the terminal's Ctrl-C reaches none of them"
    below = [child for pid in servers for child in children(pid)]
    with pytest.raises(EmbeddedError, match=f"already runs on .* \\(process {engine.pid}\\)"):
        async with embedded(settings):
            pass
    engine.kill()
    await engine.wait()
    async with embedded(settings) as again:
        assert ask(again, "select 1") == 1
        assert await gone(servers + below)


async def test_an_ephemeral_pair_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = on(tmp_path)
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))
    async with embedded(settings, ephemeral=True, headless=True) as servers:
        assert ask(servers, "show fsync") == "off"
        (folder,) = (tmp_path / "temporary").iterdir()
        assert running(settings) is None
    assert not folder.exists()
    assert not settings.data_dir.exists()


def test_a_storys_clock_runs_away_from_the_real_one() -> None:
    from datetime import UTC, timedelta

    ahead = Clock(timedelta(days=20)).now() - Clock().now()
    assert timedelta(days=20) - timedelta(seconds=1) < ahead <= timedelta(days=20)
    assert Clock().now().tzinfo is UTC
