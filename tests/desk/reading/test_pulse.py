"""Whether a score's page or a list has moved: it has with what its reader reads of it, and with nothing else."""

import asyncio
from collections.abc import Callable
from datetime import timedelta

import pytest
import sqlalchemy as sa
from conftest import agency, person, send

from desk.door.door import Door
from desk.reading.pulse import Pulses
from desk.reading.still import HOLDS, Still
from ops.rehearsal.stage.inquiry import Inquiry
from states.terms import Code, Kind, RefusedError, Role
from store.listing import Filter
from workers.reach import House

FILED = Filter(Kind.REPORT, filed=True)


class Watched:
    """What has moved since the last look, for each of the readers."""

    def __init__(self, looks: dict[str, Callable[[], str]]) -> None:
        self._looks = looks
        self._before = {name: look() for name, look in looks.items()}

    def moved(self) -> set[str]:
        now = {name: look() for name, look in self._looks.items()}
        found = {name for name, stamp in now.items() if stamp != self._before[name]}
        self._before = now
        return found


async def test_a_score_and_a_list_move_with_what_their_readers_read_of_them(house: House, door: Door) -> None:
    """Jan of jade reports lotus, whose owner is ann and whose agent is bob; mia reads its score as a reviewer."""
    (jade, jan), (lotus, ann) = await agency(house, "jade"), await agency(house, "lotus")
    bob, mia = await person(house, Role.AGENT, lotus), await person(house, Role.MODERATOR)
    sam, pulses = await person(house, Role.SENIOR_MODERATOR), Pulses(house.engine, house.clock.now)
    known = {name: Inquiry(house.engine, house.clock.now).actor(name) for name in (jan, ann, bob, mia)}
    seen = Watched(
        {
            "jan's score": lambda: pulses.subject(known[jan], jade),
            "ann's score": lambda: pulses.subject(known[ann], lotus),
            "bob's agency": lambda: pulses.subject(known[bob], lotus),
            "mia's look": lambda: pulses.subject(known[mia], lotus),
            "jan's list": lambda: pulses.cases(known[jan], FILED, 50),
            "ann's list": lambda: pulses.cases(known[ann], FILED, 50),
        }
    )
    said = {"clause": "agency.poaching", "against": lotus, "details": "seen"}
    case = (await send(door, jan, "report", **said))["case"]
    assert seen.moved() == {"jan's score", "ann's score", "mia's look", "jan's list"}  # of jan's, the reports left
    await send(door, mia, "claim", case=case)
    assert seen.moved() == {"ann's score", "mia's look", "jan's list"}
    await send(door, mia, "note", case=case, text="To be looked at twice.")
    assert seen.moved() == {"mia's look"}
    severe = {"finding": "violation", "severity": "severe", "reasons": "clear"}
    await send(door, mia, "decide", case=case, **severe)
    assert seen.moved() == {"mia's look"}  # a verdict that waits for a second vote
    await send(door, sam, "approve", case=case, reasons="so it is")
    assert seen.moved() == {"ann's score", "mia's look", "jan's list"}
    ended = Pulses(house.engine, lambda: house.clock.now() + timedelta(days=400))
    assert ended.subject(known[ann], lotus) != pulses.subject(known[ann], lotus)  # penalties end by themselves
    assert seen.moved() == set()


async def test_whoever_sees_no_page_of_a_subject_finds_no_pulse(house: House) -> None:
    (_, jan), (lotus, _) = await agency(house, "jade"), await agency(house, "lotus")
    far, pulses = await person(house, Role.MODERATOR, region="DE"), Pulses(house.engine, house.clock.now)
    for who in (jan, far):
        for subject in (lotus, "nobody"):
            with pytest.raises(RefusedError) as refused:
                pulses.subject(Inquiry(house.engine, house.clock.now).actor(who), subject)
            assert refused.value.code is Code.NOT_FOUND


async def test_what_was_answered_is_answered_again_until_somebody_writes(house: House) -> None:
    asked, times = Still(house.engine, lambda: clock[0]), list[int]()
    clock = [house.clock.now()]

    def look() -> int:
        times.append(len(times))
        return times[-1]

    async with asyncio.timeout(20):  # others of this run may write
        while (first := asked.answer("a", look)) != asked.answer("a", look):
            await asyncio.sleep(0)
    assert asked.answer("b", look) != first, "another question has its own answer"
    with house.engine.begin() as connection:
        connection.execute(sa.text("SELECT pg_current_xact_id()"))
    assert asked.answer("a", look) > first
    async with asyncio.timeout(20):
        while (newest := asked.answer("a", look)) != asked.answer("a", look):
            await asyncio.sleep(0)
    clock[0] += HOLDS
    assert asked.answer("a", look) > newest, "what time alone changes is seen at last"
