"""Forwarded headers are believed of the proxies that a setting names, and of nobody else: not even of this machine."""

from urllib.parse import urlsplit

import httpx
import pytest
from fastapi import FastAPI, Request

from desk.identity.limits import address
from desk.serving.serve import listening

SAID = {"X-Forwarded-For": "198.51.100.7", "X-Forwarded-Proto": "https", "Forwarded": "for=198.51.100.8;proto=https"}


@pytest.fixture
def app() -> FastAPI:
    made = FastAPI()
    made.get("/")(_seen)
    return made


def _seen(request: Request) -> list[str]:
    return [address(request), request.url.scheme]


@pytest.mark.parametrize(
    ("proxies", "seen"),
    [
        ((), ["127.0.0.1", "http"]),
        (("192.0.2.0/24",), ["127.0.0.1", "http"]),
        (("192.0.2.1/32", "127.0.0.1/32"), ["198.51.100.7", "https"]),
    ],
)
async def test_a_forwarded_header_is_believed_only_of_a_named_proxy(
    app: FastAPI, proxies: tuple[str, ...], seen: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    monkeypatch.setenv("FORWARDED_ALLOW_IPS", "*")  # what the server underneath would believe by itself
    async with listening(app, "127.0.0.1", 0, proxies=proxies) as url, httpx.AsyncClient() as client:
        assert (await client.get(url, headers=SAID)).json() == seen


async def test_of_several_addresses_the_last_one_that_is_no_proxy_counts(app: FastAPI) -> None:
    said = {"X-Forwarded-For": "203.0.113.9, 198.51.100.7, 192.0.2.1"}
    proxies = ("127.0.0.1/32", "192.0.2.1/32")
    async with listening(app, "127.0.0.1", 0, proxies=proxies) as url, httpx.AsyncClient() as client:
        assert (await client.get(url, headers=said)).json()[0] == "198.51.100.7"


@pytest.mark.parametrize(
    ("proxies", "said", "seen"),
    [
        ((), "198.51.100.7", "127.0.0.1"),
        (("127.0.0.1/32",), "198.51.100.7", "198.51.100.7"),
        (("127.0.0.1/32",), "::ffff:198.51.100.7", "198.51.100.7"),
    ],
)
async def test_on_a_socket_for_both_kinds_an_address_of_ipv4_is_itself(
    app: FastAPI, proxies: tuple[str, ...], said: str, seen: str
) -> None:
    """Such a socket tells it as `::ffff:127.0.0.1`: all of them would be of one IPv6 network."""
    async with listening(app, "::", 0, proxies=proxies) as url, httpx.AsyncClient() as client:
        here = f"http://127.0.0.1:{urlsplit(url).port}"
        assert (await client.get(here, headers={"X-Forwarded-For": said})).json()[0] == seen
