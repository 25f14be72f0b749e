"""Draws how many carry each penalty before and after a change, as two bars each."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from desk.drawing.svg import band, line, picture, text

_ROW, _NAME, _BAR, _GAP = 64, 16, 14, 4
# The part of the width that the longest bar takes; behind it stands its number.
_LONGEST, _SPACE = 0.9, 0.01


@dataclass(frozen=True)
class Tier:
    """A penalty, as it is called, and how many carry it before and after."""

    name: str
    before: int
    after: int


def drawn(tiers: Sequence[Tier], title: str, told: str) -> str:
    """Draw them one below the other; `title` and `told` are for who can't see it."""
    return picture("tiers", _ROW * len(tiers), title, told, _parts(tiers))


def _parts(tiers: Sequence[Tier]) -> Iterator[str]:
    most = max((max(one.before, one.after) for one in tiers), default=0) or 1
    for number, one in enumerate(tiers):
        top = number * _ROW
        yield text(one.name, 0, top + _NAME - _GAP, "name", "start")
        yield from _bar("before", one.before, most, top + _NAME)
        yield from _bar("more" if one.after > one.before else "after", one.after, most, top + _NAME + _BAR + _GAP)
    yield line("axis", 0, 0, 0, _ROW * len(tiers) - _BAR)


def _bar(class_: str, count: int, most: int, top: float) -> Iterator[str]:
    end = _LONGEST * count / most
    yield band(class_, 0, top, end, top + _BAR)
    yield text(f"{count}", end + _SPACE, top + _BAR - 3, "count", "start")
