"""How does a notice read? Its template's words in the reader's language, with the notice's values."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from desk.words.words import Words


@dataclass(frozen=True)
class Letter:
    """A notice as a person reads it."""

    subject: str
    body: str


def letter(words: Words, template: str, values: Mapping[str, Any], texts: Mapping[str, str]) -> Letter:
    """Word a notice when it is read; values that are ids of texts are shown as those."""
    shown = {name: texts.get(value, value) if isinstance(value, str) else value for name, value in values.items()}
    return Letter(words.say(f"letter.{template}.subject", **shown), words.say(f"letter.{template}.body", **shown))
