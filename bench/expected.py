"""What must be in a side's database when the bench is over: each life's effects, none missing and nothing twice."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, fields

from bench.life import agencies, parties, severity

START, PRICES, TIERS, RECRUITING = 100, (5, 5, 10), (80, 60, 40, 20, 0), "recruiting"


@dataclass(frozen=True)
class Found:
    """By agency: score in points, slots of the quota, penalties in force, notices, and what the platform was told.

    `closed` and `verdicts` count cases and verdicts. What is zero or empty is left out.
    """

    closed: int
    verdicts: int
    scores: dict[str, int]
    slots: dict[str, int]
    penalties: dict[str, int]
    notices: dict[str, int]
    told: dict[str, list[str]]


def expected(lives: int, total: int, *, appeal: bool) -> Found:
    """What the first `lives` of a bench of `total` lives must have left."""
    numbers = [(number, *parties(number, agencies(total))) for number in range(lives)]
    filed = Counter(name(filer) for _, filer, _ in numbers)
    charged = Counter(name(against) for _, _, against in numbers)
    standing = Counter[str]() if appeal else charged
    scores = {agency: START - sum(prices(count)) for agency, count in charged.items()}
    reached = {agency: sum(score <= tier for tier in TIERS) for agency, score in scores.items()}
    restricted = {name(against) for number, _, against in numbers if severity(number) == "moderate"}
    restricted |= {agency for agency, score in scores.items() if score <= TIERS[1]}
    return Found(
        closed=lives * (1 + appeal),
        verdicts=lives,
        scores=dict.fromkeys(charged, START) if appeal else scores,
        slots=dict(filed),
        penalties={agency: count + reached[agency] for agency, count in standing.items()},
        # Both sides hear of the verdict, the reporter of the receipt; of an appeal both sides, its filer three times.
        notices=dict(_times(filed, 3 if appeal else 2) + _times(charged, 4 if appeal else 1)),
        told={} if appeal else {agency: [RECRUITING] for agency in restricted},
    )


def prices(count: int) -> list[int]:
    """What so many violations of a year cost, in order of occurrence (`docs/domain.md` §2.3)."""
    return [PRICES[min(rank, len(PRICES) - 1)] for rank in range(count)]


def name(agency: int) -> str:
    """An agency's name on every side."""
    return f"agency{agency}"


def differences(wanted: Found, found: Found) -> Iterable[str]:
    """Say what is otherwise than it must be."""
    for field in fields(Found):
        one, other = getattr(wanted, field.name), getattr(found, field.name)
        if one == other:
            continue
        if not isinstance(one, dict):
            yield f"{field.name}: {other} instead of {one}"
            continue
        for key in sorted(one.keys() | other.keys()):
            if one.get(key) != other.get(key):
                yield f"{field.name} of {key}: {other.get(key)} instead of {one.get(key)}"


def _times(counts: Counter[str], factor: int) -> Counter[str]:
    return Counter({key: count * factor for key, count in counts.items()})
