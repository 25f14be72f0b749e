"""`casework backup` and `casework restore`: the embedded product, kept apart and brought back."""

from pathlib import Path
from typing import Annotated

import typer
from typer import Argument, Option

from desk.cli.answer import Json
from desk.cli.paper import document, line
from desk.cli.running import run
from ops.backup.manifest import Manifest
from ops.backup.restore import restore as brought_back
from ops.backup.take import take
from workers.settings import Settings

_Keys = Annotated[Path | None, Option("--keys", metavar="FOLDER", help="Where its keys are kept, apart from the rest.")]


def backup(
    to: Annotated[Path, Argument(metavar="FOLDER", help="A new folder.")], keys: _Keys = None, as_json: Json = False
) -> None:
    """Back up the running product: database and evidence to a folder, its keys to another."""
    report = _quiet if as_json else line
    taken = run(take(Settings(), to.absolute(), keys.absolute() if keys else None, report))
    _tell(taken, as_json=as_json)
    if not as_json:
        line(f"{to} is a backup. Try it: CASEWORK_DATA_DIR=a/new/folder casework restore {to}")
        if keys is None:
            line(
                "The keys are not in it, and nobody reads its words without: keep them with `--keys`, at another place."
            )


def restore(
    backup: Annotated[Path, Argument(metavar="FOLDER", help="A backup.", exists=True, file_okay=False)],
    keys: _Keys = None,
    as_json: Json = False,
) -> None:
    """Prove a backup, and make it the product of the data folder, which must have no data."""
    report = _quiet if as_json else line
    taken = run(brought_back(Settings(), backup.absolute(), keys.absolute() if keys else None, report))
    _tell(taken, as_json=as_json)
    if not as_json:
        line("It is restored: start it with `casework up`. What was due meanwhile happens then.")
        if keys is None:
            line("Without its keys it does not start (docs/backup.md): restore it with `--keys`, if you have them.")


def _tell(taken: Manifest, *, as_json: bool) -> None:
    if as_json:
        said = {"at": taken.at, "schema": taken.schema, "files": taken.files, "bytes": taken.bytes, "lost": taken.lost}
        document(said)
    else:
        line(f"As of {taken.at}: schema {taken.schema}, {taken.files} files, {taken.bytes / 1_000_000:.0f} MB.")
        if taken.lost:
            line(f"Files of cases that were lost or damaged before: {taken.lost}. `casework verify` names them.")


def _quiet(_: str) -> None:
    """Say nothing of what goes on: the answer is JSON."""


def register(app: typer.Typer) -> None:
    """Add the commands."""
    for command in (backup, restore):
        app.command(rich_help_panel="Operate")(command)
