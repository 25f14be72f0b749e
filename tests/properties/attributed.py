"""A rulebook that charges a creators' clause to their agency too, which no bundled clause does (`domain.md` §2.9)."""

from pathlib import Path

import yaml

from rulebook.load import BUNDLED


def attributed(folder: Path, clause: str) -> Path:
    """Write the rulebook `live` into the folder with that clause attributed, and give the folder."""
    for file in (BUNDLED / "live").glob("*.yaml"):
        layer = yaml.safe_load(file.read_text("utf-8"))
        if file.stem.startswith("texts"):
            (folder / file.name).write_text(file.read_text("utf-8"), "utf-8")
            continue
        for found in layer.get("clauses", []):
            if found["key"] == clause:
                found["attributed_via"] = ["creator"]
        (folder / file.name).write_text(yaml.safe_dump(layer), "utf-8")
    return folder
