"""Prices, fold, tiers, recoveries and triggers are what the reference model says, for any history."""

from collections import defaultdict
from datetime import datetime, time, timedelta
from decimal import Decimal
from random import Random

import pytest
from chance import DEPTH, ZONES, agency_violation, change, creator_violation, dice, histories, streamed
from folding import score
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from reference import AGENCY_LINES, CAPS, CREATOR_LINES, Violation, World

from rulebook.calendar import local_day, period
from rulebook.load import load
from rulebook.recovery import gains
from rulebook.score import Act, price, tiers
from rulebook.span import Span
from rulebook.terms import CreatorClass, Severity, SubjectKind
from rulebook.trigger import within

POLICY = load("live").policy("VN")
AGENCY, CREATOR = POLICY.must_count(SubjectKind.AGENCY), POLICY.must_count(SubjectKind.CREATOR)
THIRTY_DAYS = Span.of("30 days")
many = settings(max_examples=1000 * DEPTH, deadline=None, suppress_health_check=list(HealthCheck))


def act(number: int, violation: Violation, points: int | None = None, *, last: bool = False) -> Act:
    return Act(
        str(number),
        violation.occurred,
        number,
        severity=Severity(violation.severity),
        extra=violation.extra,
        level=violation.level,
        followers=violation.followers,
        average_viewers=violation.viewers,
        points=points,
        last=last,
    )


def standing(world: World) -> list[tuple[int, Violation]]:
    return [(number, found) for number, found in enumerate(world.violations) if found.stands]


@pytest.mark.parametrize("zone", ZONES)
@given(history=histories)
@many
def test_an_agency_s_years_are_priced_as_the_texts_say(zone: str, history: list[Random]) -> None:
    world = World(zone)
    for number, die in enumerate(history):
        if die.random() < 0.75:
            world.decide(agency_violation(die, number))
        else:
            change(world, die)
    years = defaultdict(list)
    for number, found in standing(world):
        years[period(AGENCY.period, found.occurred, world.zone)].append((number, found))
    assert set(years) == {str(world.year(found.occurred)) for _, found in standing(world)}
    for year, rows in years.items():
        acts = [act(number, found) for number, found in rows]
        assert price(AGENCY, acts) == [world.price(found) for _, found in rows]
        assert score(AGENCY, None, reversed(acts)) == world.agency_score("lotus", int(year))


@pytest.mark.parametrize("zone", ZONES)
@given(history=histories)
@many
def test_a_frozen_price_is_that_of_the_rank_at_the_verdict(zone: str, history: list[Random]) -> None:
    world, booked = World(zone, freeze=True), dict[int, int]()

    def acts(year: int) -> list[Act]:
        rows = [(number, found) for number, found in standing(world) if world.year(found.occurred) == year]
        return [act(number, found, booked.get(number), last=number not in booked) for number, found in rows]

    for number, die in enumerate(history):
        if die.random() < 0.75 or not world.violations:
            new = world.decide(agency_violation(die, number))
            mine = acts(world.year(new.occurred))
            booked[len(world.violations) - 1] = price(AGENCY, mine)[-1]
        else:
            die.choice(world.violations).stands = False
    assert {n: booked[n] for n, _ in standing(world)} == {n: world.price(found) for n, found in standing(world)}
    for year in (2026, 2027):
        assert score(AGENCY, None, acts(year)) == world.agency_score("lotus", year)


@pytest.mark.parametrize("kind", CAPS)
@given(zone=st.sampled_from(ZONES), history=histories)
@many
def test_a_creator_s_life_is_folded_as_the_texts_say(kind: str, zone: str, history: list[Random]) -> None:
    world = World(zone)
    for number, die in enumerate(history):
        if (what := die.random()) < 0.4:
            world.decide(creator_violation(die, number))
        elif what < 0.8:
            streamed(world, die)
        else:
            change(world, die)
    rows = standing(world)
    acts = [act(number, found) for number, found in rows]
    assert price(CREATOR, acts) == [world.price(found) for _, found in rows]
    assert CREATOR.recovery is not None
    spoilt = {local_day(found.occurred, world.zone) for _, found in rows}
    days = [(day, Decimal(str(hours))) for day, hours in world.days.get("kim", {}).items()]
    recovered = list(gains(days, spoilt, lambda _: CREATOR.recovery).points)
    assert recovered == world.recoveries("kim")
    acts += [Act(f"{day}", datetime.combine(day, time(), world.zone), 0, "recovery") for day in recovered]
    assert score(CREATOR, CreatorClass(kind), acts) == world.creator_score("kim", kind)


@given(st.integers(0, 120))
@settings(max_examples=250 * DEPTH, deadline=None)
def test_all_tiers_that_a_score_reaches_apply_at_once(points: int) -> None:
    lines = {f"agency_compliance.{name}" for name, line in AGENCY_LINES.items() if points <= line}
    assert {tier.penalty for tier in tiers(AGENCY, points)} == lines
    lines = {f"creator_health.{name}" for name, line in CREATOR_LINES.items() if points < line}
    lines |= {"creator_health.revoked"} if points == 0 else set()
    assert {tier.penalty for tier in tiers(CREATOR, points)} == lines


@pytest.mark.parametrize("zone", ZONES)
@given(history=histories)
@many
def test_the_repetitions_within_thirty_days_are_those_of_the_texts(zone: str, history: list[Random]) -> None:
    world = World(zone)
    for number, die in enumerate(history):
        world.decide(agency_violation(die, number, busy=True)).clause = "agency.multi_account"
    for found in world.violations:
        found.beside = world.violations
    acts = [(number, found.occurred) for number, found in enumerate(world.violations)]
    completing = {number for ids in within(acts, 3, THIRTY_DAYS, world.zone).values() for number in ids}
    assert completing == {n for n, found in enumerate(world.violations) if world.completed(found)}


@pytest.mark.parametrize("zone", ZONES)
@given(die=dice)
@settings(max_examples=500 * DEPTH, deadline=None)
def test_thirty_days_end_at_the_same_local_time(zone: str, die: Random) -> None:
    world, at = World(zone), agency_violation(die, 0).occurred
    assert THIRTY_DAYS.after(at, world.zone) == world.later(at, 30)
    assert local_day(THIRTY_DAYS.after(at, world.zone), world.zone) == local_day(at, world.zone) + timedelta(days=30)
