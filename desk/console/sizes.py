"""How large a file is, as a language writes it."""

from babel.units import format_unit

from desk.words.times import locale_of

_KILOBYTE, _MEGABYTE = 1000, 1000 * 1000


def sized(size: int, language: str) -> str:
    """`340 kB`, `2.1 MB`."""
    unit, of = ("megabyte", _MEGABYTE) if size >= _MEGABYTE else ("kilobyte", _KILOBYTE)
    number = round(size / of, 1) if size >= of else 1
    return str(format_unit(number, f"digital-{unit}", "short", locale=locale_of(language)))
