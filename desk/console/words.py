"""The console's words: its own catalogue, and below it the engine's."""

from functools import cache
from pathlib import Path

from desk.words import LANGUAGES, Languages
from desk.words.catalogue import Catalogue, bundled, read

FOLDER = Path(__file__).parent / "locale"


@cache
def catalogue(language: str) -> Catalogue:
    """The console's catalogue in a language; what it lacks is looked up in the engine's."""
    return read(FOLDER, language, bundled(language))


def spoken() -> Languages:
    """The shipped languages, as the console speaks them."""
    return Languages({language: catalogue(language) for language in LANGUAGES})
