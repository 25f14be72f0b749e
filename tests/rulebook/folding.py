"""A score by its definition: the oracle that prices and balances are held against (`docs/domain.md` §2.10)."""

from collections.abc import Iterable

from rulebook.scheme import ScoreScheme
from rulebook.score import Act, balances, price
from rulebook.terms import CreatorClass


def in_order(acts: Iterable[Act]) -> list[Act]:
    """Sort acts as a score folds over them: by occurrence, then by verdict (§2.10)."""
    return sorted(acts, key=lambda act: (act.occurred, act.order))


def start(scheme: ScoreScheme, creator_class: CreatorClass | None = None) -> int:
    """Give the score, in points, before any act (§2.1, §3.1)."""
    return scheme.bounds_of(creator_class).start


def cap(scheme: ScoreScheme, creator_class: CreatorClass | None = None) -> int:
    """Give the highest score, in points (§2.1, §3.1)."""
    return scheme.bounds_of(creator_class).cap


def fold(start: int, floor: int, cap: int, prices: Iterable[int]) -> int:
    """Give the score after all prices, clamped to floor and cap at each step (§2.10)."""
    after = balances(start, floor, cap, prices)
    return after[-1] if after else start


def score(scheme: ScoreScheme, creator_class: CreatorClass | None, acts: Iterable[Act]) -> int:
    """Give the score after the acts that stand in one period, in any order."""
    ordered, bounds = in_order(acts), scheme.bounds_of(creator_class)
    return fold(bounds.start, scheme.floor, bounds.cap, price(scheme, ordered))
