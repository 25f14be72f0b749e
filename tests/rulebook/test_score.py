"""The worked numbers of scores: prices, the fold and the tiers."""

from datetime import UTC, datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

import pytest
from folding import cap, fold, in_order, score, start
from hypothesis import given
from hypothesis import strategies as st

from rulebook.calendar import period
from rulebook.load import load
from rulebook.scheme import ScoreScheme
from rulebook.score import Act, balances, price, tiers
from rulebook.terms import CreatorClass, Severity, SubjectKind

POLICY = load("live").policy("VN")
AGENCY, CREATOR = POLICY.must_count(SubjectKind.AGENCY), POLICY.must_count(SubjectKind.CREATOR)
BEGINNING = datetime(2026, 3, 1, tzinfo=UTC)


def violations(count: int) -> list[Act]:
    return [Act(f"v{number}", BEGINNING + timedelta(days=number), number) for number in range(1, count + 1)]


def agency_balances(acts: list[Act]) -> list[int]:
    return balances(start(AGENCY), AGENCY.floor, cap(AGENCY), price(AGENCY, in_order(acts)))


def test_three_violations_leave_95_90_80_and_the_third_enters_the_first_tier() -> None:
    assert agency_balances(violations(3)) == [95, 90, 80]
    assert [tier.key for tier in tiers(AGENCY, 90)] == []
    assert [tier.key for tier in tiers(AGENCY, 80)] == ["agency_compliance.watch"]


def test_eleven_violations_leave_0_not_less() -> None:
    assert agency_balances(violations(11)) == [95, 90, 80, 70, 60, 50, 40, 30, 20, 10, 0]
    assert score(AGENCY, None, violations(12)) == 0


@pytest.mark.parametrize(("count", "overturned", "left"), [(3, 3, 90), (3, 1, 90), (4, 1, 80)])
def test_after_an_overturn_the_rest_is_priced_again(count: int, overturned: int, left: int) -> None:
    assert score(AGENCY, None, [act for act in violations(count) if act.id != f"v{overturned}"]) == left


def test_an_overturned_first_of_three_leaves_the_price_of_the_others_when_prices_are_frozen() -> None:
    frozen = [Act("v2", BEGINNING, 2, points=5), Act("v3", BEGINNING, 3, points=10)]
    assert score(AGENCY, None, frozen) == 85


def test_a_new_act_ranks_behind_all_frozen_ones_even_if_it_happened_before_them() -> None:
    frozen = [Act("v1", BEGINNING, 1, points=5), Act("v2", BEGINNING, 2, points=5)]
    assert price(AGENCY, [Act("v3", BEGINNING - timedelta(days=1), 3, last=True), *frozen]) == [10, 5, 5]


def test_an_earlier_act_decided_later_takes_the_earlier_rank() -> None:
    late = Act("late", BEGINNING, 9)
    assert price(AGENCY, [*violations(2), late]) == [5, 10, 5]


def test_of_acts_at_the_same_instant_the_verdict_decided_first_ranks_first() -> None:
    assert price(AGENCY, [Act("c", BEGINNING, 3), Act("b", BEGINNING, 2), Act("a", BEGINNING, 1)]) == [10, 5, 5]


def test_an_extra_deduction_comes_on_top_of_the_rank_s_price() -> None:
    assert price(AGENCY, [Act("v1", BEGINNING, 1, extra=15)]) == [20]


def test_new_year_parts_the_violations_of_a_second() -> None:
    zone = ZoneInfo("Asia/Ho_Chi_Minh")
    instants = datetime(2026, 12, 31, 23, 59, 59, tzinfo=zone), datetime(2027, 1, 1, tzinfo=zone)
    acts = {period(AGENCY.period, at, zone): [Act(str(n), at, n)] for n, at in enumerate(instants)}
    assert {name: score(AGENCY, None, of) for name, of in acts.items()} == {"2026": 95, "2027": 95}


def test_severity_8_and_audience_surcharge_5_leave_a_creator_87() -> None:
    act = Act("v", BEGINNING, 1, severity=Severity.SEVERE, level=3, followers=10_000_001, average_viewers=0)
    assert price(CREATOR, [act]) == [13]
    assert score(CREATOR, CreatorClass.STANDARD, [act]) == 87


@pytest.mark.parametrize(("severity", "prices"), [
    (Severity.MILD,     [1, 1, 2]),
    (Severity.MODERATE, [2, 3, 4]),
    (Severity.SEVERE,   [4, 6, 8]),
])  # fmt: skip
def test_a_creator_s_price_follows_severity_and_level(severity: Severity, prices: list[int]) -> None:
    acts = [Act(str(level), BEGINNING, level, severity=severity, level=level) for level in (1, 2, 3)]
    assert price(CREATOR, acts) == prices


@pytest.mark.parametrize(("followers", "viewers", "surcharge"), [
    (          0,       0, 0),
    (    100_000,   1_000, 0),
    (    100_001,       0, 1),
    (          0,   1_001, 1),
    (    500_001,   1_001, 2),
    (    100_001,  10_001, 3),
    (  5_000_001,  50_000, 4),
    (          0, 100_001, 5),
])  # fmt: skip
def test_the_larger_column_makes_the_surcharge(followers: int, viewers: int, surcharge: int) -> None:
    acts = [Act("v", BEGINNING, 1, followers=followers, average_viewers=viewers)]
    assert price(CREATOR, acts) == [1 + surcharge]


def test_a_recovery_at_118_ends_at_a_professional_s_cap_of_120() -> None:
    assert fold(118, CREATOR.floor, cap(CREATOR, CreatorClass.PROFESSIONAL), [-5]) == 120


def test_a_recovery_gives_five_points_or_what_it_states() -> None:
    acts = [Act("r", BEGINNING, 1, "recovery"), Act("s", BEGINNING, 2, "recovery", points=3)]
    assert price(CREATOR, acts) == [-5, -3]


def test_a_recovery_does_not_count_for_an_agency_s_rank() -> None:
    acts = [*violations(2), Act("r", BEGINNING, 0, "recovery", points=4), Act("v3", BEGINNING + timedelta(9), 9)]
    assert price(AGENCY, acts) == [5, 5, -4, 10]


def test_ten_clean_days_bring_a_creator_from_10_to_20_and_gifts_back() -> None:
    assert fold(10, 0, 100, [-5, -5]) == 20
    assert "creator_health.no_gifts" not in [tier.key for tier in tiers(CREATOR, 20)]


def test_start_and_cap_follow_the_class() -> None:
    assert [start(CREATOR, each) for each in CreatorClass] == [100, 110, 120]
    assert [cap(CREATOR, each) for each in CreatorClass] == [100, 110, 120]


@pytest.mark.parametrize(("points", "names"), [
    (70, []),
    (69, ["limited"]),
    (40, ["limited"]),
    (39, ["limited", "no_pk"]),
    (20, ["limited", "no_pk"]),
    (19, ["limited", "no_pk", "no_gifts"]),
    ( 1, ["limited", "no_pk", "no_gifts"]),
    ( 0, ["limited", "no_pk", "no_gifts", "revoked"]),
])  # fmt: skip
def test_all_tiers_below_a_creator_s_score_apply_at_once(points: int, names: list[str]) -> None:
    assert [tier.penalty for tier in tiers(CREATOR, points)] == [f"creator_health.{name}" for name in names]


@pytest.mark.parametrize(("points", "names"), [
    (81, []),
    (80, ["watch"]),
    (61, ["watch"]),
    (60, ["watch", "restricted"]),
    (40, ["watch", "restricted", "probation"]),
    (20, ["watch", "restricted", "probation", "suspended"]),
    ( 0, ["watch", "restricted", "probation", "suspended", "terminated"]),
])  # fmt: skip
def test_all_tiers_at_or_below_an_agency_s_score_apply_at_once(points: int, names: list[str]) -> None:
    assert [tier.penalty for tier in tiers(AGENCY, points)] == [f"agency_compliance.{name}" for name in names]


ACTS = st.lists(
    st.builds(
        Act,
        id=st.just("v"),
        occurred=st.integers(0, 5).map(lambda days: BEGINNING + timedelta(days=days)),
        order=st.integers(0, 1000),
        kind=st.sampled_from(["violation", "recovery"]),
        severity=st.sampled_from(list(Severity)),
        extra=st.integers(0, 20),
        level=st.none() | st.integers(1, 4),
        followers=st.integers(0, 20_000_000),
        average_viewers=st.integers(0, 200_000),
        points=st.none() | st.integers(0, 20),
    ),
    unique_by=lambda act: act.order,
)


@given(ACTS, st.randoms(use_true_random=False), st.sampled_from([AGENCY, CREATOR]))
def test_a_price_does_not_depend_on_the_order_in_which_acts_are_given(
    acts: list[Act], random: Random, scheme: ScoreScheme
) -> None:
    prices = {act.order: points for act, points in zip(acts, price(scheme, acts), strict=True)}
    shuffled = random.sample(acts, len(acts))
    assert {act.order: points for act, points in zip(shuffled, price(scheme, shuffled), strict=True)} == prices


@given(st.lists(st.integers(-200, 200)), st.integers(0, 120))
def test_a_score_never_leaves_floor_and_cap(prices: list[int], first: int) -> None:
    after = balances(first, 0, 120, prices)
    assert all(0 <= points <= 120 for points in after)
    assert fold(first, 0, 120, prices) == ([first, *after])[-1]
