"""Starts that don't succeed: one clear sentence each, and nothing left behind."""

import signal
import socket
import subprocess
import time
from pathlib import Path

from outside import alive
from terminal import CASEWORK, family, terminal


def sentence(done: subprocess.CompletedProcess[str]) -> str:
    """The one sentence of a command that could not start."""
    assert done.returncode == 1, done.stdout
    assert "Traceback" not in done.stderr
    assert done.stderr.count("\n") == 1, done.stderr
    return done.stderr


def test_a_busy_port_is_one_sentence(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        at = terminal(tmp_path, postgres_port=other.getsockname()[1])
        assert "set CASEWORK_POSTGRES_PORT" in sentence(at.casework("up"))


def test_a_wrong_setting_is_one_sentence(tmp_path: Path) -> None:
    assert "CASEWORK_UI_PORT can't be used" in sentence(terminal(tmp_path, ui_port="eighty").casework("up"))


def test_a_year_is_for_a_demo_alone(tmp_path: Path) -> None:
    served = terminal(tmp_path, public_url="https://casework.example")
    assert "`--demo-year` is for a demo" in sentence(served.casework("up", "--demo-year"))
    told = terminal(tmp_path, platform_url="https://platform.example", platform_key="a key of the platform's, long")
    assert "CASEWORK_PLATFORM_URL" in sentence(told.casework("up", "--demo-year"))
    assert not (tmp_path / ".casework").exists()


def test_data_of_another_version_is_one_sentence(tmp_path: Path) -> None:
    at = terminal(tmp_path)
    (tmp_path / ".casework" / "postgres").mkdir(parents=True)
    (tmp_path / ".casework" / "postgres" / "PG_VERSION").write_text("12\n", "ascii")
    assert "was written by PostgreSQL 12" in sentence(at.casework("up"))


def test_without_an_engine_a_command_says_how_to_start_one(tmp_path: Path) -> None:
    assert sentence(terminal(tmp_path).casework("queue", "--by", "mia")).endswith("start it with `casework up`.\n")


def test_a_database_that_is_away_is_one_sentence(tmp_path: Path) -> None:
    keys = {"master_key": "a key that is long enough", "keys_url": (tmp_path / "keys").as_uri()}
    at = terminal(tmp_path, database_url="postgresql://somebody:hush@127.0.0.1:1/nothing", **keys)
    said = sentence(at.casework("score", "lotus"))
    assert said.startswith("The database can't be reached")
    assert "hush" not in said


def test_ctrl_c_during_the_start_leaves_nobody_behind(tmp_path: Path) -> None:
    at = terminal(tmp_path)
    process = subprocess.Popen(
        [CASEWORK, "up"], cwd=tmp_path, env=at.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert "starts" in process.stdout.readline()
    time.sleep(0.4)
    pids = family(process.pid)
    process.send_signal(signal.SIGINT)
    said, wrong = process.communicate(timeout=30)
    assert (process.returncode, wrong) == (0, "")
    assert "Casework has stopped" in said
    assert not [pid for pid in pids if alive(pid)]
