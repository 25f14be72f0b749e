"""How does a backup become a product again? It is proved first, and only a folder without data takes it."""

import shutil
from pathlib import Path

from ops.backup.manifest import DATABASE, EVIDENCE, KEYS, Manifest, prove, read
from ops.backup.steps import named, to_its_end
from ops.backup.take import Report
from store.migrate import newest
from store.objects import Objects
from workers.embedded.binary import MAJOR
from workers.embedded.error import EmbeddedError
from workers.embedded.lock import held
from workers.embedded.secret import folder
from workers.settings import Settings


async def restore(settings: Settings, backup: Path, keys: Path | None, report: Report) -> Manifest:
    """Make a backup, and its keys if they are named, the product of the settings' data folder; nothing is started.

    Raises:
        EmbeddedError: the backup is damaged or of a newer release, there are no keys, or the folder has data or can't
            be written; none was made of it.
        AwayError: evidence can't be kept where the settings say.
    """
    if "postgres" not in settings.embeds:
        raise EmbeddedError("The database is not embedded: restore it by its own means (docs/backup.md).")
    async with held(folder(settings.data_dir)):
        if any((settings.data_dir / name).exists() for name in (DATABASE, "temporal.db")):
            raise EmbeddedError(f"{settings.data_dir} has data: set CASEWORK_DATA_DIR to a new folder.")
        if keys is not None:
            _must_have_some(keys)
        report("The backup is proved …")
        manifest = await to_its_end(proved, backup)
        report("Evidence …")
        await to_its_end(_give_evidence, settings, backup)
        if keys is not None:
            _give_keys(settings, keys)
        report("The database …")
        await to_its_end(_give_database, settings, backup)
    return manifest


def proved(backup: Path) -> Manifest:
    """The manifest of a backup of which every byte is as it was written.

    Raises:
        EmbeddedError: it is none, is damaged, or a newer release wrote it; the sentence names the file.
    """
    manifest = read(backup)
    if manifest.postgres != MAJOR:
        raise EmbeddedError(f"{backup} has a database of PostgreSQL {manifest.postgres} and this is {MAJOR}.")
    if manifest.schema > newest():
        raise EmbeddedError(f"{backup} was written by a newer release of Casework (schema {manifest.schema}).")
    prove(backup, manifest)
    return manifest


def _must_have_some(keys: Path) -> None:
    if not any(keys.glob("*.key")):
        raise EmbeddedError(f"{keys} has no keys: name the folder that `casework backup --keys` named.")


def _give_evidence(settings: Settings, backup: Path) -> None:
    objects = Objects(settings.evidence)
    for file in sorted((backup / EVIDENCE).glob("*")):
        with file.open("rb") as opened:
            objects.keep(opened)


def _give_keys(settings: Settings, keys: Path) -> None:
    home = folder(settings.data_dir / "secrets")
    for key in keys.glob("*.key"):
        (home / key.name).touch(mode=0o600)
        (home / key.name).write_bytes(key.read_bytes())
    if (keys / KEYS).exists():
        shutil.copytree(keys / KEYS, settings.data_dir / KEYS, dirs_exist_ok=True)


def _give_database(settings: Settings, backup: Path) -> None:
    """Copy the database's files; the folder gets its name when all are there."""
    data = settings.data_dir / DATABASE
    fresh = data.with_suffix(".new")
    shutil.rmtree(fresh, ignore_errors=True)
    try:
        shutil.copytree(backup / DATABASE, fresh)
        # Without it the product's passwords are set anew at the start (`workers/embedded/owner.py`).
        (fresh / "pg_hba.conf").unlink()
        fresh.chmod(0o700)
        named(fresh, data)
    except OSError as error:  # `copytree` gathers several
        shutil.rmtree(fresh, ignore_errors=True)
        why = error.args[0][0][-1] if isinstance(error, shutil.Error) else error.strerror
        raise EmbeddedError(f"{data} can't be written ({why}).") from None
