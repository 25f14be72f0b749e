"""Which violations complete a repetition."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from rulebook.span import Span
from rulebook.trigger import within

SAIGON = ZoneInfo("Asia/Ho_Chi_Minh")
THIRTY_DAYS = Span.of("30 days")


def day(number: int) -> datetime:
    return datetime(2026, 3, 1, tzinfo=SAIGON) + timedelta(days=number - 1)


def test_two_violations_complete_nothing() -> None:
    assert within([("a", day(1)), ("b", day(2))], 3, THIRTY_DAYS, SAIGON) == {}


def test_the_third_violation_within_thirty_days_completes_the_trigger() -> None:
    assert within([("c", day(30)), ("a", day(1)), ("b", day(2))], 3, THIRTY_DAYS, SAIGON) == {"c": ("a", "b", "c")}


def test_the_third_violation_on_the_thirty_first_day_comes_too_late() -> None:
    assert within([("a", day(1)), ("b", day(2)), ("c", day(31))], 3, THIRTY_DAYS, SAIGON) == {}


def test_every_further_violation_completes_it_again_with_the_latest_three() -> None:
    acts = [("a", day(1)), ("b", day(2)), ("c", day(3)), ("d", day(4))]
    assert within(acts, 3, THIRTY_DAYS, SAIGON) == {"c": ("a", "b", "c"), "d": ("b", "c", "d")}
