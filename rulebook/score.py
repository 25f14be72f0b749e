"""What does a violation cost, and what is the score after it? Prices, balances and tiers, in points. Pure.

The acts are those of one period; in which a violation falls, `activities/move/effects/charges.py` books with it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, NamedTuple

from rulebook.scheme import MatrixPricing, RankPricing, ScoreScheme, Tier
from rulebook.terms import Severity


@dataclass(frozen=True, slots=True)
class Act:
    """A standing violation, or a recovery, with all that its price depends on, as it was when it happened (ruling 9).

    `order` is that of the verdicts and breaks ties. `extra` is the extra deduction in points, on top of a violation's
    price. `points` fixes the price: what a violation cost at its verdict, under `freeze`, or what a recovery gains.
    One that gets its price now, under `freeze`, ranks `last`: after those that were decided before (ruling 8).
    """

    id: str
    occurred: datetime
    order: int
    kind: Literal["violation", "recovery"] = "violation"
    severity: Severity = Severity.MILD
    extra: int = 0
    level: int | None = None
    followers: int | None = None
    average_viewers: int | None = None
    points: int | None = None
    last: bool = False


def price(scheme: ScoreScheme, acts: Sequence[Act]) -> list[int]:
    """Price the acts that stand in one period, in any order; the result is aligned with them.

    In points: what a violation takes is positive, what a recovery gives negative. A violation's rank follows the order
    of occurrence (§2.10).
    """
    if isinstance(scheme.pricing, RankPricing):
        return _by_rank(scheme, scheme.pricing, acts)
    return [
        _gain(scheme, act) if act.kind == "recovery" else _fixed(act, _by_severity(scheme.pricing, act)) for act in acts
    ]


def balances(start: int, floor: int, cap: int, prices: Iterable[int]) -> list[int]:
    """Give the score after each price, clamped to floor and cap at each step; prices stand in order of occurrence."""
    score, after = start, []
    for points in prices:
        score -= points
        if score < floor:
            score = floor
        elif score > cap:
            score = cap
        after.append(score)
    return after


def tiers(scheme: ScoreScheme, score: int) -> list[Tier]:
    """Give every tier that applies at a score, all at once, in file order (§2.5, §3.3)."""
    return [tier for tier in scheme.tiers if score <= tier.highest]


class Carried(NamedTuple):
    """A score penalty that a score carries, by its key; one `on_trial` is only counted."""

    key: str
    on_trial: bool


def carried(scheme: ScoreScheme | None, score: int) -> set[Carried]:
    """The penalties at a score: on trial where no tier that brings it is enforced; without a score there are none."""
    here = tiers(scheme, score) if scheme else []
    enforced = {tier.penalty for tier in here if scheme and scheme.enforced and tier.enforced}
    return {Carried(tier.penalty, tier.penalty not in enforced) for tier in here}


@dataclass(frozen=True)
class Standing:
    """How a score stands to the tiers: the lowest that applies, and the distances from its lines in points.

    `next_in` is how many points less bring the next tier, `left_by` how many more end this one; none where there is no
    such tier.
    """

    tier: str | None
    next_in: int | None
    left_by: int | None


def standing(scheme: ScoreScheme, score: int) -> Standing:
    """How a score stands to the tiers, which stand from the highest line to the lowest."""
    here, below = tiers(scheme, score), [tier for tier in scheme.tiers if score > tier.highest]
    return Standing(
        tier=here[-1].key if here else None,
        next_in=score - below[0].highest if below else None,
        left_by=here[-1].highest + 1 - score if here else None,
    )


def _by_rank(scheme: ScoreScheme, pricing: RankPricing, acts: Sequence[Act]) -> list[int]:
    prices = [_gain(scheme, act) if act.kind == "recovery" else 0 for act in acts]
    ranked = [number for number, act in enumerate(acts) if act.kind == "violation"]
    ranked.sort(key=lambda number: (acts[number].last, acts[number].occurred, acts[number].order))
    last = len(pricing.points) - 1
    for rank, number in enumerate(ranked):
        act = acts[number]
        prices[number] = _fixed(act, pricing.points[min(rank, last)] + act.extra)
    return prices


def _by_severity(pricing: MatrixPricing, act: Act) -> int:
    """A creator above the highest level pays as at the highest, one without a level as at the first."""
    row = pricing.matrix[act.severity]
    level = min(max(act.level or 1, 1), len(row))
    followers, viewers, surcharge = act.followers or 0, act.average_viewers or 0, 0
    for bracket in pricing.surcharge:
        if followers > bracket.followers_over or viewers > bracket.average_viewers_over:
            surcharge = bracket.points
    return row[level - 1] + surcharge + act.extra


def _fixed(act: Act, points: int) -> int:
    return points if act.points is None else act.points


def _gain(scheme: ScoreScheme, act: Act) -> int:
    if act.points is not None:
        return -act.points
    return -scheme.recovery.points if scheme.recovery else 0
