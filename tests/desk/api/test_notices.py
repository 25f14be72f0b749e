"""Notices, page by page: each comes once, and no page tells how many others were told."""

import base64
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from conftest import agency, feeding, new, person, send
from served import Api, served

from activities.rulebooks import Rulebooks
from desk.door.door import Door
from desk.reading.notices import Notices
from desk.reading.pulse import Pulses
from desk.words import Languages
from states.situation import Actor
from states.terms import Role
from store import seal
from store.schema.journal import notices
from workers.reach import House


@pytest.fixture(scope="module")
async def api(house: House, door: Door) -> AsyncIterator[Api]:
    async with served(house, door) as made:
        yield made


async def told(house: House, door: Door, who: str, others: str) -> None:
    """Nine notices of two cases, all but one of one time, between those of others."""
    (_, jan), (rose, _) = await agency(house, "jade"), await agency(house, "rose")
    said = {"against": rose, "clause": "agency.poaching", "details": "seen"}
    made = [str((await send(door, jan, "report", **said))["case"]) for _ in "12"]
    at = house.clock.now()
    with feeding(house) as connection:
        for number in range(9):
            row = {"template": "report.received", "values": {"clause": "c"}, "at": at if number else house.clock.now()}
            for recipient in (who, others):
                seal.insert(connection, notices, row | {"recipient": recipient, "case": made[number % 2]})


async def paged(api: Api, who: str, limit: int) -> tuple[list[dict[str, Any]], list[str]]:
    found, cursors = list[dict[str, Any]](), list[str]()
    while True:
        page = (await api.get(who, "/notices", limit=limit, **({"cursor": cursors[-1]} if cursors else {}))).json()
        found += page["notices"]
        if page["next"] is None:
            return found, cursors
        cursors.append(page["next"])


async def test_each_comes_once_whatever_the_page(house: House, door: Door, api: Api) -> None:
    lotus, ann = await agency(house, "lotus")
    lee = await person(house, Role.TEAM_LEAD, lotus)
    await told(house, door, lotus, ann)
    query = sa.select(notices.c.case).where(notices.c.recipient.in_([lotus, ann])).order_by(notices.c.id.desc())
    with house.engine.connect() as connection:
        own = list(connection.execute(query.where(notices.c.recipient == lotus)).scalars())
        both = list(connection.execute(query).scalars())
    for limit in (1, 2, 4, 9, 100):
        assert [one["case"] for one in (await paged(api, lee, limit))[0]] == own
        assert [one["case"] for one in (await paged(api, ann, limit))[0]] == both


async def test_no_page_tells_of_others(house: House, door: Door, api: Api) -> None:
    _, ann = await agency(house, "lotus")
    await told(house, door, ann, new("nobody"))
    found, cursors = await paged(api, ann, 2)
    with house.engine.connect() as connection:
        ids = connection.execute(sa.select(notices.c.id).where(notices.c.recipient == ann)).scalars().all()
    carried = [base64.b64decode(one + "==", altchars=b"-_").decode().split(", ")[2] for one in cursors]
    assert all("id" not in one for one in found)
    assert not {str(number) for number in ids} & {one.strip('"]').partition("/")[0] for one in carried}


async def test_what_is_new_is_what_came_since_somebody_last_read(house: House, door: Door) -> None:
    lotus, ann = await agency(house, "lotus")
    lee = await person(house, Role.TEAM_LEAD, lotus)
    read, pulses = Notices(house.engine, house.clock.now, Rulebooks()), Pulses(house.engine, house.clock.now)
    owner, lead = Actor(ann, Role.OWNER, lotus), Actor(lee, Role.TEAM_LEAD, lotus)
    assert (pulses.unread(owner), read.read(owner, None)) == (0, None)
    await told(house, door, lotus, ann)
    assert (pulses.unread(owner), pulses.unread(lead)) == (18, 9)
    newest = max(one["at"] for one in read.page(owner, Languages().words("en")).rows)
    assert read.read(owner, newest) is None
    assert (pulses.unread(owner), pulses.unread(lead)) == (0, 9)
    for earlier in (newest - timedelta(days=1), None, newest):  # a page of older ones takes nothing back
        assert read.read(owner, earlier) == newest
    await told(house, door, lotus, new("nobody"))
    assert pulses.unread(owner) == 9


@pytest.mark.parametrize(
    "cursor", ["x", base64.b64encode(b'["notices", "2026-03-02T02:00:00+00:00", "1x/y"]').decode()]
)
async def test_a_cursor_that_is_none_is_refused(house: House, api: Api, cursor: str) -> None:
    _, ann = await agency(house, "lotus")
    answer = await api.get(ann, "/notices", cursor=cursor)
    assert (answer.status_code, answer.json()["field"]) == (422, "cursor")
