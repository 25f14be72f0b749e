"""What every answer carries, whatever it answers, and that HEAD is answered wherever GET is."""

import base64
import hashlib
import re
from collections.abc import AsyncIterator

import httpx
import pytest
from fastapi.routing import APIRoute
from served import V1, Api, served

from desk.api.app import ROOMS
from desk.api.documentation import STATIC
from desk.api.openapi.examples import BODIES
from desk.api.route import Route
from desk.api.rules import LINES, OPEN, RULES
from desk.door.door import Door
from desk.site import compose
from workers.reach import House

NAMES = {"case": "report-1", "subject": "lotus", "month": "2026-03", "webhook": "wh-1", "key": "0" * 16}
ROUTES = sorted({*RULES, *OPEN})
READS = [path for method, path in ROUTES if method == "GET"] + ["/docs", f"{V1}/openapi.json"]
STYLE = f"{STATIC}/swagger-ui.css"


@pytest.fixture(scope="module")
async def api(house: House, door: Door) -> AsyncIterator[Api]:
    async with served(house, door) as made:
        yield made


def filled(path: str) -> str:
    asked = {"region": "VN"} if "/rulebook" in path and "/rulebooks" not in path else {}
    return str(httpx.URL(re.sub(r"\{(\w+)\}", lambda name: NAMES.get(name[1], "ruby"), path), params=asked))


def guarded(answer: httpx.Response, *, kept: bool = False) -> None:
    assert answer.headers.get_list("X-Content-Type-Options") == ["nosniff"]
    assert answer.headers.get_list("Content-Security-Policy") == ["default-src 'none'; frame-ancestors 'none'"]
    assert answer.headers.get_list("Cache-Control") == ([] if kept else ["no-store"])


@pytest.mark.parametrize(("method", "path"), ROUTES, ids=lambda part: part.removeprefix(V1))
@pytest.mark.parametrize("who", [None, "jan", "mia", "platform"])
async def test_every_answer_of_every_route(api: Api, who: str | None, method: str, path: str) -> None:
    known = api.bearer(who) | {"Idempotency-Key": f"guarded-{who}"} if who else {}
    body = BODIES.get((method, path))
    answer = await api.client.request(method, filled(path), headers=known, json=body)
    guarded(answer, kept=path.startswith("/health/"))


async def test_every_refusal(api: Api, house: House, door: Door) -> None:
    def fails() -> None:
        raise LookupError("nobody expected this")

    async with served(house, door, a_minute=1) as slow:
        slow.app.add_api_route("/fails", fails)
        answers = {
            404: await api.client.get("/nothing"),
            405: await api.client.delete(f"{V1}/reports"),
            413: await api.send("platform", "POST", "/violations/batch", "x" * LINES),
            422: await api.client.get("/", headers=[("Expect", "x"), ("Expect", "x")]),
            429: [await slow.client.get(f"{V1}/cases") for _ in "12"][1],
            500: await slow.client.get("/fails"),
        }
    transport = httpx.ASGITransport(compose(house, door))
    async with httpx.AsyncClient(transport=transport, base_url="http://evil.test") as client:
        answers[421] = await client.get("/docs")
    for status, answer in answers.items():
        assert answer.status_code == status
        assert answer.headers["Content-Type"] == "application/problem+json"
        guarded(answer)


async def test_who_comes_by_is_led_to_the_console(house: House, door: Door) -> None:
    transport = httpx.ASGITransport(compose(house, door))
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
        for path in ("/", "/console"):
            guarded(led := await client.get(path))
            assert (led.status_code, led.headers["Location"]) == (303, "/console/")


async def test_files(api: Api) -> None:
    guarded(await api.client.get(STYLE), kept=True)
    guarded(await api.client.get(f"{V1}/openapi.json"))


async def test_the_page_runs_our_files_and_its_own_script_alone(api: Api) -> None:
    page = await api.client.get("/docs")
    (script,) = re.findall(r"<script>(.*?)</script>", page.text, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    policy = page.headers["Content-Security-Policy"]
    assert f"script-src 'self' 'sha256-{digest}';" in policy
    assert "frame-ancestors 'none'" in policy
    assert page.headers["Cache-Control"] == "no-store"
    for file in re.findall(rf'"({STATIC}/[^"]+)"', page.text):
        assert (await api.client.get(file)).status_code == 200


@pytest.mark.parametrize("path", [*READS, STYLE, f"{V1}/reports", "/nothing"], ids=lambda part: part.removeprefix(V1))
@pytest.mark.parametrize("who", [None, "jan"])
async def test_head_answers_as_get_does_without_a_body(api: Api, who: str | None, path: str) -> None:
    known = api.bearer(who) if who else {}
    whole, bare = [await api.client.request(method, filled(path), headers=known) for method in ("GET", "HEAD")]
    for one in (whole, bare):
        assert one.headers.pop("X-Request-Id")
    assert (bare.status_code, bare.headers, bare.content) == (whole.status_code, whole.headers, b"")
    if whole.status_code == 405:
        assert bare.headers["Allow"] == "POST"


async def test_what_can_be_read_allows_head(api: Api) -> None:
    assert (await api.client.delete(f"{V1}/cases")).headers["Allow"] == "GET, HEAD"


def test_every_route_asks_who_calls_before_it_reads() -> None:
    routes = [route for room in ROOMS for route in room.router.routes if isinstance(route, APIRoute)]
    assert {route.path for route in routes if not isinstance(route, Route)} == {"/health/live", "/health/ready"}
    assert len(routes) == len(RULES) + len(OPEN)
