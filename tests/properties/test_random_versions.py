"""Whatever versions a rulebook has, scores and penalties are what the four questions answer (`docs/domain.md` §8)."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import date, datetime, timedelta
from random import Random
from typing import Any

import pytest
import sqlalchemy as sa
from chance import DEPTH
from court import court
from dated import dated
from eras import Era
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from plans import Event, Plan, plan, subjects
from reforms import Rules, book

from activities.score.points import score_of
from ops.rehearsal.stage.servers import Servers, servers
from store import feed, journal, party
from store.schema.journal import notices
from store.schema.rulebooks import rollouts
from store.schema.scores import ledger
from store.schema.scores import penalties as brought
from workers.settings import Settings

# A history takes a second: shrinking a failing one would take minutes. `make test-deep` plays a thousand of them.
few = settings(
    max_examples=2 if DEPTH == 1 else 100,
    deadline=None,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
    suppress_health_check=list(HealthCheck),
)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
RULES, PEOPLE = Rules(), subjects(Random(1))  # noqa: S311 - chance
HANOI = PEOPLE["lotus"].zone


@pytest.fixture(scope="module")
async def on() -> AsyncIterator[Servers]:
    async with servers(Settings()) as running:
        yield running


@asynccontextmanager
async def living(on: Servers, history: Plan) -> AsyncIterator[Era]:
    """The history, played: at every step all is as the arbiter says, and in the end as `verify` does."""
    async with court(on, book(history.begins, 1)) as here:
        era = Era(here, history)
        era.begin()
        await live(era, *history.events)
        yield era
        assert era.differences() == []


async def live(era: Era, *events: Event) -> None:
    for event in events:
        await era.happen(event)
        if era.chain:
            assert era.really() == era.wanted()


async def proved(era: Era, event: Event) -> None:
    """One step, after which `verify` is clean, too."""
    await live(era, event)
    assert era.chain == [] or era.differences() == []


@pytest.mark.parametrize("part", range(DEPTH))
@given(seed=st.integers(0, 2**32 - 1))
@few
async def test_a_version_changes_nothing_dated_before_it_and_once_taken_back_has_never_been(
    on: Servers, seed: int, part: int
) -> None:
    history = plan(Random(seed))  # noqa: S311 - chance
    assert part < DEPTH
    async with living(on, replace(history, events=[])) as era:
        for event in history.events:
            await proved(era, event)
        assert era.all_differences() == []
        async with living(on, era.without_versions()) as twin:
            assert _dated(era, era) == _dated(twin, era)
            really, without = era.really(), twin.really()
            for one in era.untouched():
                assert {k: v for k, v in really.items() if one.id in k} == {
                    k: v for k, v in without.items() if one.id in k
                }


def _dated(era: Era, of: Era) -> dict[str, list[Any]]:
    """What is dated before the versions of the other history."""
    with era.court.engine.connect() as connection:
        return dated(connection, of.dates())


# The hard cases of versions, by their numbers in decision 0021.


def at(day: int, hour: int = 12) -> datetime:
    """A time in Hanoi, in the days of December; they go on into January."""
    return datetime(2026, 12, 1, hour, tzinfo=HANOI) + (day - 1) * DAY


def version(day: int, rules: Rules, *, since: datetime | None = None, de: datetime | None = None) -> Event:
    """A version is approved, and in force at once or from a time on, in Germany perhaps from another."""
    dates = {"VN": since or at(day), "DE": de or since or at(day)}
    return Event(at(day), "propose", {"rules": rules, "dates": dates, "pace": 1})


def report(day: int, name: str = "lotus", *, act: datetime | None = None, **more: Any) -> Event:
    said = {
        "clause": "agency.other" if name in {"lotus", "linde"} else "content.vulgar",
        "severity": "mild",
        "extra": 0,
    }
    return Event(at(day), "report", {"name": name, "occurred": act or at(day)} | said | more)


def wave(day: int, moves: int | None = None) -> Event:
    """The waves go on: to their ends, or by so many subjects."""
    return Event(at(day, 13), "finish") if moves is None else Event(at(day, 13), "go", {"moves": moves})


def story(*events: Event, begins: Rules = RULES) -> Plan:
    return Plan(begins, PEOPLE, list(events))


DEARER = replace(RULES, ranks=(7, 7, 14))
STRICTER = replace(RULES, agency_lines={"watch": 95, "restricted": 60})
WATCH = "agency_compliance.watch"


async def test_4_an_act_before_the_date_costs_as_then_and_meets_the_tiers_of_now(on: Servers) -> None:
    second = replace(DEARER, agency_lines=STRICTER.agency_lines)
    async with living(on, story(version(10, second), wave(10), report(12, act=at(5)))) as era:
        assert (score(era), penalties(era)) == (95, {"base.warning", WATCH})


async def test_7_prices_change_at_their_date_though_the_wave_before_has_not_come_through(on: Servers) -> None:
    third = replace(DEARER, ranks=(9,))
    events = version(10, DEARER), wave(10, 2), Event(at(11), "halt"), version(12, third), wave(13), report(14)
    async with living(on, story(*events)) as era:
        assert score(era) == 91
        assert {one.reached for one in era.arbiter.waves if one.rules is third} == {(-1, "")}


async def test_10_a_tier_that_means_something_else_is_swapped_when_the_wave_comes_and_lifted_with_its_line(
    on: Servers,
) -> None:
    swapped = replace(RULES, words={WATCH: ("bonus",)})
    lower = replace(swapped, agency_lines={"watch": 70, "restricted": 60})
    async with living(on, story(*(report(day) for day in (1, 2, 3)), version(10, swapped))) as era:
        assert (score(era), penalties(era), told(era)) == (80, {"base.warning", WATCH}, set())
        await live(era, wave(11))
        assert (penalties(era), told(era)) == ({"base.warning", WATCH}, {"bonus"})
        await live(era, version(12, lower))
        assert told(era) == {"bonus"}
        await live(era, wave(13))
        assert (score(era), penalties(era), told(era)) == (80, {"base.warning"}, set())
        first, second = [row for row in carried(era) if row.key == WATCH]
        assert (first.starts_at, first.lifted_at) == (at(3), second.starts_at)
        assert at(11, 13) <= second.starts_at < at(11, 14) < at(13, 13) <= second.lifted_at < at(13, 14)
        assert {row.ends_at for row in carried(era) if row.key == "base.warning"} == {at(d + 30) for d in (1, 2, 3)}
        assert len(lines(era)) == 3


async def test_11_a_verdict_before_the_wave_comes_has_the_new_price_and_meets_the_old_tiers(on: Servers) -> None:
    second = replace(DEARER, agency_lines=STRICTER.agency_lines)
    async with living(on, story(version(10, second), report(11))) as era:
        assert (score(era), penalties(era), letters(era, "lotus")) == (93, {"base.warning"}, [])
        await live(era, wave(12), wave(13))
        ((template, values),) = letters(era, "lotus")
        assert (template, values["points"], [one["key"] for one in values["imposed"]]) == (
            "version.reached",
            93,
            [WATCH],
        )
        assert (score(era), penalties(era)) == (93, {"base.warning", WATCH})
        assert (len(lines(era)), sum(row.key == WATCH for row in carried(era))) == (1, 1)


async def test_12_a_wave_over_new_year_leaves_the_year_that_is_over_and_meets_the_one_that_is_there(
    on: Servers,
) -> None:
    """At midnight in Hanoi it is six in the evening in Berlin; both agencies stand at 90 in 2026."""
    found = [report(day, name) for day in (1, 2) for name in ("lotus", "linde")]
    second = replace(RULES, agency_lines={"watch": 90, "restricted": 30})
    midnight = Event(at(32, 0), "finish")
    async with living(on, story(*found, version(31, second, since=at(31, 23)), midnight)) as era:
        assert [score(era, name) for name in ("lotus", "linde")] == [90, 90]
        assert [WATCH in penalties(era, name) for name in ("lotus", "linde")] == [False, True]
        await live(era, Event(at(33), "wait"))
        assert [WATCH in penalties(era, name) for name in ("lotus", "linde")] == [False, False]
        await live(era, report(34), report(34, act=at(31)))
        assert (score(era), score(era, period="2027")) == (80, 95)


async def test_13_a_count_of_clean_days_goes_on_by_the_days_that_each_version_asks(on: Servers) -> None:
    """Three days of five; then eight are asked, of which those three are done; then two, which are done at once."""
    days = [date(2026, 12, 1) + n * timedelta(days=1) for n in range(16)]
    eight, two = replace(RULES, recovery=(3, 8, 2)), replace(RULES, recovery=(1, 2, 2))
    fed = Event(at(17), "stream", {"name": "kim", "days": dict.fromkeys(days, 3)})
    severe = report(1, "kim", act=at(-2), severity="severe")
    versions = version(3, eight, since=at(4, 0)), version(10, two, since=at(12, 0))
    async with living(on, story(severe, *versions, wave(13), wave(14), fed)) as era:
        gains = {date(2026, 12, 8): 3, date(2026, 12, 12): 1, date(2026, 12, 14): 1, date(2026, 12, 16): 1}
        assert era.really()[f"gains of {PEOPLE['kim'].id}"] == gains


async def test_14_a_score_that_starts_elsewhere_has_a_line_of_its_own(on: Servers) -> None:
    async with living(on, story(report(1), version(10, replace(RULES, start=110)), wave(11))) as era:
        assert [(row.reason, row.price, row.change, row.balance) for row in lines(era)] == [
            ("verdict", 5, -5, 95),
            ("version_in_force", 0, 10, 105),
        ]


async def test_15_who_is_fed_during_a_wave_is_reached_where_they_stand(on: Servers) -> None:
    second = version(10, replace(RULES, start=110), de=at(20))
    async with living(on, story(second, wave(11, 3), Event(at(12), "halt"))) as era:
        new = [f"agency-{number}" for number in range(12)]
        with era.court.engine.begin() as connection, journal.recording(connection, "feed", era.now):
            for name in new:
                feed.agency(connection, name, "VN")
        starts = [points(era, name) for name in new]
        assert set(starts) == {100, 110}
        assert [letters(era, name) for name in new] == [[]] * len(new)
        await live(era, Event(at(13), "resume"), wave(14))
        changed = {"score_before": 100, "score": 110, "start_before": 100, "cap_before": 100, "start": 110, "cap": 110}
        for name, start in zip(new, starts, strict=True):
            told = [{key: values[key] for key in changed} for _, values in letters(era, name)]
            assert told == ([changed] if start == 100 else []), name
        assert [points(era, name) for name in new] == [110] * len(new)
        in_vietnam = sum(one.region == "VN" for one in PEOPLE.values())
        seen = rows(era, sa.select(rollouts.c.seen).where(rollouts.c.region == "VN", rollouts.c.seen > 0))
        assert seen == [(in_vietnam + starts.count(100),)]


async def test_16_creator_and_agency_of_two_regions_each_pay_by_their_own(on: Servers) -> None:
    """Ute lives in Germany, lotus, her agency, in Vietnam, where the second version is in force ten days before.

    It charges what creators do to their agencies too, and asks 9 of those and 8 of creators.
    """
    dear: dict[str, tuple[int, ...]] = {"mild": (8, 8, 8), "moderate": (8, 8, 8), "severe": (8, 8, 8)}
    second = replace(RULES, attributed=frozenset({"content.vulgar"}), ranks=(9,), matrix=dear)
    events = report(9, "ute"), version(10, second, de=at(20)), wave(11), report(12, "ute"), wave(21), report(22, "ute")
    async with living(on, story(*events)) as era:
        assert (score(era, "ute", "life"), score(era)) == (100 - 1 - 1 - 8, 100 - 9 - 9)


async def test_16_what_an_agency_of_another_region_gets_is_not_judged_anew_when_its_version_is_taken_back(
    on: Servers,
) -> None:
    """One creator was enough in Vietnam, three are asked since; what Ute did in Germany is a case of the German rules."""
    second = version(10, replace(RULES, crowd=3), de=at(20))
    events = second, wave(11), report(12, "ute"), Event(at(13), "take_back"), wave(14)
    async with living(on, story(*events, begins=replace(RULES, crowd=1))) as era:
        assert penalties(era) == set()
        await live(era, report(15, "ute"))
        assert penalties(era) == {"additional.creator_content"}


async def test_5_what_only_a_version_forbade_that_is_taken_back_spoils_no_clean_day(on: Servers) -> None:
    begins = replace(RULES, gone=frozenset({"content.vulgar"}), recovery=(5, 2, 2))
    severe = report(1, "kim", act=at(-2), clause="content.gambling", severity="severe")
    fed = [Event(at(n), "stream", {"name": "kim", "days": {date(2026, 12, n): 3}}) for n in (12, 16)]
    events = severe, version(10, replace(begins, gone=frozenset())), wave(11), report(12, "kim"), fed[0]
    next_gain = f"next gain of {PEOPLE['kim'].id}"
    async with living(on, story(*events, begins=begins)) as era:
        assert (score(era, "kim", "life"), era.really()[next_gain]) == (100 - 4 - 1, (2, 5))
        await live(era, Event(at(14), "take_back"), wave(15))
        assert (score(era, "kim", "life"), era.really()[next_gain]) == (100 - 4, (1, 5))
        await live(era, fed[1])
        assert (score(era, "kim", "life"), era.really()[next_gain]) == (100, (2, 5))


async def test_17_whether_prices_are_frozen_says_the_version_at_the_act(on: Servers) -> None:
    """Of three frozen ones at 5, 5 and 10 the first falls; of three that are not, which a later version judged, too."""
    frozen, others = [report(day) for day in (1, 2, 3)], [report(day, "linde") for day in (11, 12, 13)]
    second = version(10, RULES), wave(10)
    fall = [Event(at(14), "appeal", {"of": of, "die": 3}) for of in (0, 3)]
    async with living(on, story(*frozen, *second, *others, *fall, begins=replace(RULES, freeze=True))) as era:
        assert (score(era), score(era, "linde")) == (85, 90)


async def test_18_an_act_before_a_milder_version_costs_as_then_whichever_case_is_decided_first(on: Servers) -> None:
    milder = replace(RULES, ranks=(1, 1, 2))
    events = report(2, act=at(1)), version(10, milder), wave(10), report(12, "linde", act=at(1)), report(13)
    async with living(on, story(*events)) as era:
        assert (score(era, "linde"), score(era)) == (100 - 5, 100 - 5 - 1)


def letters(era: Era, agency: str) -> list[tuple[str, dict[str, Any]]]:
    """What waves told the agency of itself: template and values."""
    name = PEOPLE[agency].id if agency in PEOPLE else agency
    mine = (notices.c.recipient == name) & (notices.c.about == name)
    return [(row.template, row.values) for row in rows(era, sa.select(notices).where(mine).order_by(notices.c.id))]


def penalties(era: Era, name: str = "lotus") -> set[str]:
    found = era.really()[f"penalties of {PEOPLE[name].id}"]
    assert isinstance(found, set)
    return found


def told(era: Era) -> object:
    return era.really()[f"told of {PEOPLE['lotus'].id}"]


def score(era: Era, name: str = "lotus", period: str = "2026") -> object:
    return era.really()[f"score of {PEOPLE[name].id} in {period}"]


def carried(era: Era) -> list[sa.Row[Any]]:
    """The rows of the penalties of lotus, in their order."""
    return rows(era, sa.select(brought).where(brought.c.subject == PEOPLE["lotus"].id).order_by(brought.c.id))


def lines(era: Era) -> list[sa.Row[Any]]:
    return rows(era, sa.select(ledger).where(ledger.c.subject == PEOPLE["lotus"].id).order_by(ledger.c.number))


def rows(era: Era, query: sa.Select[Any]) -> list[sa.Row[Any]]:
    with era.court.engine.connect() as connection:
        return list(connection.execute(query))


def points(era: Era, agency: str) -> int:
    """The score of an agency that the history doesn't know."""
    with era.court.engine.connect() as connection:
        subject = party.subject(connection, agency)
        assert subject is not None
        rules = era.court.rulebooks.governing(connection, subject, era.now)
        return score_of(connection, subject, rules, era.now).points
