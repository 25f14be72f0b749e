"""CPU seconds by process, read from `/proc`: on Linux only."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Process:
    """A process at a moment; `own` and `reaped` (of its ended children) are CPU seconds, user and system."""

    pid: int
    parent: int
    name: str
    own: float
    reaped: float


def of_servers() -> dict[str, int]:
    """The process ids of the servers that this process started: `temporal` and `postgres`."""
    return {p.name: p.pid for p in _processes() if p.parent == os.getpid() and p.name in {"temporal", "postgres"}}


def seconds(groups: dict[str, int]) -> dict[str, float]:
    """CPU seconds so far of each named process with all that it started; of this process, without those."""
    processes = list(_processes())
    return {name: _of(pid, processes) for name, pid in groups.items()}


def _of(pid: int, processes: list[Process]) -> float:
    found = next(p for p in processes if p.pid == pid)
    if pid == os.getpid():
        return found.own
    return found.own + found.reaped + sum(_of(p.pid, processes) for p in processes if p.parent == pid)


def _processes() -> Iterator[Process]:
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            text = stat.read_text()
        except (FileNotFoundError, ProcessLookupError):
            continue  # it ended meanwhile
        name, rest = text[text.index("(") + 1 : text.rindex(")")], text[text.rindex(")") + 2 :].split()
        user, system, reaped_user, reaped_system = (int(ticks) / _TICKS for ticks in rest[11:15])
        yield Process(int(stat.parent.name), int(rest[1]), name, user + system, reaped_user + reaped_system)
