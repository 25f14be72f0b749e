"""Sentences by language, made of keys and values: refusals, letters, the words for statuses, times."""

from desk.words.languages import LANGUAGES, Languages
from desk.words.letters import Letter, letter
from desk.words.sight import condition
from desk.words.words import Words

__all__ = ["LANGUAGES", "Languages", "Letter", "Words", "condition", "letter"]
