"""What is one version made of? A base, its overlays, its texts and an override, put together and held to each other."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import ErrorDetails

from rulebook.fault import MISSING, Fault, RulebookError
from rulebook.layer import Layer, Path
from rulebook.misfit import misfit
from rulebook.mistake import Mistake
from rulebook.model import Overlay, Rulebook
from rulebook.provenance import Count, Key
from rulebook.terms import REGION
from rulebook.texts import Texts

# More than there are countries.
MOST_OVERLAYS = 300
OF_A_CLAUSE = re.compile(r"clauses\.(.+)\.(evidence|appeals_window)")

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


@dataclass(frozen=True)
class Part:
    """What a file states, or a place within it: of a base, of an overlay, or of the texts in a language."""

    file: str
    content: Any
    within: Path = ()


def assemble(
    base: Part, overlays: Iterable[Part], texts: Iterable[tuple[str, Part]], override: Mapping[str, object]
) -> Rulebook:
    """Put a version together, whose statements are not checked yet.

    Raises:
        RulebookError: a head is wrong, a region or a language is there twice, or a parent is missing.
    """
    head = _head(Head, base)
    return Rulebook(
        key=head.key,
        version=head.version,
        base=Layer("base", base.file, _without(base.content, Head), within=base.within),
        overlays=_by_region(overlays),
        override=Layer("override", "override", _overriding(override)),
        texts=[one for _, one in sorted(_by_language(texts).items())],
    )


def _by_region(overlays: Iterable[Part]) -> dict[str, Overlay]:
    found: dict[str, Overlay] = {}
    for part in overlays:
        own, at = _head(OverlayHead, part), (*part.within, "region")
        if own.region in found:
            twice = Mistake("region_twice", file=found[own.region].layer.file)
            raise RulebookError(part.file, "region", own.region, twice, at=at)
        layer = Layer(f"overlay {own.region}", part.file, _without(part.content, OverlayHead), within=part.within)
        found[own.region] = Overlay(own.region, own.parent, layer)
        if len(found) > MOST_OVERLAYS:
            raise RulebookError(part.file, "region", own.region, Mistake("many_overlays", most=MOST_OVERLAYS), at=at)
    _check_parents(found)
    return found


def _by_language(texts: Iterable[tuple[str, Part]]) -> dict[str, Texts]:
    found: dict[str, Texts] = {}
    for language, part in texts:
        if language in found:
            twice = Mistake("language_twice", file=found[language].file)
            raise RulebookError(part.file, f"texts.{language}", MISSING, twice, at=part.within or ("(file)",))
        found[language] = Texts.of(language, part.file, part.content, part.within)
    return found


def _overriding(override: Mapping[str, object]) -> dict[str, Any]:
    """The statements of an override; none where it is empty."""
    clauses: dict[str, dict[str, object]] = {}
    steps: dict[str, object] = {}
    for name, value in override.items():
        if leaf := OF_A_CLAUSE.fullmatch(name):
            clauses.setdefault(leaf[1], {"key": leaf[1], "illustrative": True})[leaf[2]] = value
        else:
            steps[name] = {"value": value, "illustrative": True}
    stated = {"procedure": steps, "clauses": list(clauses.values())}
    return {section: said for section, said in stated.items() if said}


def _head(model: type[H], part: Part) -> H:
    try:
        return model.model_validate(part.content)
    except ValidationError as error:
        raise RulebookError.of([_of_head(part, one) for one in error.errors(include_url=False)]) from None


def _of_head(part: Part, error: ErrorDetails) -> Fault:
    key, value = f"{error['loc'][0]}", MISSING if error["type"] == "missing" else error["input"]
    return Fault(part.file, key, value, misfit(error), (*part.within, key))


def _without(content: Mapping[str, Any], head: type[BaseModel]) -> dict[str, Any]:
    return {name: value for name, value in content.items() if name not in head.model_fields}


def _check_parents(overlays: Mapping[str, Overlay]) -> None:
    parents = {overlay.parent for overlay in overlays.values()}
    for overlay in overlays.values():
        if overlay.region not in parents and not overlay.has_zone:
            raise _wrong(overlay, "zone", MISSING, Mistake("region_zone"))
        seen, parent = {overlay.region}, overlay.parent
        while parent is not None:
            if parent not in overlays:
                raise _wrong(overlay, "parent", parent, Mistake("no_overlay"))
            if parent in seen:
                raise _wrong(overlay, "parent", overlay.parent, Mistake("own_parent"))
            seen.add(parent)
            parent = overlays[parent].parent


def _wrong(overlay: Overlay, key: str, value: object, mistake: Mistake) -> RulebookError:
    layer = overlay.layer
    return RulebookError(layer.file, key, value, mistake, at=(*layer.within, key))
