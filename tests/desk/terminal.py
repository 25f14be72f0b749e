"""A terminal: `casework` as people run it, in a folder and with an environment of its own."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workers.embedded.port import free

CASEWORK = str(Path(sys.executable).with_name("casework"))


@dataclass(frozen=True)
class Terminal:
    folder: Path
    environment: dict[str, str]

    def casework(self, *words: str) -> subprocess.CompletedProcess[str]:
        where: dict[str, Any] = {"cwd": self.folder, "env": self.environment}
        return subprocess.run([CASEWORK, *words], check=False, capture_output=True, text=True, timeout=60, **where)

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

    def start(self, *words: str) -> tuple[subprocess.Popen[str], str]:
        """Start a command that stays; give it with what it said until it was ready."""
        process = subprocess.Popen(
            [CASEWORK, *words], cwd=self.folder, env=self.environment, stdout=subprocess.PIPE, text=True
        )
        said = ""
        for line in process.stdout or ():
            said += line
            if "is ready" in line:
                return process, said
        raise AssertionError(f"it ended with {process.wait()}: {said}")


def terminal(folder: Path, **settings: object) -> Terminal:
    """A terminal in a folder that nobody else uses, with free ports and nothing set but `settings`."""
    folder.mkdir(parents=True, exist_ok=True)
    inherited = {n: v for n, v in os.environ.items() if not n.startswith(("CASEWORK_", "TEMPORAL_"))}
    ports = dict(zip(("postgres_port", "temporal_port", "ui_port"), free(3), strict=True))
    own = {f"CASEWORK_{name.upper()}": str(value) for name, value in {**ports, **settings}.items()}
    return Terminal(folder, inherited | own)


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


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False
