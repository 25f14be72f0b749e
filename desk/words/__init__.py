"""The engine's words by language: what is refused, what was told, what a status is called, when something was."""

from desk.words.languages import LANGUAGES, Languages
from desk.words.letters import Letter, letter
from desk.words.words import Words

__all__ = ["LANGUAGES", "Languages", "Letter", "Words", "letter"]
