"""Prints tables, facts and JSON. What would steer the terminal is written out, whoever wrote it."""

import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, is_dataclass
from datetime import UTC, datetime
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from desk.cli.language import words
from rulebook import characters

_PIPED = 200
# Facts and answers that are times, which JSON has as texts.
_TIMES = frozenset({"at", "occurred", "window_ends"})
# The family of the catalogues that has the words for a column's values.
FAMILIES = {
    "kind": "kind", "status": "status", "then": "status", "from": "status", "to": "status", "stage": "stage",
    "outcome": "outcome", "finding": "finding", "severity": "severity",
    "asked": "side", "side": "side", "filed_side": "side", "is": "role", "role": "role",
    "did": "move", "event": "move", "due": "column", "reason": "why", "filed_by": "who", "who": "who",
    "lane": "lane", "whose": "whose", "trouble": "trouble",
}  # fmt: skip


def console() -> Console:
    """The standard output; a pipe, which has no width, gets 200 columns."""
    width = None if sys.stdout.isatty() else _PIPED
    return Console(markup=False, highlight=False, emoji=False, width=width, soft_wrap=width is not None)


def line(text: str = "") -> None:
    """Print one line and flush it."""
    print(characters.shown(text), flush=True)


def table(title: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Print a table, or a sentence where it is empty; `columns` are keys below `column.` in the catalogues."""
    made = Table(title=characters.shown(title), title_justify="left", box=SIMPLE_HEAD, pad_edge=False)
    for column in columns:
        made.add_column(named(column), overflow="fold")
    for row in rows:
        made.add_row(*(shown(value, column) for value, column in zip(row, columns, strict=True)))
    if made.row_count:
        console().print(made)
    else:
        line(words().say("table.none", title=title))


def document(value: object) -> None:
    """Print one JSON document, in ASCII where the output has no other characters."""
    readable = sys.stdout.encoding.lower().replace("-", "").startswith("utf")
    line(json.dumps(value, indent=2, ensure_ascii=not readable, default=_jsonable))


def facts(given: Mapping[str, Any]) -> None:
    """Print names and values, one a line; what is absent is left out."""
    known = [(named(name), shown(value, name)) for name, value in given.items() if value not in (None, [], {}, "")]
    width = max((len(name) for name, _ in known), default=0)
    for name, value in known:
        line(f"  {name:<{width}}  {value}".replace("\n", f"\n{'':<{width + 4}}"))


def named(column: str) -> str:
    """The name of a column or fact in the reader's language, else its key with spaces."""
    return words().term("column", column).replace("_", " ")


def shown(value: object, name: str = "") -> str:
    """A value for people: enumerations in words, times in the reader's zone with its offset."""
    if value is None:
        return "-"
    if isinstance(value, bool):
        return words().say("say.yes" if value else "say.no")
    if isinstance(value, str) and name in _TIMES:
        value = _time(value)
    if isinstance(value, datetime):
        return value.astimezone(words().zone or UTC).isoformat(" ", "seconds")
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {shown(item)}" for name, item in value.items() if item is not None)
    if isinstance(value, list | tuple | set | frozenset):
        return ", ".join(shown(item, name) for item in value) or "-"
    return characters.shown(words().term(FAMILIES.get(name, ""), f"{value}"))


def _time(text: str) -> datetime | str:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return text


def _jsonable(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat()
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    if isinstance(value, set | frozenset):
        return sorted(value)
    return f"{value}"
