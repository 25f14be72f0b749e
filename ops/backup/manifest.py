"""What says that a folder is a whole backup? A manifest, written last, with the hash of a list of all its files."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from workers.embedded.error import EmbeddedError

FORMAT = 1
DATABASE, EVIDENCE, LISTED, NAME = "postgres", "evidence", "files.txt", "backup.json"
# In the folder of the keys.
KEYS = "keys"


@dataclass(frozen=True)
class Manifest:
    """When a backup was begun, of which schema and PostgreSQL; how many `files` it has, of how many `bytes`.

    `listed` is the SHA-256 of the list of its files, in which each has a line: its SHA-256, and its path. `lost` is how
    many files of cases were not where evidence is kept, or not as they were brought.
    """

    at: str
    schema: str
    postgres: int
    listed: str
    files: int
    bytes: int
    lost: int = 0
    format: int = FORMAT


def write(backup: Path, at: str, schema: str, postgres: int, lost: int) -> Manifest:
    """List the files of a backup, and write its manifest; from then on the folder is one."""
    lines, total = [], 0
    for file in sorted(_files(backup)):
        lines.append(f"{sha256(file)} {file.relative_to(backup)}\n")
        total += file.stat().st_size
    listed = "".join(lines).encode()
    (backup / LISTED).write_bytes(listed)
    manifest = Manifest(at, schema, postgres, hashlib.sha256(listed).hexdigest(), len(lines), total, lost)
    facts = asdict(manifest)
    (backup / NAME).write_text(json.dumps({**facts, "digest": _digest(facts)}, indent=1) + "\n", "utf-8")
    return manifest


def read(backup: Path) -> Manifest:
    """The manifest of a backup.

    Raises:
        EmbeddedError: it is none, it is damaged, or another release wrote it.
    """
    try:
        facts = json.loads((backup / NAME).read_text("utf-8"))
    except FileNotFoundError:
        raise EmbeddedError(f"{backup} is no backup: it has no {NAME}.") from None
    except ValueError:
        facts = None
    if not isinstance(facts, dict) or facts.pop("digest", None) != _digest(facts):
        raise EmbeddedError(f"{backup / NAME} is damaged.")
    if facts["format"] != FORMAT:
        raise EmbeddedError(f"{backup} was written by another release of Casework (format {facts['format']}).")
    return Manifest(**facts)


def prove(backup: Path, manifest: Manifest) -> None:
    """Read every file of a backup.

    Raises:
        EmbeddedError: one is missing, is not as it was written, or is beyond those; the sentence names it.
    """
    listed, files = [*_listed(backup, manifest)], _files(backup)
    if beyond := files - {file for _, file in listed}:
        raise EmbeddedError(f"{min(beyond)} is none of the backup's files: move it elsewhere.")
    for digest, file in listed:
        if file not in files:
            raise EmbeddedError(f"{file} is missing.")
        try:
            found = sha256(file)
        except OSError as error:
            raise EmbeddedError(f"{file} can't be read ({error.strerror}).") from None
        if found != digest:
            raise EmbeddedError(f"{file} is damaged.")


def _listed(backup: Path, manifest: Manifest) -> Iterator[tuple[str, Path]]:
    file = backup / LISTED
    text = file.read_bytes() if file.exists() else b""
    if hashlib.sha256(text).hexdigest() != manifest.listed:
        raise EmbeddedError(f"{file} is damaged.")
    for line in text.decode().splitlines():
        digest, _, path = line.partition(" ")
        yield digest, backup / path


def _files(backup: Path) -> set[Path]:
    """What is in its folders: of database and evidence."""
    folders = (backup / DATABASE, backup / EVIDENCE)
    return {path for folder in folders for path in folder.rglob("*") if path.is_symlink() or path.is_file()}


def sha256(file: Path) -> str:
    """The SHA-256 of a file, in hex."""
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def _digest(facts: dict[str, object]) -> str:
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()
