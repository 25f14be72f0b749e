"""How is a backup taken while everything goes on? The database's files first, then all evidence that its rows name."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import sqlalchemy as sa

from ops.backup.manifest import DATABASE, EVIDENCE, KEYS, Manifest, sha256, write
from ops.backup.steps import named, to_its_end
from store.engine import connect
from store.migrate import revisions
from store.objects import Objects
from store.schema.evidence import evidence
from workers.embedded.binary import MAJOR, binary
from workers.embedded.error import EmbeddedError, NotRunningError
from workers.embedded.owner import KEEPER
from workers.embedded.postgres import keeper_password
from workers.embedded.run import Running, running
from workers.settings import Settings

# Each once, and whether a case has it: an upload that none has may be gone meanwhile.
_HASHES = sa.select(evidence.c.hash, sa.func.bool_or(evidence.c.case.is_not(None))).group_by(evidence.c.hash)
Report = Callable[[str], None]


async def take(settings: Settings, to: Path, keys: Path | None, report: Report) -> Manifest:
    """Back up the running product to a new folder, and its keys to another, if one is named.

    What stops on the way leaves no folder of that name.

    Raises:
        NotRunningError: nothing runs on the data folder.
        EmbeddedError: the database is not embedded, a folder is in the way, or it can't be written.
        AwayError: evidence can't be read.
    """
    if "postgres" not in settings.embeds:
        raise EmbeddedError("The database is not embedded: back it up by its own means (docs/backup.md).")
    engine = running(settings)
    if engine is None:
        raise NotRunningError
    for folder in filter(None, (to, keys)):
        _must_be_free(folder)
        _must_be_apart(folder, {settings.data_dir, to, *([keys] if keys else [])} - {folder})
    if keys == to:
        raise EmbeddedError(f"{to} is for the backup: name another folder for its keys.")
    with _whole(to) as part:
        at = datetime.now(UTC).isoformat(timespec="seconds")
        report("The database …")
        await to_its_end(_copy_database, settings, engine, part / DATABASE)
        report("Evidence …")
        schema, lost = await to_its_end(_copy_evidence, settings, engine, part / EVIDENCE)
        report("The list of what it has …")
        manifest = await to_its_end(write, part, at, schema, MAJOR, lost)
    if keys is not None:
        with _whole(keys) as part:
            _copy_keys(settings, part)
    return manifest


def _must_be_free(folder: Path) -> None:
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise EmbeddedError(f"{folder} is in the way: name a new folder.")


def _must_be_apart(folder: Path, others: Collection[Path]) -> None:
    for other in others:
        if folder.resolve().is_relative_to(other.resolve()):
            raise EmbeddedError(f"{folder} is within {other}: name a folder apart from it.")


@contextmanager
def _whole(folder: Path) -> Iterator[Path]:
    """A folder that gets its name when all is in it; readable by us only, and used by nobody else."""
    part = None
    try:
        folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        part = Path(tempfile.mkdtemp(prefix=f"{folder.name}.part-", dir=folder.parent))
        yield part
        if folder.exists():
            folder.rmdir()
        named(part, folder)
    except OSError as error:
        raise EmbeddedError(f"{folder} can't be written ({error.strerror}).") from None
    finally:
        if part is not None:
            shutil.rmtree(part, ignore_errors=True)


def _copy_database(settings: Settings, engine: Running, to: Path) -> None:
    at = urlsplit(engine.database_url)
    whom = ["--host", f"{at.hostname}", "--port", f"{at.port}", "--username", KEEPER, "--no-password"]
    how = ["--wal-method=stream", "--checkpoint=fast", "--no-manifest"]
    password = keeper_password(settings.data_dir).read_text("ascii").strip()
    environment = {"PATH": os.defpath, "LC_ALL": "C", "PGPASSWORD": password, "PGCONNECT_TIMEOUT": "10"}
    command = [str(binary("pg_basebackup")), "--pgdata", str(to), *whom, *how]
    done = subprocess.run(command, check=False, capture_output=True, text=True, env=environment)
    if done.returncode != 0:
        said = done.stderr.strip().splitlines() or [f"pg_basebackup ended with {done.returncode}"]
        raise EmbeddedError(f"The database could not be copied: {said[-1]}")


def _copy_evidence(settings: Settings, engine: Running, to: Path) -> tuple[str, int]:
    """Copy what rows name now, after the database's files: so all that these name is among it.

    Gives the schema, and how many files of cases are missing or are not what their hash says.
    """
    to.mkdir(mode=0o700)
    objects = Objects(settings.evidence)
    database = connect(engine.database_url, pool=1)
    try:
        with database.connect() as connection:
            (schema,), hashes = revisions(connection), connection.execute(_HASHES).all()
    finally:
        database.dispose()
    lost = 0
    for digest, of_a_case in hashes:
        whole = objects.copy(digest, to / digest) and sha256(to / digest) == digest
        lost += of_a_case and not whole
    return schema, lost


def _copy_keys(settings: Settings, to: Path) -> None:
    for file in sorted((settings.data_dir / "secrets").glob("*.key")):
        copied = to / file.name
        copied.touch(mode=0o600)
        copied.write_bytes(file.read_bytes())
    # After the database: so there is a key of all that this names. Those at CASEWORK_KEYS_URL are apart already.
    if settings.keys_url is None:
        shutil.copytree(settings.data_dir / KEYS, to / KEYS)
