"""One language's messages, by key: a compiled gettext catalogue beside its `.po` (`make words` compiles them)."""

import gettext
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent / "locale"


class Catalogue:
    """Messages by key. What is missing is looked up in `fallback`; what is missing there too is given as its key."""

    def __init__(self, messages: gettext.NullTranslations, fallback: "Catalogue | None" = None) -> None:
        self._messages = messages
        self._fallback = fallback

    def find(self, key: str) -> str | None:
        """The message of a key, if there is one."""
        found = self._messages.gettext(key)
        if found != key:
            return found
        return self._fallback.find(key) if self._fallback else None

    def __getitem__(self, key: str) -> str:
        return self.find(key) or key


@cache
def bundled(language: str) -> Catalogue:
    """The catalogue that the product ships in a language; what it lacks is looked up in the English one."""
    return read(FOLDER, language, None if language == "en" else bundled("en"))


def read(folder: Path, language: str, fallback: Catalogue | None) -> Catalogue:
    """The compiled catalogue of a language in a folder."""
    with (folder / f"{language}.mo").open("rb") as file:
        return Catalogue(gettext.GNUTranslations(file), fallback)
