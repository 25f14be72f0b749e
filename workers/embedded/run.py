"""The file by which other processes find the engine that runs on a data directory."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path

from workers.embedded.lock import is_held
from workers.settings import Settings


@dataclass(frozen=True, slots=True)
class Running:
    """How to reach the engine that runs on this data directory, and whether it is a demo."""

    pid: int
    database_url: str = field(repr=False)
    temporal_address: str
    namespace: str
    ui_url: str
    demo: bool = True  # engines of older releases don't say it


@dataclass(frozen=True, slots=True)
class Servers:
    """Where the servers are; one that is not embedded is where the settings say, `""` if nowhere.

    `database_url` is that of its owner, who alone may change the schema, `house_url` that of desk and worker.
    """

    database_url: str = field(repr=False)
    house_url: str = field(repr=False)
    temporal_address: str
    ui_url: str


def running(settings: Settings) -> Running | None:
    """The engine that runs on the settings' data directory now; one that was killed doesn't count."""
    try:
        text = _file(settings).read_text(encoding="utf-8")
    except OSError:
        return None
    return Running(**json.loads(text)) if is_held(settings.data_dir) else None


@contextmanager
def announced(settings: Settings, engine: Running) -> Iterator[None]:
    """Let other processes of this user find the engine, until it stops."""
    file = _file(settings)
    fresh = file.with_suffix(".new")
    fresh.touch(mode=0o600)
    fresh.write_text(json.dumps(asdict(engine)), encoding="utf-8")
    fresh.replace(file)
    try:
        yield
    finally:
        file.unlink(missing_ok=True)


def _file(settings: Settings) -> Path:
    return settings.data_dir / "run.json"
