"""The product as it ships: `casework up` in a folder of its own, and the CPU of each of its processes."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from tempfile import TemporaryDirectory

from workers.embedded.port import free
from workers.settings import PREFIX, Settings

ENGINE = "engine"


@contextmanager
def running(kept: Path | None = None) -> Iterator[tuple[Settings, int]]:
    """`casework up` until the block ends; its settings and its process id. Its limits are far above what is asked.

    `kept`: the folder of its data, where that shall be there afterwards.
    """
    forgotten = TemporaryDirectory(prefix="casework-bench-", ignore_cleanup_errors=True)
    with nullcontext(str(kept)) if kept else forgotten as folder:
        ports = dict(zip(("api_port", "postgres_port", "temporal_port", "ui_port"), free(4), strict=True))
        facts = {**ports, "data_dir": folder, "requests_per_minute": 1_000_000}
        environment = {name: value for name, value in os.environ.items() if not name.startswith((PREFIX, "TEMPORAL_"))}
        environment |= {f"{PREFIX}{name.upper()}": str(value) for name, value in facts.items()}
        casework = Path(sys.executable).with_name("casework")
        with subprocess.Popen([casework, "up"], env=environment, stdout=subprocess.PIPE, text=True) as process:
            try:
                if not any("is ready" in line for line in process.stdout or ()):
                    raise RuntimeError("Casework did not start")
                yield Settings(data_dir=Path(folder), **ports), process.pid
            finally:
                process.send_signal(signal.SIGINT)


def processes(pid: int) -> dict[str, int]:
    """The processes whose CPU is told: the engine with all that it started, each of its servers, and this one."""
    tasks = Path(f"/proc/{pid}/task").glob("*/children")
    children = [child for task in tasks for child in task.read_text("ascii").split()]
    named = {Path(f"/proc/{child}/comm").read_text("utf-8").strip(): int(child) for child in children}
    return {**named, ENGINE: pid, "client": os.getpid()}
