"""Streamed days carry their own dates: a day has one number of hours, which can be corrected; the score follows."""

from collections.abc import AsyncIterator
from datetime import date, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from conftest import creator, send
from sqlalchemy import Connection

from activities.feed import stream
from activities.rulebooks import Rulebooks
from desk.door.door import Door
from ops.verify import verify
from rulebook.calendar import local_day
from states.terms import Code, RefusedError
from store import ledger, party
from store.audit import picture
from store.schema.journal import records
from workers.reach import House

CONTENT = {"clause": "content.gambling", "details": "seen on stream"}


@pytest.fixture
async def kim(house: House, door: Door) -> AsyncIterator[str]:
    """A creator who has lost points: to whom a recovery gives some back."""
    made = await creator(house)
    then = (house.clock.now() - timedelta(days=30)).isoformat()
    said = CONTENT | {"severity": "severe", "occurred": then}
    case = (await send(door, "platform", "report", against=made, **said))["case"]
    await send(door, "mia", "claim", case=case)
    await send(door, "mia", "decide", case=case, finding="violation", severity="severe", reasons="seen")
    yield made
    with picture(house.engine) as connection:
        found = [str(one) async for one in verify(connection, house.clock.now())]
    assert [one for one in found if made in one] == []


def today(house: House, kim: str) -> date:
    with house.engine.connect() as connection:
        subject = party.subject(connection, kim)
        assert subject is not None
        rules = Rulebooks().now(connection, subject.region, house.clock.now())
    return local_day(house.clock.now(), rules.zone)


def day(house: House, kim: str, ago: int) -> str:
    return (today(house, kim) - timedelta(days=ago)).isoformat()


def fed(house: House, kim: str, *dates: tuple[str, object], at: datetime | None = None, **more: Any) -> None:
    said = {"creator": kim, **more} | (
        {"dates": [{"day": when, "hours": hours} for when, hours in dates]} if dates else {}
    )
    with house.engine.begin() as connection:
        stream.record(connection, Rulebooks(), "platform", said, at or house.clock.now())


def booked(house: House, kim: str) -> list[tuple[str, date | None, int]]:
    with house.engine.connect() as connection:
        lines = ledger.lines(connection, kim, "creator_health", "life").rows[::-1]
    return [(line["reason"], line["day"], line["change"]) for line in lines if line["day"]]


def refused(house: House, kim: str, *dates: tuple[str, object], **more: Any) -> tuple[str, str | None, str]:
    with pytest.raises(RefusedError) as found:
        fed(house, kim, *dates, **more)
    return found.value.code, found.value.field, found.value.key


def written(connection: Connection) -> int:
    return int(connection.execute(sa.select(sa.func.count()).select_from(records)).scalar_one())


def test_every_fifth_clean_day_gives_points_back_whenever_it_is_fed(house: House, kim: str) -> None:
    fed(house, kim, *((day(house, kim, ago), "2.5") for ago in (9, 7, 5, 3)))
    assert booked(house, kim) == []
    fed(house, kim, (day(house, kim, 20), 2))  # late, and earlier than the others
    assert booked(house, kim) == [("recovered", today(house, kim) - timedelta(days=3), 4)]


def test_the_same_days_again_change_nothing(house: House, kim: str) -> None:
    dates = [(day(house, kim, ago), "2.5") for ago in (9, 7, 5, 3, 2)]
    fed(house, kim, *dates)
    with house.engine.connect() as connection:
        before = written(connection)
    fed(house, kim, *dates)
    fed(house, kim, *dates[::-1])
    with house.engine.connect() as connection:
        assert written(connection) == before
    assert len(booked(house, kim)) == 1


def test_other_hours_correct_a_day_and_the_recovery_follows(house: House, kim: str) -> None:
    ago = (9, 7, 5, 3, 2)
    gained = today(house, kim) - timedelta(days=2)
    fed(house, kim, *((day(house, kim, n), 3) for n in ago))
    fed(house, kim, (day(house, kim, 5), "1.98"))
    assert booked(house, kim) == [("recovered", gained, 4), ("recovery_lost", gained, -4)]
    fed(house, kim, (day(house, kim, 5), 2))
    assert booked(house, kim)[2:] == [("recovered", gained, 4)]


def test_streams_of_one_day_add_up_to_a_day_at_most(house: House, kim: str) -> None:
    one = day(house, kim, 1)
    fed(house, kim, (one, 13), (one, 11))
    with house.engine.connect() as connection:
        assert [hours for _, hours in ledger.days(connection, kim)] == [24]
    assert refused(house, kim, (one, 13), (one, "11.01")) == (Code.INVALID, "dates", "more_than_a_day")


def test_a_day_lies_neither_ahead_nor_too_far_back(house: House, kim: str) -> None:
    fed(house, kim, (day(house, kim, 0), 2), (day(house, kim, 700), 2))
    assert refused(house, kim, (day(house, kim, -1), 2)) == (Code.INVALID, "dates", "in_the_future")
    assert refused(house, kim, (day(house, kim, 3), 2), (day(house, kim, 740), 2)) == (Code.INVALID, "dates", "too_old")
    assert refused(house, kim, ("0001-01-01", 2)) == (Code.INVALID, "dates", "input.year")
    with house.engine.connect() as connection:
        assert len(ledger.days(connection, kim)) == 2  # and nothing is half done


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({}, "dates"),
        ({"days": 3}, "hours"),
        ({"hours": 3}, "days"),
        ({"days": 3, "hours": 3, "dates": [{"day": "2026-03-01", "hours": 1}]}, "dates"),
        ({"dates": []}, "dates"),
        ({"dates": [{"day": "2026-02-30", "hours": 1}]}, "dates"),
        ({"dates": [{"day": "2026-03-01T00:00:00Z", "hours": 1}]}, "dates"),
        ({"dates": [{"day": 20260301, "hours": 1}]}, "dates"),
        ({"dates": [{"day": "2026-03-01", "hours": 25}]}, "dates"),
        ({"dates": [{"day": "2026-03-01", "hours": 1}] * 367}, "dates"),
    ],
)
def test_what_is_no_streamed_day_names_its_field(house: House, kim: str, more: dict[str, Any], field: str) -> None:
    assert refused(house, kim, **more)[:2] == (Code.INVALID, field)
