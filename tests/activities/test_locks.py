"""Two who lock the same rows lock them in one order: neither is ever rolled back for the other."""

import asyncio
from collections.abc import Callable
from typing import TypeVar

import sqlalchemy as sa
from conftest import agency, new, person, send
from sqlalchemy import Connection
from test_commit import sent

from activities.feed import people
from activities.look import Looker
from activities.move.commit import Commit
from activities.rulebooks import Rulebooks
from desk.door.door import Door
from states.terms import Code, Kind, Role
from store import case as cases
from workers.reach import House

T = TypeVar("T")
ADVERT = {"clause": "agency.poaching", "details": "seen on stream"}
_WAITING = sa.text("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'")


async def until_waiting(house: House, who: int) -> None:
    """Wait until so many wait for a lock."""

    def waiting(connection: Connection) -> int:
        return int(connection.execute(_WAITING).scalar_one())

    async with asyncio.timeout(3):
        while await aside(house, waiting) < who:
            await asyncio.sleep(0.02)


async def aside(house: House, work: Callable[[Connection], T]) -> T:
    def transaction() -> T:
        with house.engine.begin() as connection:
            return work(connection)

    return await asyncio.to_thread(transaction)


async def test_who_leaves_while_they_claim_again_what_they_hold_waits_for_the_claim(house: House, door: Door) -> None:
    """The claim waits for the case, then the end for the claimer; once the case is free, each goes on."""
    (lotus, _), (_, jan) = await agency(house, "lotus"), await agency(house, "jade")
    mia = await person(house, Role.MODERATOR)
    case = (await send(door, jan, "report", against=lotus, **ADVERT))["case"]
    await send(door, mia, "claim", case=case)
    commit = Commit(house.engine, house.key, Looker(house.client, new("nobody-listens")))
    with house.engine.connect() as busy:
        held = busy.begin()
        assert cases.lock(busy, case)
        claiming = asyncio.create_task(sent(house, commit, mia, Kind.REPORT, "claim", case, house.clock.now()))
        await until_waiting(house, 1)
        leaving = asyncio.create_task(aside(house, lambda c: people.end(c, Rulebooks(), mia, house.clock.now())))
        await until_waiting(house, 2)
        held.rollback()
        (_, answer), woken = await asyncio.wait_for(asyncio.gather(claiming, leaving), 10)
    assert answer.refusal is not None
    assert (answer.refusal.code, answer.refusal.key) == (Code.ALREADY_CLAIMED, "claimed_by_yourself")
    assert woken.cases == [case]
    with house.engine.connect() as connection:
        row = cases.read(connection, case)
    assert row is not None
    assert (row.status, row.claimed_by) == ("queued", None)
