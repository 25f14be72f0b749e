"""Clean days give points back."""

from datetime import date, timedelta
from decimal import Decimal
from typing import cast

from rulebook import recovery
from rulebook.load import load
from rulebook.scheme import Recovery
from rulebook.terms import SubjectKind

RECOVERY = cast("Recovery", load("live").policy("CN").must_count(SubjectKind.CREATOR).recovery)


def gains(days: list[tuple[date, Decimal]], violation_days: set[date], terms: Recovery) -> list[date]:
    """The days that give points by the same terms always."""
    return list(recovery.gains(days, violation_days, lambda _: terms).points)


def day(number: int) -> date:
    return date(2026, 3, 1) + timedelta(days=number - 1)


def streamed(*numbers: int, hours: str = "2") -> list[tuple[date, Decimal]]:
    return [(day(number), Decimal(hours)) for number in numbers]


def test_every_fifth_clean_day_gives_points() -> None:
    assert gains(streamed(*range(1, 13)), set(), RECOVERY) == [day(5), day(10)]


def test_clean_days_need_not_follow_one_another() -> None:
    assert gains(streamed(1, 3, 7, 20, 31), set(), RECOVERY) == [day(31)]


def test_a_day_of_1_h_59_min_does_not_count() -> None:
    short = [(day(5), Decimal(119) / 60)]
    assert gains(streamed(1, 2, 3, 4) + short, set(), RECOVERY) == []
    assert gains(streamed(1, 2, 3, 4, 6) + short, set(), RECOVERY) == [day(6)]


def test_several_streams_of_a_day_add_up() -> None:
    assert gains(streamed(1, 2, 3, 4) + streamed(5, 5, hours="1"), set(), RECOVERY) == [day(5)]


def test_a_violation_takes_its_day_and_does_not_reset_the_count() -> None:
    assert gains(streamed(*range(1, 7)), {day(4)}, RECOVERY) == [day(6)]


def test_a_violation_on_a_day_not_streamed_changes_nothing() -> None:
    assert gains(streamed(*range(1, 6)), {day(9)}, RECOVERY) == [day(5)]
