"""Chooses the language of a reader: their own choice, else the best of `Accept-Language`, else English."""

from collections.abc import Mapping
from zoneinfo import ZoneInfo

from desk.words.catalogue import Catalogue, bundled
from desk.words.words import Words

# The shipped languages, each with its name in itself.
LANGUAGES: Mapping[str, str] = {"en": "English", "vi": "Tiếng Việt", "zh": "简体中文"}
DEFAULT = "en"
# A request may ask for more and longer ones than any language has; these are enough (RFC 5646, 4.4.1).
_MOST_RANGES, _LONGEST_TAG = 20, 35


class Languages:
    """The shipped languages, and further or replaced catalogues by language tag."""

    def __init__(self, more: Mapping[str, Catalogue] | None = None) -> None:
        self._more = dict(more or {})

    def words(self, language: str, zone: ZoneInfo | None = None) -> Words:
        """The words of a language that `negotiate` gave, with the reader's zone."""
        return Words(language, self._more.get(language) or bundled(language), zone)

    def negotiate(self, accepted: str | None, choice: str | None = None) -> str:
        """The language for a reader: their choice, or the best of an `Accept-Language` (RFC 9110), or English."""
        if choice is not None and (known := self._known(choice)):
            return known
        for wanted in _preferred(accepted or ""):
            if known := self._known(wanted):
                return known
        return DEFAULT

    def _known(self, tag: str) -> str | None:
        """The language for a tag: `vi` for `vi-VN`; None for traditional Chinese, which `zh` (simplified) is not."""
        low = tag.lower()
        if low.startswith("zh-") and {"hant", "tw", "hk", "mo"} & set(low.split("-")):
            return None
        while low:
            if low in self._more or low in LANGUAGES:
                return low
            low = low.rpartition("-")[0]
        return None


def _preferred(header: str) -> list[str]:
    """The tags of an `Accept-Language`, the best first, without those that can't be read or have `q=0`."""
    found: list[tuple[float, str]] = []
    for part in header.split(",")[:_MOST_RANGES]:
        tag, _, weight = part.partition(";")
        quality = weight.strip().removeprefix("q=")
        try:
            q = float(quality) if weight.strip() else 1.0
        except ValueError:
            continue
        if 0 < len(tag.strip()) <= _LONGEST_TAG and 0 < q <= 1:
            found.append((q, tag.strip()))
    return [tag for _, tag in sorted(found, key=lambda each: -each[0])]
