"""What ops, auditors and leads read of others: their acts, the records, what is found, and the life of a case."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from itertools import product
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from conftest import agency, creator, new, person, send

from activities.feed import people
from activities.feed.people import Fed
from activities.rulebooks import Rulebooks
from desk.door.door import Door
from desk.reading.acts import Acts, Audit
from desk.reading.dossier import Dossiers
from desk.reading.life import Life, Lives
from desk.reading.search import Found, Search
from desk.reading.subject import Sheets
from desk.reading.watch import Watch
from states.situation import Actor
from states.terms import Code, RefusedError, Role, Status
from store import party
from workers.reach import House

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")


class Street:
    """Bob of jade reports lotus; mia asks, lotus answers, mia decides; lotus appeals. Then bob goes over to lotus."""

    def __init__(self, house: House, door: Door) -> None:
        self.house, self.door = house, door
        self.audit = Audit(house.engine, house.clock.now)
        self.search = Search(house.engine, house.clock.now)

    async def begin(self) -> None:
        house = self.house
        (self.jade, self.jan), (self.lotus, self.ann) = await agency(house, "jade"), await agency(house, "lotus")
        self.bob = await person(house, Role.AGENT, self.jade)
        self.kim = await creator(house, self.lotus)
        self.mia, self.far = await person(house, Role.MODERATOR), await person(house, Role.MODERATOR, region="DE")
        self.oli, self.ada = await person(house, Role.OPS), await person(house, Role.AUDITOR)
        self.case = await self.sent(self.bob, "report", clause="agency.poaching", against=self.lotus, details="secret")
        for who, verb, said in (
            (self.mia, "claim", {}),
            (self.mia, "ask", {"question": "why", "to": "respondent"}),
            (self.ann, "answer", {"text": "because"}),
            (self.mia, "claim", {}),
            (self.mia, "decide", {"finding": "violation", "severity": "mild", "reasons": "clear"}),
        ):
            await self.sent(who, verb, case=self.case, **said)
        self.appeal = await self.sent(self.ann, "appeal", of=self.case, grounds="not so")

    async def sent(self, who: str, verb: str, **said: Any) -> str:
        return str((await send(self.door, who, verb, **said))["case"])

    def actor(self, name: str) -> Actor:
        with self.house.engine.connect() as connection:
            found = party.actor(connection, name)
        assert found is not None
        return found

    def acts(self, reader: str, who: str, **more: Any) -> Acts:
        return self.audit.acts(self.actor(reader), who, zone=ZONE, **more)

    async def life(self, reader: str) -> Life:
        dossiers = Dossiers(self.house.engine, self.house.clock.now)
        return await Lives(self.house.engine, self.house.client, dossiers).of(self.actor(reader), self.case)


@pytest.fixture(scope="module")
async def street(house: House, door: Door) -> Street:
    made = Street(house, door)
    await made.begin()
    return made


def test_an_auditor_reads_what_somebody_did_today_by_move_and_through_what(street: Street) -> None:
    found = street.acts(street.ada, street.mia)
    assert [(one["event"], one["through"], one["count"]) for one in found.counts] == [
        ("claim", "direct", 2),
        ("ask", "direct", 1),
        ("decide", "direct", 1),
    ]
    assert [row["event"] for row in found.page.rows] == ["decide", "claim", "ask", "claim"]
    assert {(row["case"], row["kind"]) for row in found.page.rows} == {(street.case, "report")}
    assert found.day == datetime.now(UTC).astimezone(ZONE).date()


def test_the_pages_of_a_day_lose_no_act_and_another_day_has_none_of_it(street: Street) -> None:
    seen: list[Any] = []
    cursor = None
    for _ in range(4):
        page = street.acts(street.oli, street.mia, cursor=cursor, limit=1).page
        seen, cursor = [*seen, *page.rows], page.next
    assert (seen, cursor) == (street.acts(street.oli, street.mia).page.rows, None)
    yesterday = street.acts(street.ada, street.mia).day - timedelta(days=1)
    assert street.acts(street.ada, street.mia, day=yesterday).page.rows == []


@pytest.mark.parametrize("day", [date.min, date.max])
def test_a_day_that_no_zone_can_tell_is_refused(street: Street, day: date) -> None:
    with pytest.raises(RefusedError) as refused:
        street.acts(street.ada, street.mia, day=day)
    assert (refused.value.code, refused.value.field) == (Code.INVALID, "day")


def test_a_lead_reads_the_acts_of_the_own_people_alone_and_not_through_what(street: Street) -> None:
    (row,) = street.acts(street.jan, street.bob).page.rows
    assert (row["event"], row["case"], row["through"]) == ("submit", street.case, None)
    assert {row["event"] for row in street.acts(street.ann, street.ann).page.rows} == {"answer", "submit"}
    for reader, who in ((street.ann, street.bob), (street.jan, street.mia), (street.mia, street.mia)):
        with pytest.raises(RefusedError) as refused:
            street.acts(reader, who)
        assert (refused.value.code, refused.value.field) == (Code.NOT_FOUND, "person")


async def test_who_came_from_another_agency_brings_no_act_along(house: House, door: Door) -> None:
    """Their new lead would else learn who reported the agency."""
    street = Street(house, door)
    await street.begin()
    with house.engine.begin() as connection:
        came = Fed(Role.AGENT, street.lotus, [], [])
        people.person(connection, Rulebooks(), street.bob, came, house.clock.now())
    assert street.acts(street.ann, street.bob).page.rows == []
    assert street.acts(street.ann, street.bob).counts == []
    assert [row["event"] for row in street.acts(street.ada, street.bob).page.rows] == ["submit"]


def test_overseers_read_what_was_written_outside_of_cases(street: Street) -> None:
    for reader in (street.ada, street.oli):
        page = street.audit.records(street.actor(reader), "feed", limit=100)
        assert {row["topic"] for row in page.rows} == {"feed"}
        (made,) = [row for row in page.rows if f"agencies/{street.lotus}" in row["rows"]]
        assert made["through"] == "engine"
    assert street.audit.records(street.actor(street.ada), through="nobody/x").rows == []
    assert street.audit.records(street.actor(street.ann)).rows == []


def test_a_search_finds_what_is_called_so_or_begins_so_and_the_reader_sees(street: Street) -> None:
    def find(who: str, words: str) -> Found:
        return street.search.find(street.actor(who), words)

    assert find(street.ada, street.case).one == ("case", street.case)
    assert find(street.oli, f" {street.mia} ").one == ("person", street.mia)
    assert find(street.mia, street.lotus).one == ("subject", street.lotus)
    assert street.case in {row["id"] for row in find(street.mia, street.case[:-3]).cases}
    assert find(street.far, street.case).one is None
    assert find(street.mia, street.mia).people == []
    for nothing in ("", "  ", "%", "_", "report-%", "no'body\\"):
        found = find(street.ada, nothing)
        assert (found.cases, found.people, found.subjects) == ([], [], []), nothing


async def test_the_life_of_a_case_has_its_moves_waits_deadlines_and_attempts_and_no_words(street: Street) -> None:
    life = await street.life(street.oli)
    assert [move.event for move in life.moves][-3:] == ["decide", "open_window", "appeal"]
    assert [wait.status for wait in life.waits if wait.status not in {Status.SUBMITTED, Status.DECIDED}] == [
        "queued", "claimed", "awaiting_answer", "queued", "claimed", "open", "under_appeal"
    ]  # fmt: skip
    assert life.waits[-1].until is None
    assert [one.event for one in life.deadlines] == [
        "overdue", "lease_ran_out", "answer_missed", "overdue", "lease_ran_out", "window_over"
    ]  # fmt: skip
    assert not any(one.timer.fired for one in life.deadlines)
    assert all(one.timer.ended_at for one in life.deadlines)
    told = life.told
    assert told is not None
    assert (told.running, len(told.builds), told.trying) == (True, 1, [])
    assert {(one.name, one.number, one.error) for one in told.attempts} == {("commit", 1, None)}
    assert [one.case["id"] for one in life.beside] == [street.appeal]
    for reader in (street.oli, street.ada):
        said = str(await street.life(reader))
        assert not any(word in said for word in ("secret", "because", "not so"))


async def test_what_a_score_was_at_a_time_is_read_by_ops_and_auditors_alone(street: Street) -> None:
    sheets, at = Sheets(street.house.engine, street.house.clock.now), street.house.clock.now()
    for name in (street.oli, street.ada):
        assert sheets.show(street.actor(name), street.lotus, at=at) == sheets.show(street.actor(name), street.lotus)
    reads: tuple[Callable[..., object], ...] = sheets.show, sheets.ledger
    for name, read in product((street.ann, street.mia), reads):
        with pytest.raises(RefusedError) as refused:
            read(street.actor(name), street.lotus, at=at)
        assert (refused.value.code, refused.value.key) == (Code.FORBIDDEN, "only_overseers")


async def test_nothing_is_stuck_while_everything_works_and_whoever_works_is_named(street: Street) -> None:
    house = street.house
    watch = Watch(house.engine, house.clock.now, house.client, house.settings.task_queue)
    found = await watch.look(street.actor(street.oli))
    own = {street.case, street.appeal, street.lotus, street.jade}  # of others a test may have broken some
    assert [one for one in found.stuck if one.thing.name in own] == []
    assert found.crew is not None
    (worker,) = found.crew.workers
    assert found.crew.held[worker.build] > 0
    assert (found.crew.failing, found.crew.others) == ([], 0)
    away = await Watch(house.engine, house.clock.now, house.client, new("queue")).look(street.actor(street.oli))
    assert (away.crew.workers if away.crew else None, away.quiet) == ([], False)
