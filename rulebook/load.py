"""Where does the policy come from? Bundled data, a directory or a file; and the document that a database keeps.

A directory holds `base.yaml`, one file an overlay, and one a language of its texts, such as `texts.vi.yaml`. A single
file is a base, its overlays a list under `overlays`, its texts in other languages a mapping under `texts`.
"""

import re
from collections.abc import Iterable, Mapping
from copy import deepcopy
from pathlib import Path
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from rulebook.fault import MISSING, Fault, RulebookError
from rulebook.layer import Layer
from rulebook.model import Overlay, Rulebook
from rulebook.provenance import Count, Key
from rulebook.reader import read
from rulebook.terms import REGION
from rulebook.texts import Texts

BUNDLED = Path(__file__).parent / "data"
BASE = "base.yaml"
# The bundled rulebook that an engine has in force until it gets another.
LIVE = "live"
# More than there are countries.
MOST_OVERLAYS = 300
TEXTS = re.compile(r"texts\.(.+)\.ya?ml")
CLAUSE_EVIDENCE = re.compile(r"clauses\.(.+)\.evidence")

H = TypeVar("H", bound=BaseModel)
Region = Annotated[str, Field(strict=True, pattern=REGION)]


class Head(BaseModel):
    """The head of a base: the rulebook's key and version."""

    model_config = ConfigDict(extra="ignore")

    key: Key
    version: Count


class OverlayHead(BaseModel):
    """The head of an overlay: its region, and the overlay below it, if any."""

    model_config = ConfigDict(extra="ignore")

    region: Region
    parent: Region | None = None


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
    """Load and check a rulebook: a bundled one's key, a directory or a file.

    `override` changes procedure keys, such as `{"reports.quota_per_month": 2}`, and whether a clause asks for evidence,
    as `{"clauses.agency.poaching.evidence": "required"}`, in all regions, above their overlays.

    Raises:
        RulebookError: naming file, key and value of everything that is wrong.
    """
    path = BUNDLED / key_or_path if str(key_or_path) in bundled() else Path(key_or_path)
    if not is_there(path):
        known = ", ".join(bundled())
        raise RulebookError(str(key_or_path), "(file)", MISSING, f"no such rulebook: neither a path nor one of {known}")
    base_path = path / BASE if path.is_dir() else path
    base = read(base_path)
    overlays = [(base_path.name, content) for content in _listed(base.pop("overlays", []), base_path.name)]
    texts = [(language, base_path.name, said) for language, said in _by_language(base.pop("texts", {}), base_path.name)]
    if path.is_dir():
        others = sorted(file for file in path.iterdir() if file.suffix in (".yaml", ".yml") and file.name != BASE)
        named = {file: TEXTS.fullmatch(file.name) for file in others}
        overlays += [(file.name, read(file)) for file, name in named.items() if not name]
        texts += [(name[1], file.name, read(file)) for file, name in named.items() if name]
    rulebook = _assemble((base_path.name, base), overlays, texts, override or {})
    rulebook.check()
    return rulebook


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
        overlays = [(o["file"], {"region": o["region"], "parent": o["parent"], **o["rules"]}) for o in listed]
        texts = [(said["language"], said["file"], said["texts"]) for said in document.get("texts", [])]
        return _assemble((base["file"], {**head, **base["rules"]}), overlays, texts, override)
    except (KeyError, TypeError) as error:
        raise RulebookError("(document)", str(error), MISSING, "is no rulebook's document") from None


def _listed(overlays: object, file: str) -> list[dict[str, Any]]:
    if not isinstance(overlays, list) or not all(isinstance(overlay, dict) for overlay in overlays):
        raise RulebookError(file, "overlays", overlays, "is no list of overlays")
    return overlays


def _by_language(texts: object, file: str) -> list[tuple[str, object]]:
    if not isinstance(texts, dict):
        raise RulebookError(file, "texts", texts, "is no mapping of languages to their texts")
    return list(texts.items())


def _assemble(
    base: tuple[str, dict[str, Any]],
    overlays: Iterable[tuple[str, dict[str, Any]]],
    texts: Iterable[tuple[str, str, object]],
    override: Mapping[str, object],
) -> Rulebook:
    head = _head(Head, *base)
    by_region: dict[str, Overlay] = {}
    for file, content in overlays:
        own = _head(OverlayHead, file, content)
        if own.region in by_region:
            other = by_region[own.region].layer.file
            raise RulebookError(file, "region", own.region, f"has an overlay already, in {other}")
        layer = Layer(f"overlay {own.region}", file, _without(content, OverlayHead))
        by_region[own.region] = Overlay(own.region, own.parent, layer)
        if len(by_region) > MOST_OVERLAYS:
            raise RulebookError(file, "region", own.region, f"is one of more than {MOST_OVERLAYS} overlays")
    _check_parents(by_region)
    by_language: dict[str, Texts] = {}
    for language, file, said in texts:
        if language in by_language:
            other = by_language[language].file
            raise RulebookError(file, f"texts.{language}", MISSING, f"the language has texts already, in {other}")
        by_language[language] = Texts.of(language, file, said)
    return Rulebook(
        key=head.key,
        version=head.version,
        base=Layer("base", base[0], _without(base[1], Head)),
        overlays=by_region,
        override=Layer("override", "override", _overriding(override)),
        texts=[by_language[language] for language in sorted(by_language)],
    )


def _overriding(override: Mapping[str, object]) -> dict[str, Any]:
    """The statements of an override; none where it is empty."""
    stated: dict[str, Any] = {"procedure": {}, "clauses": []}
    for name, value in override.items():
        if clause := CLAUSE_EVIDENCE.fullmatch(name):
            stated["clauses"].append({"key": clause[1], "evidence": value, "illustrative": True})
        else:
            stated["procedure"][name] = {"value": value, "illustrative": True}
    return {section: said for section, said in stated.items() if said}


def _head(model: type[H], file: str, content: Mapping[str, Any]) -> H:
    try:
        return model.model_validate(content)
    except ValidationError as error:
        raise RulebookError.of(
            [
                Fault(file, str(e["loc"][0]), MISSING if e["type"] == "missing" else e["input"], e["msg"])
                for e in error.errors()
            ]
        ) from None


def _without(content: Mapping[str, Any], head: type[BaseModel]) -> dict[str, Any]:
    return {name: value for name, value in content.items() if name not in head.model_fields}


def _check_parents(overlays: Mapping[str, Overlay]) -> None:
    parents = {overlay.parent for overlay in overlays.values()}
    for overlay in overlays.values():
        if overlay.region not in parents and "zone" not in overlay.layer.content:
            raise RulebookError(overlay.layer.file, "zone", MISSING, "a region that is no parent states its time zone")
        seen, parent = {overlay.region}, overlay.parent
        while parent is not None:
            if parent not in overlays:
                raise RulebookError(overlay.layer.file, "parent", parent, "no such overlay")
            if parent in seen:
                raise RulebookError(overlay.layer.file, "parent", parent, "is its own parent in the end")
            seen.add(parent)
            parent = overlays[parent].parent
