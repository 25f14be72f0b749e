"""Scores, prices and penalties in the database are what the reference model says, whatever was committed before."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from random import Random
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from attributed import attributed
from chance import DEPTH, dice
from court import Court, court
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from story import CROWD, REGIONS, Story

from ops.rehearsal.stage.servers import Servers, servers
from ops.verify.attribution import attribution
from workers.settings import Settings

# A story takes a tenth of a second: shrinking a failing one would take minutes, and it is short as it is.
WITHOUT_SHRINKING = (Phase.explicit, Phase.reuse, Phase.generate)
few = settings(
    max_examples=15 if DEPTH == 1 else 25 * DEPTH,
    deadline=None,
    phases=WITHOUT_SHRINKING,
    suppress_health_check=list(HealthCheck),
)
stories = st.lists(dice, min_size=1, max_size=20)
GAMBLING = "content.gambling"
BERLIN = ZoneInfo("Europe/Berlin")
LONG_AFTER = datetime(2028, 1, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
async def places() -> AsyncIterator[Servers]:
    async with servers(Settings()) as running:
        yield running


@pytest.fixture(scope="module")
async def reprice(places: Servers) -> AsyncIterator[Court]:
    async with court(places) as sitting:
        yield sitting


@pytest.fixture(scope="module")
async def freeze(places: Servers) -> AsyncIterator[Court]:
    async with court(places, **{"appeals.on_overturn": "freeze"}) as sitting:
        yield sitting


@pytest.fixture(scope="module", params=["reprice", "freeze"])
async def attributing(
    places: Servers, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> AsyncIterator[tuple[Court, bool]]:
    """A court whose rulebook charges gambling to the agency too, and whether it freezes prices."""
    rulebook = attributed(tmp_path_factory.mktemp("rulebook"), GAMBLING)
    async with court(places, rulebook, **{"appeals.on_overturn": request.param}) as sitting:
        yield sitting, request.param == "freeze"


async def told(story: Story, dice: list[Random]) -> None:
    """Tell the story to both, and compare what they make of it."""
    story.begin()
    for die in dice:
        await story.happen(die)
    assert story.found() == story.wanted()


@pytest.mark.parametrize("region", REGIONS)
@given(dice=stories)
@few
async def test_the_database_agrees_when_the_rest_is_priced_again(
    reprice: Court, region: str, dice: list[Random]
) -> None:
    story = Story(reprice, region, freeze=False)
    story.share = dice[0].choice([0.1, 0.5, 0.9])
    await told(story, dice)


@pytest.mark.parametrize("milder", [False, True], ids=["overturned", "overturned or modified"])
@given(dice=stories)
@few
async def test_the_database_agrees_when_prices_are_frozen(freeze: Court, dice: list[Random], *, milder: bool) -> None:
    story = Story(freeze, "VN", freeze=True)
    story.share, story.milder = 0.2, milder
    await told(story, dice)


@given(dice=st.lists(dice, min_size=10, max_size=25))
@settings(few, max_examples=10 if DEPTH == 1 else 15 * DEPTH)
async def test_the_database_agrees_on_a_crowd_of_creators_in_a_month(reprice: Court, dice: list[Random]) -> None:
    story = Story(reprice, "VN", freeze=False)
    story.seen, story.share, story.slow = CROWD, 1.0, 1440 * 2
    await told(story, dice)


@given(dice=stories)
@few
async def test_the_database_agrees_where_creators_violations_are_charged_to_their_agency_too(
    attributing: tuple[Court, bool], dice: list[Random]
) -> None:
    sitting, freeze = attributing
    story = Story(sitting, "VN", freeze=freeze, attributed=frozenset({GAMBLING}))
    story.share = dice[0].choice([0.5, 0.9])
    await told(story, dice)


async def test_verify_finds_nothing_after_all_stories_of_agencies_charged_too(attributing: tuple[Court, bool]) -> None:
    assert attributing[0].differences(LONG_AFTER) == []


# What chance meets too rarely.


async def test_a_modified_extra_keeps_the_frozen_rank(freeze: Court) -> None:
    """Ruling 8: with `freeze` a price never changes after its verdict, so only the extra deduction is lowered."""
    story = Story(freeze, "VN", freeze=True)
    story.begin()
    first = await story.decide("agency.poaching", None, story.now, extra=15)
    await story.decide("agency.poaching", None, story.now)
    await story.decide("agency.poaching", None, story.now)
    await story.answer(first, outcome="modified", extra=5)
    assert freeze.score(story.agency, "agency_compliance", "2026") == 100 - (5 + 5) - 5 - 10
    assert story.found() == story.wanted()


async def test_a_milder_severity_does_not_cost_more_where_prices_are_frozen(freeze: Court) -> None:
    story = Story(freeze, "VN", freeze=True)
    story.begin()
    first = await story.decide("agency.poaching", None, story.now, severity="moderate")
    await story.decide("agency.poaching", None, story.now)
    await story.decide("agency.poaching", None, story.now)
    await story.answer(first, outcome="modified", severity="mild")
    assert freeze.score(story.agency, "agency_compliance", "2026") == 80
    assert story.found() == story.wanted()


async def test_thirty_days_over_the_end_of_summer_time_are_an_hour_longer(reprice: Court) -> None:
    """Ruling 11: days are counted to the same local time."""
    story = Story(reprice, "DE", freeze=False)
    story.begin()
    story.now = datetime(2026, 11, 9, 10, 30, tzinfo=BERLIN).astimezone(UTC)
    for occurred in ((10, 10, 10, 0), (10, 20, 10, 0), (11, 9, 9, 30)):
        await story.decide("agency.multi_account", None, datetime(2026, *occurred, tzinfo=BERLIN))
    assert "additional.multi_account" in reprice.in_force(story.agency, story.now)
    assert story.found() == story.wanted()


async def five_and_one_again(court: Court) -> Story:
    """Five creators with a violation each in a month, the first with another; then the first one's falls."""
    story = Story(court, "VN", freeze=False)
    story.begin()
    first, *_ = [await story.decide("content.vulgar", f"creator{n}", story.now) for n in range(1, 6)]
    await story.decide("content.vulgar", "creator1", story.now)
    await story.answer(first, outcome="overturned")
    return story


async def test_verify_agrees_with_the_commit_when_a_creator_s_first_of_two_falls(reprice: Court) -> None:
    await five_and_one_again(reprice)
    assert reprice.differences(LONG_AFTER) == []


async def test_five_creators_are_still_five_when_the_first_of_one_s_two_violations_falls(reprice: Court) -> None:
    """§5.6: what the new count still carries stays in force; the later violation brought its own (ruling 10)."""
    story = await five_and_one_again(reprice)
    assert reprice.in_force(story.agency, story.now) == {"additional.creator_content"}
    assert story.found() == story.wanted()


async def test_verify_finds_nothing_after_all_stories_that_price_again(reprice: Court) -> None:
    assert reprice.differences(LONG_AFTER) == []


async def test_verify_finds_nothing_after_all_stories_that_freeze(freeze: Court) -> None:
    assert freeze.differences(LONG_AFTER) == []


async def test_only_the_agency_hears_what_a_creator_s_violation_costs_it(attributing: tuple[Court, bool]) -> None:
    """§2.9: 100, 95, 90, 80 is in the penalty zone; the second one falls, and what it carried."""
    sitting, freeze = attributing
    story = Story(sitting, "VN", freeze=freeze, attributed=frozenset({GAMBLING}))
    story.begin()
    _, second, _ = [await story.decide(GAMBLING, "creator1", story.now) for _ in range(3)]
    assert sitting.in_force(story.agency, story.now) == {"agency_compliance.watch"}
    await story.answer(second, outcome="overturned")
    agency, creator = sitting.told(story.agency), sitting.told(f"{story.agency}.creator1")
    told = [
        (key, values["score"], values.get("penalties", [])) for key, values in agency if key.startswith("attribution")
    ]
    lifted = ["agency_compliance.watch"]
    assert told == [
        ("attribution.charged", 95, []),
        ("attribution.charged", 90, []),
        ("attribution.charged", 80, lifted),
        ("attribution.overturned", 85 if freeze else 90, lifted),
    ]
    assert not {key for key, _ in creator if key.startswith("attribution")}
    with sitting.engine.connect() as connection:
        ours = sa.text("UPDATE violations SET stands = NOT stands WHERE subject = :agency RETURNING id")
        flipped = connection.execute(ours, {"agency": story.agency}).scalars().all()
        assert len(flipped) == 3
        assert {str(found) for found in attribution(connection, sitting.rulebooks)} == {
            f"violations/{one}: stands: expected {second not in one}, found {second in one}" for one in flipped
        }
    assert story.found() == story.wanted()
