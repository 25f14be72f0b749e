"""What do a rulebook's files say once some keys of its base are changed? As a scenario's further version has them."""

import json
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import Any

from rulebook.fault import MISSING, RulebookError
from rulebook.files import BASE, TEXTS
from rulebook.layer import items
from rulebook.mistake import Mistake
from rulebook.reader import parse

_PLACE = "changes"


def changed(files: Mapping[str, bytes], changes: Mapping[str, object]) -> dict[str, bytes]:
    """The files with other values in their base, by keys as `casework rulebook diff` writes them; null takes away.

    What is taken from the base goes from the texts of other languages, too.

    Raises:
        RulebookError: nothing has such a key.
    """
    base = next(iter(files)) if len(files) == 1 else BASE
    contents = {name: parse(name, raw) for name, raw in files.items() if name == base or TEXTS.fullmatch(name)}
    for key, value in changes.items():
        section = key.partition(".")[0]
        if section in contents[base]:
            _change(contents[base], key, value, key)
        else:
            _change(contents[base].setdefault("procedure", {}), key, _stated(value), key)
        for name in contents.keys() - {base} if value is None else ():
            _forget(contents[name], key)
    return {**files, **{name: json.dumps(content, ensure_ascii=False).encode() for name, content in contents.items()}}


def _stated(value: object) -> dict[str, object] | None:
    """A procedure key's value with its origin; of none, the default holds."""
    return None if value is None else {"value": value, "illustrative": True}


def _change(around: Any, path: str, value: object, whole: str) -> None:
    """Change what the path leads to, from a mapping or a list of keyed items; `whole` is named in an error."""
    known = items(around) or around
    name = _first(known, path)
    if name is not None and name != path:
        inner = known[name]
        if not isinstance(inner, dict | list):
            raise RulebookError(_PLACE, whole, MISSING, Mistake("one_value", name=name))
        _change(inner, path.removeprefix(f"{name}."), value, whole)
    elif name is None and (value is None or isinstance(around, list)):
        raise RulebookError(_PLACE, whole, MISSING, _no_key(path, known))
    else:
        _put(around, path, value)


def _put(around: Any, name: str, value: object) -> None:
    if isinstance(around, list):
        place = next(number for number, item in enumerate(around) if item["key"] == name)
        around[place : place + 1] = [{"key": name, **value}] if isinstance(value, dict) else []
    elif value is None:
        del around[name]
    else:
        around[name] = value


def _first(known: Mapping[str, Any], path: str) -> str | None:
    """The longest name with which the path begins: internal keys have dots themselves."""
    return max((name for name in known if path == name or path.startswith(f"{name}.")), key=len, default=None)


def _no_key(path: str, known: Iterable[Any]) -> Mistake:
    found = get_close_matches(path, sorted(map(str, known)), n=1)
    return Mistake("no_key_but", near=found[0]) if found else Mistake("no_key")


def _forget(texts: Any, path: str) -> None:
    name = _first(texts, path)
    if name == path:
        del texts[name]
    elif name is not None and isinstance(texts[name], dict):
        _forget(texts[name], path.removeprefix(f"{name}."))
