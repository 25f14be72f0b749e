"""A score's course has a point for each day on which it changed, over its year or the last twelve months."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from conftest import agency, creator, feeding, person

from activities.rulebooks import Rulebooks
from desk.reading.course import Courses
from rulebook.calendar import LIFE
from states.situation import Actor
from states.terms import Code, RefusedError, Role
from store import ledger, party
from workers.reach import House

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
NOW = datetime(2026, 11, 26, 9, tzinfo=UTC)


def actor(house: House, name: str) -> Actor:
    with house.engine.connect() as connection:
        found = party.actor(connection, name)
    assert found is not None
    return found


def booked(house: House, score: ledger.Key, *lines: tuple[datetime, int]) -> None:
    """Lines that give or take what leads to these balances, of days that were streamed."""
    before = 100
    with feeding(house) as connection:
        for number, (at, balance) in enumerate(lines, 1):
            why = {"reason": "recovered", "rule": "a test", "day": at.date() - timedelta(days=number), "price": 0}
            change = {"change": balance - before, "balance": balance}
            ledger.append(connection, [ledger.line(score, number, at, **{**why, **change})])
            before = balance


@pytest.fixture(scope="module")
def courses(house: House) -> Courses:
    return Courses(house.engine, lambda: NOW, Rulebooks())


async def test_a_year_begins_at_a_hundred_and_has_the_last_balance_of_each_day(house: House, courses: Courses) -> None:
    (lotus, ann), day = await agency(house), datetime(2026, 3, 1, 20, tzinfo=UTC)  # 3 in the morning there
    score = (lotus, "agency_compliance", "2026")
    booked(house, score, (day - timedelta(hours=4), 95), (day, 90), (day + timedelta(hours=1), 80))
    seen = courses.of(actor(house, ann), lotus)
    assert [points for _, points in seen.points] == [100, 95, 80]
    assert (seen.since, seen.until) == (datetime(2026, 1, 1, tzinfo=ZONE), datetime(2027, 1, 1, tzinfo=ZONE))
    assert (seen.reset, seen.gain) == (100, None)
    assert [points for _, points in courses.of(actor(house, ann), lotus, "2025").points] == [100]


async def test_what_is_booked_after_its_year_is_not_in_the_picture(house: House, courses: Courses) -> None:
    lotus, ann = await agency(house)
    booked(house, (lotus, "agency_compliance", "2025"), (datetime(2025, 6, 1, tzinfo=UTC), 95), (NOW, 90))
    assert [points for _, points in courses.of(actor(house, ann), lotus, "2025").points] == [100, 95]


async def test_a_score_without_years_shows_twelve_months_from_where_it_stood(house: House, courses: Courses) -> None:
    bob = await person(house, Role.AGENT, lotus := (await agency(house))[0])
    kim = await creator(house, lotus, bob)
    old, recent = datetime(2024, 5, 1, tzinfo=UTC), datetime(2026, 2, 1, 5, tzinfo=UTC)
    booked(house, (kim, "creator_health", LIFE), (old, 90), (old + timedelta(days=1), 60), (recent, 65))
    for reader in (bob, kim):
        seen = courses.of(actor(house, reader), kim)
        assert seen.points == [(datetime(2025, 12, 1, tzinfo=ZONE), 60), (recent, 65)]
        assert (seen.until, seen.reset, seen.gain) == (datetime(2026, 12, 1, tzinfo=ZONE), None, (5, 5))
    with pytest.raises(RefusedError) as refused:
        courses.of(actor(house, bob), lotus)
    assert refused.value.code is Code.NOT_FOUND
