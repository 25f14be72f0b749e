"""Files of evidence on the command line: uploaded before the command that brings them, and fetched."""

from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import IO, Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn
from typer import Argument, Option

from activities.entered import named
from activities.subject import known
from desk.cli.answer import By, Case, Json, refusals, tell
from desk.cli.database import reading
from desk.cli.running import run
from desk.door.door import Door
from desk.evidence.keep import Intake
from desk.reading.dossier import Dossiers
from desk.refusal import ApiCode, ProblemError
from desk.upload import upload
from rulebook.characters import shown
from states.terms import RefusedError
from store.content import content
from store.evidence import File
from store.in_thread import in_thread
from store.objects import Objects
from store.pieces import AlteredError
from workers.settings import Settings

Files = Annotated[
    list[Path] | None,
    Option(
        "--evidence",
        metavar="FILE",
        exists=True,
        dir_okay=False,
        readable=True,
        help="A file that proves it; give it for each.",
    ),
]
_PART = 1024 * 1024
Watch = Callable[[int], None]


async def bring(door: Door, by: str, files: Sequence[Path], key: str) -> list[str]:
    """Upload files, each under a key of its own that follows from the command's, and give their ids.

    Raises:
        RefusedError: one is not taken; the field is the file.
    """
    settings = Settings()
    intake = Intake(Objects(settings.evidence), settings.data_dir)
    actor = await in_thread(door.engine, known, door.engine, by)
    ids = []
    for place, path in enumerate(files):
        with _progress(path.name, path.stat().st_size) as watch, path.open("rb") as file:
            parts = _parts(iter(lambda: file.read(_PART), b""), watch)
            try:
                name = named(path.name, "evidence")
                told = await upload(door.engine, intake, actor, name, parts, f"{key}/{place}", door.now())
                ids.append(told["id"])
            except RefusedError as refused:
                refused.field = str(path)
                raise
    return ids


def evidence(
    case: Case,
    file: Annotated[str, Argument(metavar="FILE", help="The file's id, as `casework case show` lists it.")],
    by: By,
    output: Annotated[
        Path, Option("--output", metavar="PATH", dir_okay=False, writable=True, help="Where to write it.")
    ],
    as_json: Json = False,
) -> None:
    """Fetch a file of evidence."""
    with refusals(as_json=as_json):
        found = run(_fetch(by, case, file, output))
    tell({"file": found.id, "name": found.name, "size": found.size, "written": str(output)}, as_json=as_json)


async def _fetch(by: str, case: str, file_id: str, output: Path) -> File:
    with reading() as (engine, now):
        found = Dossiers(engine, now).file(known(engine, by), case, file_id)
    file, chunks = found.file, await content(Objects(Settings().evidence), found)
    if chunks is None:
        raise ProblemError(ApiCode.FAILED, "file_gone")
    with _replacing(output) as written, _progress(file.name or file.id, file.size) as watch:
        try:
            async for chunk in chunks:
                written.write(chunk)
                watch(len(chunk))
        except AlteredError:
            raise ProblemError(ApiCode.FAILED, "file_gone") from None
    return file


@contextmanager
def _replacing(path: Path) -> Iterator[IO[bytes]]:
    """A file beside the path that takes its place at the end; where that fails it is gone, and the path as it was."""
    with NamedTemporaryFile(dir=path.parent, prefix=".casework-", delete=False) as written:
        try:
            yield written
        except BaseException:
            Path(written.name).unlink()
            raise
    Path(written.name).replace(path)


async def _parts(parts: Iterator[bytes], watch: Watch) -> AsyncIterator[bytes]:
    for part in parts:
        yield part
        watch(len(part))


@contextmanager
def _progress(name: str, size: int) -> Iterator[Watch]:
    """A bar on stderr while a file comes or goes; removed at the end, and not shown where no terminal is."""
    on = Console(stderr=True)
    columns = (TextColumn("{task.description}", markup=False), BarColumn(30), DownloadColumn())
    with Progress(*columns, console=on, transient=True, disable=not on.is_terminal) as bar:
        task = bar.add_task(shown(name), total=size)
        yield lambda more: bar.advance(task, more)


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(rich_help_panel="Look")(evidence)
