"""Where does an effective value come from? Each key with the layer that states it; and the files' JSON Schema."""

import json
from dataclasses import dataclass
from typing import Any

from rulebook.assembly import Head, OverlayHead
from rulebook.layer import Path, dotted, leaves
from rulebook.model import Rulebook
from rulebook.procedure import DEFAULTS, Statements
from rulebook.rules import Rules
from rulebook.tag import LANGUAGE
from rulebook.texts import Sections


@dataclass(frozen=True)
class Effective:
    """An effective value: `origin` is `base`, `overlay DE` or `override`; `source` `S …`, `P …` or `illustrative`.

    What no file states, because the key came later, has the origin `default` and no file.
    """

    key: str
    value: Any
    origin: str
    source: str
    file: str


def explain(rulebook: Rulebook, region: str | None = None, key: str | None = None) -> list[Effective]:
    """Give the effective values of a region (a parent such as `EU` too), or of the base, in file order.

    A text in several languages has a key for each, `penalties.base.warning.text.vi`. `key` narrows: a whole dotted key,
    its beginning (`reports`), an internal key in it (`base.warning`), or a language (`vi`).

    Raises:
        UnknownRegion: there is no overlay of this name.
    """
    return [one for one in effective(rulebook, region).values() if _wanted(key, one.key)]


def effective(rulebook: Rulebook, region: str | None) -> dict[Path, Effective]:
    """Give the effective values by the paths of their leaves, in file order.

    Raises:
        UnknownRegion: there is no overlay of this name.
    """
    tree = rulebook.tree(region)
    found: dict[Path, Effective] = {}
    for path, value, statement in leaves(tree):
        if (layer := tree.origins.get(path) or tree.layer_at(path)) is not None:
            source = statement.get("source", "illustrative")
            found[path] = Effective(dotted(path), value, layer.origin, source, layer.file)
    unsaid = DEFAULTS.keys() - tree.values.get("procedure", {}).keys()
    for name in (name for name in DEFAULTS if name in unsaid):
        found["procedure", name, "value"] = Effective(name, DEFAULTS[name], "default", "illustrative", "")
    return found


def _wanted(key: str | None, name: str) -> bool:
    return key is None or f".{key}." in f".{name}."


def schema() -> dict[str, Any]:
    """Give the JSON Schema of a rulebook's file, for editors: a base with its overlays and texts, or one of these."""
    whole, base_defs = _sections("Base")
    part, part_defs = _sections("Overlay")
    for definition in (part, *part_defs.values()):
        definition["required"] = [name for name in definition.get("required", []) if name in ("key", "by", "counts")]
    base = _joined(whole, Head.model_json_schema(), "Base")
    overlay = _joined(part, OverlayHead.model_json_schema(), "Overlay")
    texts = Sections.model_json_schema(ref_template="#/$defs/Texts.{model}")
    texts_defs = {f"Texts.{name}": definition for name, definition in texts.pop("$defs").items()}
    base["properties"]["overlays"] = {"type": "array", "items": {"$ref": "#/$defs/Overlay"}}
    base["properties"]["texts"] = {
        "type": "object",
        "patternProperties": {LANGUAGE: {"$ref": "#/$defs/Texts"}},
        "additionalProperties": False,
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A Casework rulebook's file",
        "anyOf": [{"$ref": f"#/$defs/{form}"} for form in ("Base", "Overlay", "Texts")],
        "$defs": base_defs | part_defs | texts_defs | {"Base": base, "Overlay": overlay, "Texts": texts},
    }


def _sections(prefix: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Give the schema of the sections, and its definitions under names that begin with the prefix."""
    template = f"#/$defs/{prefix}.{{model}}"
    rules = Rules.model_json_schema(ref_template=template)
    statements = Statements.model_json_schema(ref_template=template)
    defs = rules.pop("$defs") | statements.pop("$defs")
    rules["properties"]["procedure"] = {"$ref": f"#/$defs/{prefix}.Statements"}
    rules["required"].append("procedure")
    named = {f"{prefix}.{name}": definition for name, definition in (defs | {"Statements": statements}).items()}
    return rules, json.loads(json.dumps(named))


def _joined(sections: dict[str, Any], head: dict[str, Any], title: str) -> dict[str, Any]:
    return sections | {
        "title": title,
        "properties": head["properties"] | sections["properties"],
        "required": head.get("required", []) + sections["required"],
    }
