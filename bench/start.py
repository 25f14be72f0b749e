"""The time of whole processes: `casework --help`, a question to a running engine, a first and a later start."""

import argparse
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory, mkdtemp
from threading import Timer

from bench import cpu
from workers.embedded.port import free
from workers.settings import PREFIX

PATIENCE = 120
PORTS = ("api_port", "postgres_port", "temporal_port", "ui_port")
FIRST, LATER = "first `casework up`", "later `casework up`"
HELP, QUEUE = "`casework --help`", "`casework queue`"

# Seconds of each measure, wall clock and CPU: of the process, and of the servers it started.
Times = dict[str, list[tuple[float, float]]]


class Checkout:
    """A checkout that was set up, with a data folder and ports of its own."""

    def __init__(self, path: Path, folder: Path, *, bytecode: bool) -> None:
        self.path, self.times = path, Times()
        self._program = str(path / ".venv" / "bin" / "casework")
        self._folder = folder
        ports = {f"{PREFIX}{name.upper()}": str(port) for name, port in zip(PORTS, free(len(PORTS)), strict=True)}
        inherited = {name: value for name, value in os.environ.items() if not name.startswith((PREFIX, "TEMPORAL_"))}
        # Bytecode that happens to lie in one checkout and not in the other would be half of what is measured.
        inherited |= {"PYTHONPYCACHEPREFIX": mkdtemp(dir=folder), "PYTHONDONTWRITEBYTECODE": "" if bytecode else "1"}
        self._environment = inherited | ports

    def round(self) -> None:
        """Start twice on a folder that is new, and ask what people ask."""
        with TemporaryDirectory(dir=self._folder, ignore_cleanup_errors=True) as folder:
            self._asked(HELP, folder, "--help")
            with self._up(FIRST, folder):
                pass
            with self._up(LATER, folder):
                self._asked(QUEUE, folder, "queue", "--by", "mia", "--json")

    def _asked(self, measure: str, folder: str, *words: str) -> None:
        before = _reaped()
        with self._timed(measure, lambda: _reaped() - before):
            command = [self._program, *words]
            done = subprocess.run(
                command, cwd=folder, env=self._environment, check=True, capture_output=True, timeout=PATIENCE
            )
        if "--json" in words:
            json.loads(done.stdout)

    @contextmanager
    def _up(self, measure: str, folder: str) -> Iterator[None]:
        """Run the engine; it is timed until it says that it is ready."""
        command = [self._program, "up"]
        with subprocess.Popen(command, cwd=folder, env=self._environment, stdout=subprocess.PIPE, text=True) as process:
            patience = Timer(PATIENCE, process.kill)
            patience.start()
            try:
                with self._timed(measure, lambda: cpu.seconds({"up": process.pid})["up"]):
                    if not any("is ready. Stop" in line for line in process.stdout or ()):
                        raise RuntimeError(f"{self.path}: Casework did not start")
                yield
            finally:
                process.send_signal(signal.SIGINT)
                process.wait()
                patience.cancel()

    @contextmanager
    def _timed(self, measure: str, used: Callable[[], float]) -> Iterator[None]:
        start = time.perf_counter()
        yield
        self.times.setdefault(measure, []).append((time.perf_counter() - start, used()))


def compare(paths: list[Path], rounds: int, *, bytecode: bool) -> None:
    """Measure the checkouts in turn, and print medians; of two also the ratios. The first round is not counted."""
    load = os.getloadavg()[0]
    with TemporaryDirectory(prefix="casework-bench-") as folder:
        checkouts = [Checkout(path, Path(folder), bytecode=bytecode) for path in paths]
        for checkout in checkouts:
            checkout.round()
            checkout.times.clear()
        for round_ in range(rounds):
            for checkout in checkouts if round_ % 2 == 0 else reversed(checkouts):
                checkout.round()
    for checkout in checkouts:
        print(f"\n{checkout.path}\n{'':24}{'s, median':>10}{'lowest':>10}{'highest':>10}{'CPU s':>10}")
        for measure, times in checkout.times.items():
            walls = [wall for wall, _ in times]
            spent = median(used for _, used in times)
            print(f"{measure:24}{median(walls):10.2f}{min(walls):10.2f}{max(walls):10.2f}{spent:10.2f}")
    if len(checkouts) > 1:
        _print_ratios(*checkouts)
    print(f"\nload average before and after: {load:.1f}, {os.getloadavg()[0]:.1f}, on {os.cpu_count()} cores")


def _print_ratios(this: Checkout, other: Checkout) -> None:
    """The median over the rounds of each round's ratio, this checkout to the other."""
    print(f"\n{'this to the other':24}{'s':>10}{'CPU s':>10}")
    for measure, times in this.times.items():
        pairs = list(zip(times, other.times[measure], strict=True))
        wall, spent = (median(ours[part] / theirs[part] for ours, theirs in pairs) for part in (0, 1))
        print(f"{measure:24}{wall:10.2f}{spent:10.2f}")


def _reaped() -> float:
    """CPU seconds of the children that have ended."""
    times = os.times()
    return times.children_user + times.children_system


def main() -> None:
    """Read the command line and run."""
    here = Path(__file__).parents[1]
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("other", nargs="?", type=Path, help="a second checkout that was set up, to compare with")
    parser.add_argument("--rounds", type=int, default=5, help="of both starts and both questions (5)")
    parser.add_argument("--no-bytecode", action="store_true", help="where none is kept, as in some containers")
    asked = parser.parse_args()
    paths = [here, *([asked.other.absolute()] if asked.other else [])]
    compare(paths, asked.rounds, bytecode=not asked.no_bytecode)
    sys.stdout.flush()


if __name__ == "__main__":
    main()
