"""The clocks of desks, workers and Temporal differ by seconds. Whoever reads after an answer sees what it did."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa
from clocks import REPORT, Town, another_desk, town
from conftest import agency, feeding, person, send
from outside import until

from desk.reading.dossier import Dossiers
from desk.reading.subject import Sheets, State
from ops.verify import verify
from states.situation import Actor
from states.terms import Code, RefusedError, Role, Status
from store import feed, party, restrictions
from store.audit import picture
from store.moment import SKEW, moment
from workers.clock import Clock
from workers.reach import House

# Seconds that the worker's clock is ahead of Temporal's, and those of two desks.
SKEWS = [(2, -2, 2), (-2, 2, -2), (2, 2, -2), (-2, -2, 2), (0, 0, 0)]
skewed = pytest.mark.parametrize(("worker", "desk", "other"), SKEWS)


def penalties(on: Town, actor: Actor | None, subject: str) -> set[str]:
    found = Sheets(on.house.engine, on.house.clock.now).penalties(actor, subject, state=State.IN_FORCE)
    return {each["key"] for each in found.penalties}


def actor(on: Town, name: str) -> Actor:
    with on.house.engine.connect() as connection:
        found = party.actor(connection, name)
    assert found is not None
    return found


@skewed
async def test_what_a_verdict_brought_is_in_force_for_whoever_reads_after_its_answer(
    house: House, worker: float, desk: float, other: float
) -> None:
    async with town(house, worker=worker, desk=desk) as here, another_desk(here, other) as there:
        case, lotus = await here.decided()
        owner, sue = f"{lotus}.lead", await person(here.house, Role.SENIOR_MODERATOR)
        with feeding(here.house) as connection:
            feed.person(connection, owner, Role.TEAM_LEAD, agency=lotus)
        for reader in (None, actor(here, owner)):
            assert penalties(here, reader, lotus) == penalties(there, reader, lotus) == {"base.recruiting_paused"}
        appeal = (await send(there.door, owner, "appeal", of=case, grounds="we did not"))["case"]
        await send(here.door, sue, "claim", case=appeal)
        await send(there.door, sue, "decide", case=appeal, outcome="overturned", reasons="heard")
        for on in (here, there):
            assert penalties(on, actor(here, owner), lotus) == set()
            found = Dossiers(on.house.engine, on.house.clock.now).open(actor(here, owner), case)
            assert (found.case["status"], found.timeline[-1].event) == (Status.CLOSED, "appeal_overturned")


async def test_verify_finds_nothing_where_its_clock_is_behind_the_worker_s(house: House) -> None:
    async with town(house, worker=2, desk=-2) as here:
        _, lotus = await here.decided()
        with here.house.engine.connect() as connection:
            await until(lambda: dict(restrictions.informed(connection)).get(lotus) == frozenset({"recruiting"}))
        with picture(here.house.engine) as connection:
            assert [one async for one in verify(connection, here.house.clock.now())] == []


@skewed
async def test_a_deadline_passes_once_and_without_haste(house: House, worker: float, desk: float, other: float) -> None:
    """A timer of Temporal's fires by another clock than the worker's, for whom the deadline may not be due yet."""
    del other
    async with town(house, worker=worker, desk=desk, override={"appeals.window": "3 seconds"}) as here:
        case, _ = await here.decided()
        await until(lambda: here.case(case).status is Status.CLOSED)
        ended, before = here.lines(case)[-1], here.lines(case)[-2]
        assert (ended["event"], ended["at"]) == ("window_over", before["at"] + timedelta(seconds=3))
        assert here.house.clock.now() + timedelta(seconds=worker - desk) >= ended["at"]
        assert await here.events(case) <= 40


async def test_where_a_worker_s_clock_is_far_ahead_the_log_says_why_all_is_refused(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    async with town(house, worker=60) as here:
        (_, jan), (lotus, _) = await agency(here.house, "jade"), await agency(here.house, "lotus")
        with pytest.raises(RefusedError) as refused:
            await send(here.door, jan, "report", against=lotus, **REPORT)
    assert refused.value.code is Code.UNAVAILABLE
    (line,) = {line.getMessage() for line in caplog.records if line.name == "casework.commit"}
    late, ahead = map(float, re.findall(r"([0-9.]+) s", line))
    assert 45 < late < 60 <= ahead < 62


async def test_a_commit_of_a_clock_that_is_wrong_moves_no_reader(house: House) -> None:
    now, wrong = house.clock.now(), replace(house, clock=Clock(SKEW + timedelta(minutes=1)))
    await agency(wrong)
    with house.engine.connect() as connection:
        assert connection.execute(sa.text("SELECT max(at) FROM records")).scalar_one() > now + SKEW
        assert now <= moment(connection, now) <= now + SKEW
