"""Temporal's own pages show what Temporal keeps to ops who have logged in here, and to nobody else."""

import json
from base64 import b64decode, b64encode
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
from conftest import agency, new, person, send
from consoles import ORIGIN, Browser, Console
from google.protobuf.json_format import MessageToDict

from desk.api.app import create_app
from desk.door.door import Door
from desk.evidence.keep import Intake
from desk.identity.identities import Identities
from desk.identity.limits import Limits
from desk.identity.sessions import DECODE, csrf_token
from desk.service import Service
from states.terms import Role
from store.schema.repairs import repairs
from workers.reach import House

PAGES = "https://temporal.test"


@pytest.fixture(scope="module")
def console(house: House, door: Door) -> Console:
    identities = Identities(house.engine, local_accounts=True, origin=ORIGIN, guest=PAGES, demo=True)
    service = Service(door, identities, Limits(1_000_000), Intake.of(house), demo=True, temporal_pages=f"{PAGES}/ui")
    return Console(service, create_app(service))


@pytest.fixture(scope="module")
async def oli(house: House, console: Console) -> Browser:
    return console.browser(await person(house, Role.OPS))


@pytest.fixture(scope="module")
async def kept(house: House, door: Door) -> tuple[str, dict[str, Any]]:
    """A case, and the message that it was opened with, as Temporal's pages get it."""
    (lotus, _), (_, jan) = await agency(house, "lotus"), await agency(house, "jade")
    case = (await send(door, jan, "report", clause="agency.poaching", against=lotus, details="seen"))["case"]
    history = await house.client.get_workflow_handle(case).fetch_history()
    started = history.events[0].workflow_execution_started_event_attributes
    return case, MessageToDict(started.input.payloads[0])


async def ask(browser: Browser, payloads: list[Any], origin: str = PAGES, **headers: str) -> httpx.Response:
    return await browser.client.post(DECODE, json={"payloads": payloads}, headers={"Origin": origin, **headers})


def reads(house: House) -> int:
    with house.engine.connect() as connection:
        return int(connection.scalar(sa.select(sa.func.count()).where(repairs.c.whose == "messages")) or 0)


async def test_ops_read_a_message_on_temporals_pages_and_a_record_says_so(
    oli: Browser, house: House, console: Console, kept: tuple[str, dict[str, Any]]
) -> None:
    case, message = kept
    assert case.encode() not in b64decode(message["data"])
    before = reads(house)
    answer = await ask(oli, [message, {"metadata": {"encoding": "anNvbi9wbGFpbg=="}, "data": "e30="}])
    assert answer.status_code == 200, answer.text
    shown = [json.loads(b64decode(one["data"])) for one in answer.json()["payloads"]]
    assert (shown[0]["case"], shown[1]) == (case, {})
    assert answer.headers["Access-Control-Allow-Origin"] == PAGES
    assert answer.headers["Access-Control-Allow-Credentials"] == "true"
    assert reads(house) == before + 1
    ada = console.browser(await person(house, Role.AUDITOR))
    told = await ada.client.get("/api/v1/records", params={"topic": "messages"})
    assert told.json()["records"][0]["through"] == "session"


async def test_a_browser_is_told_that_these_pages_may_ask_for_this_alone(oli: Browser) -> None:
    async def preflight(path: str, origin: str) -> httpx.Response:
        asked = {"Origin": origin, "Access-Control-Request-Method": "POST"}
        return await oli.client.options(path, headers=asked | {"Access-Control-Request-Headers": "x-namespace"})

    assert (await preflight(DECODE, PAGES)).headers["Access-Control-Allow-Origin"] == PAGES
    for path, origin in (
        (DECODE, "https://elsewhere.test"),
        (DECODE, f"{PAGES}.elsewhere.test"),
        (DECODE, "http://temporal.test"),
        (DECODE, "null"),
        ("/api/v1/repairs", PAGES),
        ("/api/v1/queue", PAGES),
    ):
        refused = await preflight(path, origin)
        assert refused.status_code >= 400, (path, origin)
        assert "Access-Control-Allow-Origin" not in refused.headers, (path, origin)


async def test_nobody_else_reads_one(oli: Browser, house: House, console: Console, kept: tuple[str, Any]) -> None:
    before = reads(house)
    for origin in ("https://elsewhere.test", f"{PAGES}.elsewhere.test", "null", ORIGIN):
        refused = await ask(oli, [kept[1]], origin)
        assert (refused.status_code, refused.json()["code"]) == (403, "forbidden"), origin
    for role in (Role.MODERATOR, Role.SENIOR_MODERATOR, Role.AUDITOR, Role.POLICY_EDITOR):
        other = console.browser(await person(house, role))
        assert (await ask(other, [kept[1]])).status_code == 403, role
    assert (await ask(console.browser(), [kept[1]])).status_code == 401
    unproven = console.browser(await person(house, Role.OPS), factor_shown_ago=None)
    assert (await ask(unproven, [kept[1]])).json()["code"] == "second_factor_required"
    mended = {"whose": "case", "name": kept[0]}
    headers = {"Origin": PAGES, "Idempotency-Key": new("key")}
    assert (await oli.client.post("/api/v1/repairs", json=mended, headers=headers)).status_code == 403
    assert reads(house) == before
    assert (await ask(oli, [kept[1]], ORIGIN, **{"X-CSRF-Token": csrf_token(oli.token or "")})).status_code == 200


async def test_what_is_no_message_of_ours_is_refused_by_its_number(
    oli: Browser, house: House, kept: tuple[str, Any]
) -> None:
    good, before = kept[1], reads(house)
    changed = {**good, "data": b64encode(bytes([*b64decode(good["data"])[:-1], 0])).decode()}
    sealed = {"metadata": good["metadata"], "data": ""}
    for bad in (changed, sealed):
        refused = await ask(oli, [good, bad])
        assert (refused.status_code, refused.json()["field"]) == (422, "payloads.1"), refused.text
    for body, field in (
        ([{"data": "no base64"}], "data"),
        ([{"metadata": {"encoding": 1}, "data": ""}], "encoding"),
        ([{"data": "", "more": 1}], "more"),
        ("none", "payloads"),
    ):
        refused = await ask(oli, body)  # type: ignore[arg-type]  # that is what is tried
        assert (refused.status_code, refused.json()["field"]) == (422, field), refused.text
    assert (await ask(oli, [{"data": "AAAA" * 600_000}])).status_code == 413
    assert reads(house) == before
