"""What Prometheus scrapes is what happened, names nobody, and is what the dashboard and the page about it show."""

import asyncio
import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from conftest import agency, person, send
from prometheus_client.parser import text_string_to_metric_families

from desk.door.door import Door
from desk.serving.measured import REQUESTS
from ops.metrics.serve import measured
from states.terms import Role
from store.engine import connect
from workers.embedded.error import EmbeddedError
from workers.embedded.port import free
from workers.reach import House

ROOT = Path(__file__).parents[2]
DASHBOARD = ROOT / "ops/metrics/dashboard.json"
PAGE = ROOT / "docs/metrics.md"
Values = dict[tuple[str, frozenset[str]], float]


@asynccontextmanager
async def scraped(house: House) -> AsyncIterator[str]:
    """The address of the metrics of a process that has these connections."""
    (port,) = free(1)
    settings = house.settings.model_copy(update={"metrics_port": port})
    async with measured(replace(house, settings=settings)) as address:
        assert address is not None
        yield address


async def scrape(address: str) -> tuple[str, Values]:
    async with httpx.AsyncClient() as client:
        text = (await client.get(address)).text
    families = text_string_to_metric_families(text)
    return text, {(s.name, frozenset(s.labels.values())): s.value for family in families for s in family.samples}


async def test_a_scrape_says_what_happened_and_names_nobody(house: House, door: Door) -> None:
    (jade, jan), (lotus, ann) = await agency(house, "jade"), await agency(house, "lotus")
    mia, sue = await person(house, Role.MODERATOR), await person(house, Role.SENIOR_MODERATOR)
    async with scraped(house) as address:
        _, before = await scrape(address)
        said = {"clause": "agency.poaching", "against": lotus, "details": "A secret word."}
        case = (await send(door, jan, "report", **said))["case"]
        await send(door, mia, "claim", case=case)
        await send(door, mia, "decide", case=case, finding="violation", severity="mild", reasons="seen")
        appeal = (await send(door, ann, "appeal", of=case, grounds="not us"))["case"]
        await send(door, sue, "claim", case=appeal)
        await send(door, sue, "decide", case=appeal, outcome="overturned", reasons="it was not them")
        await asyncio.sleep(0.6)  # the event loop is tried twice a second
        text, after = await scrape(address)

    def more(name: str, *labels: str) -> float:
        which = name, frozenset(labels)
        return after.get(which, 0) - before.get(which, 0)

    assert more("casework_moves_total", "report", "claim", "person", "VN") >= 1
    assert more("casework_moves_total", "report", "queue", "engine", "VN") >= 1
    assert more("casework_decisions_total", "report", "agency.poaching", "violation") >= 1
    assert more("casework_decisions_total", "appeal", "agency.poaching", "overturned") >= 1
    assert more("casework_decided_after_seconds_count", "report") >= 1
    assert more("casework_claimed_after_seconds_count", "appeal") >= 1
    assert more("casework_activity_seconds_count", "commit", "done") >= 6
    assert more("casework_event_loop_late_seconds_count") >= 1
    for up in ("casework_database_up", "casework_temporal_up", "casework_workers"):
        assert after[up, frozenset()] >= 1
    assert not [name for name in (jade, jan, lotus, ann, mia, sue, case, appeal, "secret") if name in text]


async def test_a_database_or_temporal_that_is_away_is_said_and_the_rest_is_told(house: House) -> None:
    other = replace(house, engine=connect("postgresql://nobody@127.0.0.1:1/nothing", pool=1))
    async with scraped(other) as address:
        _, found = await scrape(address)
    assert found["casework_database_up", frozenset()] == 0
    assert found["casework_temporal_up", frozenset()] == 1
    assert found["casework_pool_connections", frozenset({"size"})] == 1


async def test_without_a_port_nothing_is_served_and_a_taken_one_is_named(house: House) -> None:
    async with measured(house) as address:
        assert address is None
    async with scraped(house) as first:
        taken = house.settings.model_copy(update={"metrics_port": int(httpx.URL(first).port or 0)})
        with pytest.raises(EmbeddedError, match="CASEWORK_METRICS_PORT"):
            async with measured(replace(house, settings=taken)):
                pass


async def test_the_dashboard_and_the_page_show_what_there_is(house: House) -> None:
    async with scraped(house) as address:
        text, _ = await scrape(address)
    families = {line.split()[2] for line in text.splitlines() if line.startswith("# TYPE casework_")}
    families |= {family.name for family in REQUESTS.describe()}  # of a process that serves
    families -= {name for name in families if name.endswith("_created")}
    board = json.loads(DASHBOARD.read_text("utf-8"))
    asked = [target["expr"] for panel in board["panels"] for target in panel.get("targets", ())]
    shown = {re.sub("_(bucket|count)$", "", name) for expr in asked for name in re.findall(r"casework_\w+", expr)}
    cells = [line.split("|")[1] for line in PAGE.read_text("utf-8").splitlines() if line.startswith("| `")]
    described = {name for cell in cells for name in re.findall(r"casework_\w+", cell)}
    assert shown <= families
    assert described == families
    assert len({panel["id"] for panel in board["panels"]}) == len(board["panels"])
