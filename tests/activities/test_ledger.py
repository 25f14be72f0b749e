"""A line of the ledger says what it said when it was written, whatever came later."""

from test_told import FOUND, GAMBLING, Town

from desk.door.door import Door
from desk.reading.subject import Sheets
from workers.reach import House


async def test_a_verdict_that_is_made_milder_leaves_the_lines_before_it_as_they_were(house: House, door: Door) -> None:
    town = await Town(house, door).settle()
    case = await town.report("platform", "kim", **GAMBLING)
    await town.decided(case, FOUND | {"severity": "severe"})
    appeal = await town.appeal(case)
    await town.does("sam", "claim", appeal)
    await town.does("sam", "decide", appeal, outcome="modified", severity="mild", reasons="so")
    lines = Sheets(house.engine, house.clock.now).ledger(None, town.ids["kim"]).lines
    assert [(line["reason"], line["severity"]) for line in lines] == [("modified", "mild"), ("verdict", "severe")]
