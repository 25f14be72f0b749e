"""Which standing violations complete a repetition, and with which others (§2.7)? Pure.

Each violation that completes a trigger brings its own additional penalty, which stands while those that completed it
stand (ruling 10). Ids are the caller's; violations may be given in any order, and ties keep the given order.
"""

from collections.abc import Hashable, Sequence
from datetime import datetime
from typing import TypeVar
from zoneinfo import ZoneInfo

from rulebook.span import Span

Id = TypeVar("Id", bound=Hashable)


def within(occurred: Sequence[tuple[Id, datetime]], count: int, span: Span, zone: ZoneInfo) -> dict[Id, tuple[Id, ...]]:
    """Give each violation that completes `count` of them within a span, with the latest `count` up to it.

    The span runs from the first of them, its end is outside, as a window's is (ruling 6).
    """
    acts = sorted(occurred, key=lambda act: act[1])
    completed: dict[Id, tuple[Id, ...]] = {}
    for last in range(count - 1, len(acts)):
        window = acts[last - count + 1 : last + 1]
        if window[-1][1] < span.after(window[0][1], zone):
            completed[window[-1][0]] = tuple(act for act, _ in window)
    return completed
