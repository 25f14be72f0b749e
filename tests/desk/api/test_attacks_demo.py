"""Attacks on what only a demo may have: the cast that everybody knows, and receivers on this machine.

One database, served first as a demo, and then as an engine that others reach.
"""

import base64
import hashlib
import json
import signal
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pyotp
import pytest
from conftest import new
from terminal import Terminal, stop, terminal

from desk.demo import cast
from desk.demo.accounts import PASSWORD

PROVIDER = {
    "issuer": "https://id.test",
    "audience": "casework",
    "jwks_url": "http://127.0.0.1:9/",
    "algorithm": "RS256",
}
# What makes an engine one that others reach.
OTHERWISE = {
    "behind a proxy": {"CASEWORK_PUBLIC_URL": "https://casework.test", "CASEWORK_LOCAL_ACCOUNTS": "true"},
    "beside a provider": {"CASEWORK_OIDC": json.dumps([PROVIDER]), "CASEWORK_LOCAL_ACCOUNTS": "true"},
}
FEEDS = ("--scope", "feed", "--scope", "webhooks", "--scope", "read", "--scope", "write")


@dataclass(frozen=True)
class Taken:
    """What somebody took along from the time of the demo."""

    at: Terminal
    listener: socket.socket
    session: str
    key: str
    platform: str
    receiver: str

    @property
    def here(self) -> str:
        return f"http://127.0.0.1:{self.listener.getsockname()[1]}/"


@contextmanager
def running(at: Terminal, log: Path) -> Iterator[httpx.Client]:
    """An engine, its API, and what it complains of in a file."""
    with log.open("w", encoding="utf-8") as complaints:
        process, _ = at.start("up", stderr=complaints)
        try:
            with httpx.Client(base_url=f"http://127.0.0.1:{at.environment['CASEWORK_API_PORT']}/api/v1") as client:
                yield client
        finally:
            assert stop(process, signal.SIGTERM)[0] == 0


def login(client: httpx.Client, person: str, **more: str) -> httpx.Response:
    return client.post("/session", json={"person": person, "password": PASSWORD, **more})


def bearing(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}", "Idempotency-Key": new("key")}


def from_the_source(person: str) -> str:
    """The code of a demo person's second factor, as it was once computed from the source."""
    secret = base64.b32encode(hashlib.sha256(f"casework demo {person}".encode()).digest()[:20]).decode()
    return pyotp.TOTP(secret).at(datetime.now(UTC))


@pytest.fixture(scope="module")
def taken(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Taken]:
    """A demo was served, and played with; then it was stopped."""
    at = terminal(tmp_path_factory.mktemp("demo"))
    with socket.create_server(("127.0.0.1", 0)) as listener:
        with running(at, at.folder / "log") as client:
            taken = _taken(at, listener, client)
        yield taken


def _taken(at: Terminal, listener: socket.socket, client: httpx.Client) -> Taken:
    assert login(client, "sam", code=from_the_source("sam")).status_code == 401
    code = at.casework("account", "code", "sam").stdout.strip()
    begun = login(client, "sam", code=code)
    assert (begun.status_code, begun.json()["second_factor"]) == (201, "shown")
    session = begun.cookies["__Host-casework"]
    key = at.told("key", "create", "jan", "--label", "system", "--scope", "read")["key"]
    platform = at.told("key", "create", "feeder", "--platform", "--label", "feed", *FEEDS)["key"]
    client.cookies.clear()
    asked = {"url": f"http://127.0.0.1:{listener.getsockname()[1]}/", "events": ["case.moved"]}
    made = client.post("/webhooks", json=asked, headers=bearing(platform))
    assert made.status_code == 201, made.text
    return Taken(at, listener, session, key, platform, made.json()["id"])


@pytest.fixture(scope="module", params=OTHERWISE)
def reached(request: pytest.FixtureRequest, taken: Taken) -> Iterator[tuple[Taken, httpx.Client, str, Path]]:
    """The same database, served to others."""
    at = replace(taken.at, environment=taken.at.environment | OTHERWISE[request.param])
    log = at.folder / f"{request.param}.log"
    with running(at, log) as client:
        yield replace(taken, at=at), client, request.param, log


Reached = tuple[Taken, httpx.Client, str, Path]


def test_the_engine_says_at_its_start_that_it_holds_the_demo_cast_and_names_none_of_it(reached: Reached) -> None:
    _, _, _, log = reached
    said = log.read_text("utf-8")
    assert "holds the demo cast, whom only a demo serves" in said
    for person in (*cast.STAFF, *cast.CREATORS, "jan", "ann"):
        assert person in said


def test_nobody_of_the_demo_cast_logs_in(reached: Reached) -> None:
    taken, client, how, _ = reached
    refused = (401, "unauthenticated") if how == "behind a proxy" else (403, "forbidden")
    for answer in (login(client, "jan"), login(client, "ann"), login(client, "sam", code=from_the_source("sam"))):
        assert (answer.status_code, answer.json()["code"]) == refused
    if how == "behind a proxy":  # whoever reads the data directory has the right code, and yet is not let in
        code = taken.at.casework("account", "code", "sue").stdout.strip()
        assert login(client, "sue", code=code).status_code == 401


def test_what_was_had_in_the_demo_opens_nothing(reached: Reached) -> None:
    taken, client, _, _ = reached
    cookie = {"Cookie": f"__Host-casework={taken.session}"}
    assert client.get("/session", headers=cookie).status_code == 401
    assert client.get("/session", headers=bearing(taken.key)).status_code == 401
    assert client.get("/session", headers=bearing(taken.platform)).status_code == 200


def test_the_command_line_acts_for_nobody_of_the_cast(reached: Reached) -> None:
    words = ("report", "--by", "jan", "--clause", "agency.poaching", "--against", "lotus", "--details", "x")
    refused = reached[0].at.refused(*words)
    assert (refused["code"], refused["field"]) == ("forbidden", "by")


@pytest.mark.parametrize("words", [("report", "--by", "jan", "--clause", "agency.poaching"), ("api",)])
def test_what_is_started_beside_it_without_its_settings_is_no_demo(reached: Reached, words: tuple[str, ...]) -> None:
    at, unset = reached[0].at, {name: "" for each in OTHERWISE.values() for name in each}
    done = replace(at, environment=at.environment | unset).casework(*words)
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert "no demo: give this process the same CASEWORK_API_HOST, CASEWORK_PUBLIC_URL" in done.stderr


def test_a_receiver_on_this_machine_is_refused_and_an_old_one_is_not_called(reached: Reached) -> None:
    taken, client, _, _ = reached
    asked = {"url": taken.here, "events": ["case.moved"]}
    answer = client.post("/webhooks", json=asked, headers=bearing(taken.platform))
    assert (answer.status_code, answer.json()["field"]) == (422, "url")
    fed = {"clause": "content.vulgar", "against": "kim", "occurred": _now(), "severity": "mild", "details": "x"}
    made = client.post("/violations", json=fed, headers=bearing(taken.platform))
    assert made.status_code == 201, made.text
    tried = _tried(client, taken)
    assert tried["error"].startswith("refused address")
    taken.listener.settimeout(0.5)
    with pytest.raises(TimeoutError):
        taken.listener.accept()


def _tried(client: httpx.Client, taken: Taken) -> dict[str, Any]:
    """The delivery that was tried first."""
    for _ in range(200):
        rows = client.get(f"/webhooks/{taken.receiver}/deliveries", headers=bearing(taken.platform)).json()
        if tried := [row for row in rows["deliveries"] if row["attempts"]]:
            found: dict[str, Any] = tried[-1]
            return found
        time.sleep(0.05)
    raise AssertionError("nothing was tried")


def _now() -> str:
    return datetime.now(UTC).isoformat()
