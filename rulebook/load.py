"""Where does the policy come from? Bundled data, a folder or a file; and the document that a database keeps."""

from collections.abc import Mapping
from copy import deepcopy
from pathlib import Path
from typing import Any

from rulebook.assembly import Part, assemble
from rulebook.fault import MISSING, RulebookError
from rulebook.files import BASE, assembled
from rulebook.mistake import Mistake
from rulebook.model import Rulebook
from rulebook.notation import BYTES

BUNDLED = Path(__file__).parent / "data"
# The bundled rulebook that an engine has in force until it gets another.
LIVE = "live"


def bundled() -> list[str]:
    """Give the keys of the rulebooks that the product ships."""
    return sorted(folder.name for folder in BUNDLED.iterdir() if (folder / BASE).is_file())


def is_there(path: Path) -> bool:
    """Whether there is something at a path; at one that the system does not take, as too long, there is nothing."""
    try:
        return path.exists()
    except (OSError, ValueError):
        return False


def load(key_or_path: str | Path, override: Mapping[str, object] | None = None) -> Rulebook:
    """Load and check a rulebook: a bundled one's key, a folder or a file (`rulebook/files.py`).

    `override` changes procedure keys, such as `{"reports.quota_per_month": 2}`, and whether a clause asks for evidence
    and how long it can be appealed, as `{"clauses.agency.poaching.evidence": "required"}`, in all regions, above their
    overlays.

    Raises:
        RulebookError: naming file, line, key and value of everything that is wrong.
    """
    path = BUNDLED / key_or_path if str(key_or_path) in bundled() else Path(key_or_path)
    if not is_there(path):
        raise RulebookError(str(key_or_path), "(file)", MISSING, Mistake("no_rulebook", known=tuple(bundled())))
    return assembled(files_at(path), override)


def files_at(path: Path) -> dict[str, bytes]:
    """Read the files of a rulebook: those of a folder that are YAML, or the one file.

    Raises:
        RulebookError: one can't be read, or the folder has no base.
    """
    if not path.is_dir():
        return {path.name: _read(path)}
    others = sorted(file for file in path.iterdir() if file.suffix in (".yaml", ".yml") and file.name != BASE)
    return {file.name: _read(file) for file in (path / BASE, *others)}


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(BYTES + 1)
    except OSError as error:
        raise RulebookError(str(path), "(file)", MISSING, Mistake("unreadable", problem=f"{error}")) from None


def dump(rulebook: Rulebook) -> dict[str, Any]:
    """Give the JSON-able document of a version; `parse` reads it back, also after a store that sorts keys."""
    return deepcopy(rulebook.document)


def parse(document: Mapping[str, Any]) -> Rulebook:
    """Read what `dump` gave. It is not checked again: a stored version need not pass checks that are newer than it.

    Raises:
        RulebookError: it is no rulebook's document.
    """
    try:
        base, listed, override = document["base"], document["overlays"], document["override"]
        head = {"key": document["key"], "version": document["version"]}
        overlays = [Part(o["file"], {"region": o["region"], "parent": o["parent"], **o["rules"]}) for o in listed]
        texts = [(said["language"], Part(said["file"], said["texts"])) for said in document.get("texts", [])]
        return assemble(Part(base["file"], {**head, **base["rules"]}), overlays, texts, override)
    except (KeyError, TypeError) as error:
        raise RulebookError("(document)", str(error), MISSING, Mistake("no_document")) from None
