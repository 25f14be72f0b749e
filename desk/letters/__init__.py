"""How does a notice read? Its template's words with the notice's values (English now)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import yaml

# How the notice's values keep a time.
_TIME = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})", re.ASCII)


@dataclass(frozen=True)
class Letter:
    """A notice as a person reads it."""

    subject: str
    body: str


@cache
def templates() -> dict[str, dict[str, str]]:
    """The templates by key."""
    found: dict[str, dict[str, str]] = yaml.safe_load((Path(__file__).parent / "en.yaml").read_text(encoding="utf-8"))
    return found


def letter(template: str, values: Mapping[str, Any], texts: Mapping[str, str]) -> Letter:
    """Fill a template in; values that are ids of texts are shown as those, and times to the minute in UTC.

    Raises:
        KeyError: there is no such template, or it needs a value that the notice does not have.
    """
    shown = {name: _shown(value, texts) for name, value in values.items()}
    words = templates()[template]
    return Letter(words["subject"].format_map(shown), words["body"].format_map(shown))


def _shown(value: object, texts: Mapping[str, str]) -> str:
    if value is None:
        return "—"
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "nothing further"
    if isinstance(value, datetime):
        return f"{value.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
    if isinstance(value, str) and _TIME.fullmatch(value):
        return _shown(datetime.fromisoformat(value), texts)
    return texts.get(str(value), str(value))
