"""The journal proves itself: each line's hash covers the line, the one before, and what the move wrote."""

from itertools import pairwise
from typing import Any

import pytest
import sqlalchemy as sa
from conftest import agency, person, send

from desk.door.door import Door
from states.terms import Role
from store import journal, seal
from store.journal import FIRST, digest, record_digest
from store.schema import metadata
from workers.reach import House

ROWS = ("cases", "commands", "verdicts", "violations", "ledger", "penalties", "notices", "quota_slots")


@pytest.fixture(scope="module")
async def cases(house: House, door: Door) -> tuple[str, str]:
    """A report and its appeal, after a full life of both."""
    (_, jan), (lotus, ann) = await agency(house, "jade"), await agency(house, "lotus")
    mia, sam = await person(house, Role.MODERATOR), await person(house, Role.SENIOR_MODERATOR)
    said = {"clause": "agency.poaching", "against": lotus, "details": "gesehen: “Straße”, 直播 🎥"}
    report = (await send(door, jan, "report", **said))["case"]
    await send(door, mia, "claim", case=report)
    await send(door, mia, "ask", case=report, question="where?")
    await send(door, jan, "answer", case=report, text="there")
    await send(door, mia, "claim", case=report)
    await send(door, mia, "decide", case=report, finding="violation", severity="moderate", reasons="checked")
    appeal = (await send(door, ann, "appeal", of=report, grounds="we did not"))["case"]
    await send(door, sam, "claim", case=appeal)
    await send(door, sam, "decide", case=appeal, outcome="modified", severity="mild", reasons="milder")
    return report, appeal


def lines(house: House, case: str) -> list[dict[str, Any]]:
    with house.engine.connect() as connection:
        return [dict(line) for line in journal.timeline(connection, case)]


def test_each_line_is_chained_to_the_one_before(house: House, cases: tuple[str, str]) -> None:
    for case in cases:
        previous = FIRST
        for number, line in enumerate(lines(house, case), start=1):
            assert line["version"] == number
            assert line["previous"] == previous
            assert line["hash"] == digest(line)
            previous = line["hash"]


def test_no_part_of_a_line_can_be_changed_unnoticed(house: House, cases: tuple[str, str]) -> None:
    for line in lines(house, cases[0]):
        for column in set(line) - {"hash"}:
            changed = line | {column: line[column].replace(year=2020) if column == "at" else "something else"}
            assert digest(changed) != line["hash"], column


def test_the_journal_tells_the_life_without_a_gap(house: House, cases: tuple[str, str]) -> None:
    for case in cases:
        told = lines(house, case)
        assert told[0]["source"] == "new"
        assert told[-1]["target"] == "closed"
        for line, following in pairwise(told):
            assert line["target"] == following["source"]
            assert line["at"] <= following["at"]
            assert line["number"] < following["number"]


def test_every_row_of_the_case_is_sealed_as_it_is(house: House, cases: tuple[str, str]) -> None:
    told = [line for case in cases for line in lines(house, case)]
    sealed: dict[str, str] = {}
    for line in sorted(told, key=lambda line: line["number"]):
        sealed |= line["rows"]
    with house.engine.connect() as connection:
        for name in ROWS:
            table = metadata.tables[name]
            of_case = table.c["case"] if name != "cases" else table.c.id
            rows = connection.execute(sa.select(table).where(of_case.in_(cases))).mappings().all()
            assert rows, name
            for row in rows:
                assert sealed[seal.name(table, row)] == seal.digest(table, row), row


def test_what_was_fed_is_chained_by_its_topic(house: House, cases: tuple[str, str]) -> None:
    assert cases
    with house.engine.connect() as connection:
        records = metadata.tables["records"]
        found = connection.execute(sa.select(records).order_by(records.c.number)).mappings().all()
    last: dict[str, str] = {}
    for record in found:
        assert record["previous"] == last.get(record["topic"], FIRST)
        assert record["hash"] == record_digest(record)
        last[record["topic"]] = record["hash"]
    assert {"feed", "rulebook"} <= set(last)
