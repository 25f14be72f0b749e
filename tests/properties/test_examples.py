"""Small stories that random ones meet too rarely; each is told to the court and to the reference model."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from court import Court
from test_commits import Story

BERLIN = ZoneInfo("Europe/Berlin")


async def test_a_modified_extra_keeps_the_frozen_rank(freeze: Court) -> None:
    """Ruling 8: with `freeze` a price never changes after its verdict, so only the extra deduction is lowered."""
    story = Story(freeze, "VN", freeze=True)
    await story.begin()
    first = await story.decide("agency.poaching", None, story.now, extra=15)
    await story.decide("agency.poaching", None, story.now)
    await story.decide("agency.poaching", None, story.now)
    await story.answer(first, outcome="modified", extra=5)
    assert await freeze.score(story.agency, "agency_compliance", "2026") == 100 - (5 + 5) - 5 - 10
    await story.compare()


async def test_a_milder_severity_does_not_cost_more_where_prices_are_frozen(freeze: Court) -> None:
    story = Story(freeze, "VN", freeze=True)
    await story.begin()
    first = await story.decide("agency.poaching", None, story.now, severity="moderate")
    await story.decide("agency.poaching", None, story.now)
    await story.decide("agency.poaching", None, story.now)
    await story.answer(first, outcome="modified", severity="mild")
    assert await freeze.score(story.agency, "agency_compliance", "2026") == 80
    await story.compare()


async def test_thirty_days_over_the_end_of_summer_time_are_an_hour_longer(reprice: Court) -> None:
    """Ruling 11: days are counted to the same local time."""
    story = Story(reprice, "DE", freeze=False)
    await story.begin()
    story.now = datetime(2026, 11, 9, 10, 30, tzinfo=BERLIN).astimezone(UTC)
    for occurred in ((10, 10, 10, 0), (10, 20, 10, 0), (11, 9, 9, 30)):
        await story.decide("agency.multi_account", None, datetime(2026, *occurred, tzinfo=BERLIN))
    assert "additional.multi_account" in await reprice.in_force(story.agency, story.now)
    await story.compare()


async def five_and_one_again(court: Court) -> Story:
    """Five creators with a violation each in a month, the first with another; then the first one's falls."""
    story = Story(court, "VN", freeze=False)
    await story.begin()
    first = [await story.decide("content.vulgar", f"creator{n}", story.now) for n in range(1, 6)][0]
    await story.decide("content.vulgar", "creator1", story.now)
    await story.answer(first, outcome="overturned")
    return story


async def test_verify_agrees_with_the_commit_when_a_creator_s_first_of_two_falls(reprice: Court) -> None:
    story = await five_and_one_again(reprice)
    assert [found for found in await reprice.differences(story.now) if "penalties of" in found] == []


async def test_five_creators_are_still_five_when_the_first_of_one_s_two_violations_falls(reprice: Court) -> None:
    """§5.6: what the new count still carries stays in force; the later violation brought its own (ruling 10)."""
    story = await five_and_one_again(reprice)
    assert await reprice.in_force(story.agency, story.now) == {"additional.creator_content"}
    await story.compare()
