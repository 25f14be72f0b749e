"""Random histories. A history is a list of seeds, one an event: so it is drawn fast, and shrinks to its few events."""

import os
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from random import Random

from hypothesis import strategies as st
from reference import FOLLOWERS, VIEWERS, Violation, World

ZONES = ["Asia/Ho_Chi_Minh", "Europe/Berlin"]
SEVERITIES = ["mild", "moderate", "severe"]
AGENCY_CLAUSES = ["agency.poaching", "agency.multi_account", "agency.multi_account", "agency.other"]
CONTENT_CLAUSES = ["content.vulgar", "content.gambling", "content.minor_safety"]
NEW_YEAR = datetime(2027, 1, 1, tzinfo=UTC)
# `make test-deep` looks so many times deeper.
DEPTH = int(os.environ.get("DEPTH", "1"))

dice = st.integers(0, 2**32 - 1).map(Random)
histories = st.lists(dice, max_size=30)


def around_new_year(die: Random) -> datetime:
    """A moment near midnight of 1 January in some zone, or months from it; the same moments come again."""
    hours = die.choice([die.randint(-14, 14), die.randint(-14, 14), die.randint(-3000, 3000)])
    return NEW_YEAR + timedelta(hours=hours, seconds=die.choice([-1, 0, 0, 0, 1]))


def agency_violation(die: Random, number: int, *, busy: bool = False) -> Violation:
    """A finding against the agency; `busy` are agencies that keep having them in two months."""
    occurred = (
        datetime(2026, 10, 1, tzinfo=UTC) + timedelta(hours=die.randint(0, 1500)) if busy else around_new_year(die)
    )
    return Violation(
        die.choice(AGENCY_CLAUSES),
        "lotus",
        occurred,
        NEW_YEAR + timedelta(days=200, minutes=number),
        die.choice(SEVERITIES),
        extra=die.choice([0, 0, 0, 1, 7, 30]),
    )


def around(die: Random, brackets: Sequence[int]) -> int:
    return die.choice([0, die.choice(brackets) + die.choice([0, 1]), die.randint(0, 2 * brackets[-1])])


def creator_violation(die: Random, number: int, creator: str = "kim") -> Violation:
    return Violation(
        die.choice(CONTENT_CLAUSES),
        "lotus",
        NEW_YEAR + timedelta(hours=die.randint(-12, 40 * 24), minutes=die.choice([-1, 0, 1])),
        NEW_YEAR + timedelta(days=200, minutes=number),
        die.choice(SEVERITIES),
        creator=creator,
        level=die.randint(1, 3),
        followers=around(die, FOLLOWERS),
        viewers=around(die, VIEWERS),
    )


def change(world: World, die: Random) -> None:
    """Let something that was decided fall, or become milder."""
    if not world.violations:
        return
    found = die.choice(world.violations)
    if die.random() < 0.6:
        found.stands = False
    else:
        found.severity = die.choice(SEVERITIES[: SEVERITIES.index(found.severity) + 1])
        found.extra = die.randint(0, found.extra)


def streamed(world: World, die: Random, creator: str = "kim") -> None:
    """Some days in a row, mostly long enough."""
    first = date(2026, 12, 30) + timedelta(days=die.randint(0, 40))
    for number in range(die.randint(1, 7)):
        world.stream(creator, first + timedelta(days=number), die.choice([1.98, 2.0, 2.0, 3.5, 24.0]))
