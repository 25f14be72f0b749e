"""How is a version written as the files that it came from? The way back of `rulebook/files.py`, to the same digest.

A version keeps what its files state, not how: no comments, and in a database no order of keys. So there is one way to
write it, the same for the same digest; `source` and `illustrative` are statements, and stay.
"""

import json
from collections.abc import Mapping
from decimal import Decimal
from functools import cache
from typing import Any

import yaml

from rulebook import notation
from rulebook.assembly import Head, OverlayHead
from rulebook.fault import MISSING, RulebookError
from rulebook.mistake import Mistake
from rulebook.model import Overlay, Rulebook
from rulebook.notation import NotationError
from rulebook.procedure import Statements
from rulebook.rules import Rules
from rulebook.wording import WORDED

# Columns of a line; a statement without a text stands in one where it fits.
_WIDTH = 130
_FIRST, _LAST = ("key", "by"), (*WORDED, "source", "illustrative")
_TAGS = {bool: "bool", int: "int", float: "float", str: "str", type(None): "null"}


class _Dumper(yaml.SafeDumper):
    """Indents the items of lists, as people do."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: ARG002
        super().increase_indent(flow, indentless=False)


def written(rulebook: Rulebook) -> dict[str, str]:
    """Give the files of a version by their names, the base first; `assembled` of them has the same digest.

    Raises:
        RulebookError: it has an override, which no file states.
    """
    if rulebook.override.content:
        raise RulebookError("override", "(file)", MISSING, Mistake("overridden"))
    base = {"key": rulebook.key, "version": rulebook.version, **rulebook.base.content}
    files: dict[str, Any] = {rulebook.base.file: base}
    for _, overlay in sorted(rulebook.overlays.items()):
        if overlay.layer.file == rulebook.base.file:
            base.setdefault("overlays", []).append(_overlay(overlay))
        else:
            files[overlay.layer.file] = _overlay(overlay)
    for texts in rulebook.texts:
        if texts.file == rulebook.base.file:
            base.setdefault("texts", {})[texts.language] = texts.content
        else:
            files[texts.file] = texts.content
    return {name: _text(content) for name, content in files.items()}


def _overlay(overlay: Overlay) -> dict[str, Any]:
    parent = {"parent": overlay.parent} if overlay.parent else {}
    return {"region": overlay.region, **parent, **overlay.layer.content}


def _text(content: Mapping[str, Any]) -> str:
    """One file: its head, then each section after an empty line."""
    heads = Head.model_fields.keys() | OverlayHead.model_fields.keys()
    parts = [(name, _yaml({name: content[name]})) for name in sorted(content, key=_rank)]
    head = "".join(text for name, text in parts if name in heads)
    return "\n".join([*([head] if head else []), *(text for name, text in parts if name not in heads)])


def _yaml(value: Mapping[str, Any]) -> str:
    text: str = yaml.serialize(_node(value, 0), Dumper=_Dumper, allow_unicode=True, width=_WIDTH)
    return text


def _node(value: Any, depth: int) -> yaml.Node:
    if isinstance(value, Mapping):
        pairs = [(_scalar(name), _node(value[name], depth + 1)) for name in sorted(value, key=_rank)]
        return yaml.MappingNode("tag:yaml.org,2002:map", pairs, flow_style=not value or (depth > 1 and _short(value)))
    if isinstance(value, list):
        short = not any(isinstance(one, Mapping) for one in value) and _short(value)
        return yaml.SequenceNode("tag:yaml.org,2002:seq", [_node(one, depth + 1) for one in value], flow_style=short)
    return _scalar(value)


def _short(value: Any) -> bool:
    return not (isinstance(value, Mapping) and any(name in value for name in WORDED)) and len(f"{value}") <= _WIDTH


def _scalar(value: object) -> yaml.ScalarNode:
    tag = f"tag:yaml.org,2002:{_TAGS[type(value)]}"
    if isinstance(value, str):
        return yaml.ScalarNode(tag, value, style=_style(value))
    word = value is None or isinstance(value, bool)
    return yaml.ScalarNode(tag, json.dumps(value) if word else f"{Decimal(repr(value)):f}")


def _style(text: str) -> str | None:
    """Plain where it is read back as this text; lines as lines; else in quotes."""
    try:
        if notation.parse(text.encode()) == text:
            return None
    except NotationError:
        pass
    return "|" if "\n" in text and text.replace("\n", "").isprintable() else '"'


def _rank(name: str) -> tuple[int, str]:
    order = _order()
    return order.get(name, len(order)), name


@cache
def _order() -> dict[str, int]:
    """The keys in the order in which the models state them; by name what they don't name, such as languages."""
    rules, statements = Rules.model_json_schema(), Statements.model_json_schema()
    models = [rules, statements, *rules["$defs"].values(), *statements["$defs"].values()]
    heads = [*Head.model_fields, *OverlayHead.model_fields]
    stated = [name for model in models for name in model.get("properties", {})]
    names = [name for name in dict.fromkeys([*_FIRST, *heads, *stated]) if name not in _LAST]
    last = 2 * len(names)
    return {name: number for number, name in enumerate(names)} | {name: last + n for n, name in enumerate(_LAST)}
