"""A number as a language writes it, and the form of a word that it asks for: `1 day`, `2 days`."""

from collections.abc import Sequence
from decimal import Decimal

from desk.words.times import locale_of

# The categories of CLDR, in the order in which a message gives the forms of those that its language has.
_CATEGORIES = ("zero", "one", "two", "few", "many", "other")


def numbered(value: int | Decimal | str, language: str) -> str:
    """A number in groups of three digits; what is no number (`50+`) as it is."""
    if isinstance(value, str):
        return value
    return f"{value:,}" if language != "vi" else f"{value:,}".replace(",", ".")


def counted(value: int | Decimal | str, forms: Sequence[str], language: str) -> str:
    """A number with the form of the word that belongs to it; what is no number has that of many."""
    rule = locale_of(language).plural_form
    known = [category for category in _CATEGORIES if category in {*rule.tags, "other"}]
    at = len(known) if isinstance(value, str) else known.index(rule(value))
    return f"{numbered(value, language)} {forms[min(at, len(forms) - 1)]}"
