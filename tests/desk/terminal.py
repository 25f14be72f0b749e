"""A terminal: `casework` as people run it, in a folder and with an environment of its own."""

import json
import multiprocessing
import os
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, Any

from desk.cli import main
from desk.cli.app import COMMANDS
from workers.embedded.port import free
from workers.embedded.secret import secret
from workers.reach import House

CASEWORK = str(Path(sys.executable).with_name("casework"))
# Most of a short command's time is Python's imports: these processes are forks of one that has them already.
_IMPORTED = multiprocessing.get_context("forkserver")
_IMPORTED.set_forkserver_preload([f"desk.cli.{part}" for part in ("app", *{one.part for one in COMMANDS.values()})])


@dataclass(frozen=True)
class Terminal:
    folder: Path
    environment: dict[str, str]

    def casework(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run a command in a process of its own, to its end."""
        with TemporaryDirectory() as heard:
            out, err = Path(heard, "out"), Path(heard, "err")
            process = _IMPORTED.Process(target=_typed, args=(words, self.folder, self.environment, out, err))
            process.start()
            process.join(60)
            process.kill()
            said, wrong = out.read_text("utf-8"), err.read_text("utf-8")
            return subprocess.CompletedProcess(words, -1 if process.exitcode is None else process.exitcode, said, wrong)

    def told(self, *words: str) -> Any:
        """What a command that succeeds answers in JSON."""
        done = self.casework(*words, "--json")
        assert (done.returncode, done.stderr) == (0, ""), done.stdout + done.stderr
        return json.loads(done.stdout)

    def refused(self, *words: str) -> Any:
        """What a command that is refused answers in JSON."""
        done = self.casework(*words, "--json")
        assert (done.returncode, done.stderr) == (1, ""), done.stdout + done.stderr
        return json.loads(done.stdout)

    def start(self, *words: str, stderr: IO[str] | None = None) -> tuple[subprocess.Popen[str], str]:
        """Start a command that stays; give it with what it said until it was ready."""
        how: dict[str, Any] = {"cwd": self.folder, "env": self.environment, "text": True}
        process = subprocess.Popen([CASEWORK, *words], stdout=subprocess.PIPE, stderr=stderr, **how)
        said = ""
        for line in process.stdout or ():
            said += line
            if "is ready" in line:
                return process, said
        raise AssertionError(f"it ended with {process.wait()}: {said}")


def _typed(words: tuple[str, ...], folder: Path, environment: Mapping[str, str], out: Path, err: Path) -> None:
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    time.tzset()
    for stream, file in ((1, out), (2, err)):
        os.dup2(os.open(file, os.O_WRONLY | os.O_CREAT), stream)
    sys.argv = ["casework", *words]
    main()


def terminal(folder: Path, **settings: object) -> Terminal:
    """A terminal in a folder that nobody else uses, with free ports and nothing set but `settings`."""
    folder.mkdir(parents=True, exist_ok=True)
    inherited = {n: v for n, v in os.environ.items() if not n.startswith(("CASEWORK_", "TEMPORAL_"))}
    ports = dict(zip(("postgres_port", "temporal_port", "ui_port", "api_port"), free(4), strict=True))
    own = {f"CASEWORK_{name.upper()}": str(value) for name, value in {**ports, **settings}.items()}
    return Terminal(folder, inherited | own)


def of_ops(house: House, folder: Path) -> Terminal:
    """A terminal at which ops run commands beside a house."""
    return terminal(
        folder,
        database_url=house.engine.url.set(drivername="postgresql").render_as_string(hide_password=False),
        operator="ops",
        temporal_address=house.client.service_client.config.target_host,
        **keys(house),
    )


def keys(house: House) -> dict[str, str]:
    """The settings by which another process has the keys of a house."""
    said = house.settings.master_key
    master = said.get_secret_value() if said else secret(house.settings.data_dir / "secrets" / "master.key")
    return {"command_key": house.key.decode(), "master_key": master, "keys_url": house.settings.keys}


def stop(process: subprocess.Popen[str], signal: int) -> tuple[int, str]:
    """Send a signal; give the code and the last words."""
    process.send_signal(signal)
    said, _ = process.communicate(timeout=30)
    return process.returncode, said


def family(pid: int) -> set[int]:
    """The process, its children, and theirs."""
    tasks = Path(f"/proc/{pid}/task").iterdir()
    children = {int(child) for task in tasks for child in (task / "children").read_text("ascii").split()}
    return {pid}.union(*(family(child) for child in children))
