"""Another site's name that leads to us (DNS rebinding) is refused; a number, and our own names, are not."""

import httpx
import pytest
from fastapi import FastAPI
from fastapi.responses import JSONResponse

from desk.door.door import Door
from desk.refusal import ProblemError
from desk.serving.hosts import OwnHosts
from desk.site import compose
from workers.reach import House


async def asked(app: FastAPI, *hosts: bytes, path: str = "/") -> httpx.Response:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://x") as client:
        request = client.build_request("GET", path)
        request.headers = httpx.Headers([(b"host", host) for host in hosts])
        return await client.send(request)


def refused(error: ProblemError) -> JSONResponse:
    told = {"code": error.code, "status": 421, "field": error.field}
    return JSONResponse(told, 421, media_type="application/problem+json")


@pytest.fixture
def app() -> FastAPI:
    made = FastAPI()
    made.add_middleware(
        OwnHosts, names=["casework.example", "Desk"], refuse=refused,
        open_to_all=["/health/live"],
    )  # fmt: skip
    made.get("/")(lambda: "in")
    made.get("/health/live")(lambda: "alive")
    return made


@pytest.mark.parametrize(
    "host",
    [
        "localhost:8080",
        "LOCALHOST",
        "127.0.0.1:8080",
        "10.1.2.3",
        "[::1]:8080",
        "casework.example",
        "casework.example:443",
        "desk:1",
    ],
)
async def test_our_own_names_and_numbers_are_answered(app: FastAPI, host: str) -> None:
    assert (await asked(app, host.encode())).json() == "in"


@pytest.mark.parametrize(
    "hosts",
    [
        [b"evil.test"], [b"evil.test:8080"], [b"localhost.evil.test"], [b"127.0.0.1.evil.test"], [b"evil.test@localhost"],
        [b"casework.example.evil.test"], [b"evilcasework.example"], [b"localhost/evil.test"], [b"[::1"], [b"[x]"], [b"\xff"],
        [b""], [], [b"localhost", b"evil.test"], [b"localhost", b"localhost"], [b"0x7f000001"],
    ],
)  # fmt: skip
async def test_another_name_is_refused_before_anything_is_looked_at(app: FastAPI, hosts: list[bytes]) -> None:
    answer = await asked(app, *hosts)
    told = answer.json()
    assert (answer.status_code, told["status"], told["code"], told["field"]) == (421, 421, "misdirected", "Host")
    assert answer.headers["Content-Type"] == "application/problem+json"


async def test_health_is_told_by_any_name(app: FastAPI) -> None:
    assert (await asked(app, b"evil.test", path="/health/live")).json() == "alive"


async def test_a_running_engine_knows_its_names(house: House, door: Door) -> None:
    made = compose(house, door)
    assert (await asked(made, b"127.0.0.1:8080", path="/api/v1/session")).status_code == 401
    assert (await asked(made, b"evil.test:8080", path="/api/v1/session")).status_code == 421
