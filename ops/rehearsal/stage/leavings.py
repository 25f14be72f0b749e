"""Write a rehearsal's histories and database to a folder."""

import asyncio
import os
from collections.abc import Iterable, Mapping
from pathlib import Path

from sqlalchemy.engine import make_url
from temporalio.client import Client

from workers.embedded.binary import binary
from workers.embedded.error import EmbeddedError


async def leave(folder: Path, client: Client, url: str, cases: Iterable[str]) -> None:
    """Write `CASE.json`, a history that a replayer reads, for each case, and the dump `database.sql`.

    Raises:
        EmbeddedError: there is no `pg_dump`, or it failed.
    """
    histories = {case: await client.get_workflow_handle(case).fetch_history() for case in cases}
    _write(folder, {f"{case}.json": history.to_json() for case, history in histories.items()})
    await _dump(url, folder / "database.sql")


def _write(folder: Path, files: Mapping[str, str]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (folder / name).write_text(content, encoding="utf-8")


async def _dump(url: str, file: Path) -> None:
    at = make_url(url)
    reach = {"HOST": at.host, "PORT": at.port, "USER": at.username, "PASSWORD": at.password, "DATABASE": at.database}
    process = await asyncio.create_subprocess_exec(
        *(str(binary("pg_dump")), "--no-owner", "--file", str(file)),
        env={**os.environ, **{f"PG{name}": str(value) for name, value in reach.items()}},
        stderr=asyncio.subprocess.PIPE,
    )
    _, told = await process.communicate()
    if process.returncode != 0:
        raise EmbeddedError(f"The database could not be dumped: {told.decode(errors='replace').strip()}")
