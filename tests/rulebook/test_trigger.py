"""Which violations complete a repetition."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from rulebook.span import Span
from rulebook.trigger import creators, within

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


def test_the_fifth_different_creator_in_a_month_completes_the_trigger() -> None:
    acts = [(f"v{n}", f"creator{n}", day(n)) for n in range(1, 6)]
    assert creators(acts, 5, SAIGON) == {"v5": ("v1", "v2", "v3", "v4", "v5")}


def test_a_creator_s_second_violation_is_not_another_creator() -> None:
    acts = [(f"v{n}", f"creator{min(n, 4)}", day(n)) for n in range(1, 9)]
    assert creators(acts, 5, SAIGON) == {}


def test_the_sixth_creator_completes_it_again_and_a_second_violation_does_not() -> None:
    acts = [(f"v{n}", f"creator{n}", day(n)) for n in range(1, 7)]
    acts.append(("again", "creator1", day(8)))
    assert creators(acts, 5, SAIGON) == {
        "v5": ("v1", "v2", "v3", "v4", "v5"),
        "v6": ("v2", "v3", "v4", "v5", "v6"),
    }


def test_creators_are_counted_anew_in_each_local_month() -> None:
    acts = [(f"v{n}", f"creator{n}", day(27 + n)) for n in range(1, 6)]
    assert creators(acts, 5, SAIGON) == {}
