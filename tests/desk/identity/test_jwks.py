"""The keys of identity providers: which are used, how they are fetched, turned, and gone on with."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
from conftest import feeding, new
from hostile import AUDIENCE, ISSUER, JWKS, PERSON, claims, signed
from knocking import SESSION, knocking

from desk.identity.jwks import FetchedKeys, StaticKeys
from desk.identity.oidc import Issuer
from desk.identity.own_issuer import OwnIssuer
from states.terms import Role
from store import feed
from workers.reach import House


@pytest.mark.parametrize(
    "change",
    [{"use": "enc"}, {"alg": "PS256"}, {"kty": "EC"}, {"key_ops": ["encrypt"]}, {"n": "AQAB"}, {"n": 1}, {"kid": 1}],
)
def test_a_key_that_is_for_something_else_is_not_used(house: House, change: dict[str, object]) -> None:
    keys = StaticKeys({"keys": [{**JWKS["keys"][0], **change}, "no key"]})
    with feeding(house) as connection:
        feed.person(connection, PERSON, Role.CREATOR)
    knock = knocking(house, Issuer(ISSUER, AUDIENCE, "RS256", keys))
    assert knock.bearer(signed(claims())).get(SESSION).status_code == 401


@pytest.mark.parametrize("url", ["http://id.example/keys", "ftp://id.example", "file:///keys", "https:///keys", "keys"])
def test_keys_are_fetched_over_https(url: str) -> None:
    with pytest.raises(ValueError, match="over https"):
        FetchedKeys(url)


class Provider:
    """An identity provider's key set on this machine; it counts how often it is asked."""

    def __init__(self) -> None:
        self.answer: bytes = b""
        self.status = 200
        self.asked = 0
        self.url = ""

    def sign_with(self, *own: OwnIssuer) -> None:
        self.answer = json.dumps({"keys": [one.public for one in own]}).encode()


@contextmanager
def provider() -> Iterator[Provider]:
    state = Provider()

    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            state.asked += 1
            self.send_response(state.status)
            self.send_header("Location", state.url)
            self.end_headers()
            self.wfile.write(state.answer)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Answers) as server:
        state.url = f"http://127.0.0.1:{server.server_port}/keys"
        thread = Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield state
        server.shutdown()
        thread.join()


class Turning:
    """A provider whose keys turn, seen through a clock that a test moves."""

    def __init__(self, house: House, at: Provider) -> None:
        self.at, self.seconds = at, 0.0
        self.keys = FetchedKeys(at.url, clock=lambda: self.seconds)
        self.old, self.new = (OwnIssuer(issuer=ISSUER, kid=kid) for kid in ("old", "new"))
        self.knock = knocking(house, Issuer(ISSUER, AUDIENCE, "ES256", self.keys))
        self.who = self.knock.person(Role.CREATOR, account=False)

    def status(self, signer: OwnIssuer) -> int:
        return self.knock.bearer(signer.token(self.who)).get(SESSION).status_code


@pytest.fixture
def turning(house: House) -> Iterator[Turning]:
    with provider() as at:
        yield Turning(house, at)


def test_a_provider_turns_its_keys(turning: Turning) -> None:
    turning.at.sign_with(turning.old)
    assert [turning.status(turning.old) for _ in range(3)] == [200, 200, 200]
    assert turning.at.asked == 1
    turning.seconds += 60
    assert [turning.status(turning.new) for _ in range(3)] == [401, 401, 401]
    assert turning.at.asked == 2  # an unknown name is asked for once in a while, however often it comes
    turning.at.sign_with(turning.old, turning.new)
    turning.seconds += 11
    assert [turning.status(turning.new), turning.status(turning.old)] == [200, 200]
    turning.at.sign_with(turning.new)
    turning.seconds += 301
    assert [turning.status(turning.old), turning.status(turning.new)] == [401, 200]


@pytest.mark.parametrize(
    ("status", "answer"), [(500, b""), (302, b""), (200, b"[]"), (200, b"<html>"), (200, b" " * 300_000)]
)
def test_a_provider_that_is_away_is_gone_on_with_for_a_while(turning: Turning, status: int, answer: bytes) -> None:
    turning.at.status, turning.at.answer = status, answer
    assert [turning.status(turning.old) for _ in range(3)] == [503, 503, 503]
    assert turning.at.asked == 1
    turning.seconds += 11
    turning.at.status = 200
    turning.at.sign_with(turning.old)
    assert turning.status(turning.old) == 200
    turning.at.status, turning.at.answer = status, answer
    turning.seconds += 3000
    assert turning.status(turning.old) == 200
    turning.seconds += 700
    refused = turning.knock.bearer(turning.old.token(turning.who)).get(SESSION)
    assert (refused.status_code, refused.json()["code"]) == (503, "unavailable")
    assert "Retry-After" in refused.headers


def test_a_set_that_is_too_large_is_not_read(turning: Turning) -> None:
    turning.at.sign_with(turning.old)
    turning.at.answer += b" " * 300_000
    assert turning.status(turning.old) == 503


def test_a_provider_that_nobody_answers_for_is_unavailable(house: House) -> None:
    nobody = FetchedKeys("http://127.0.0.1:1/keys")
    knock = knocking(house, Issuer(ISSUER, AUDIENCE, "ES256", nobody))
    signer = OwnIssuer(issuer=ISSUER)
    assert knock.bearer(signer.token(new("x"))).get(SESSION).status_code == 503
