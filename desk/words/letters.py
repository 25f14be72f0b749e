"""The letter of a notice: subject and body of its template, in the reader's language, with the notice's values.

Each sentence of a body that may be missing stands on a line of its own: without its value it is left out.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from desk.words.words import Words


@dataclass(frozen=True)
class Letter:
    """Subject and body of a notice, as a person reads them."""

    subject: str
    body: str


def letter(words: Words, template: str, values: Mapping[str, Any], texts: Mapping[str, str | None]) -> Letter:
    """Make the letter when it is read; a value that is the id of a text is replaced by it, or by that it is erased."""
    worded = {id_: body or words.say("say.erased") for id_, body in texts.items()}
    shown = {name: worded.get(value, value) if isinstance(value, str) else value for name, value in values.items()}
    return Letter(words.say(f"letter.{template}.subject", **shown), words.lines(f"letter.{template}.body", **shown))
