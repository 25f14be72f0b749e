"""Deliveries go to public addresses only, also where a name, or a name that changes its mind, says otherwise."""

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from activities.courier.address import ForbiddenAddressError, check, public, resolve
from activities.courier.post import Post
from states.terms import RefusedError
from store.delivery import Due

NOW = datetime(2026, 3, 2, 2, tzinfo=UTC)
HOST = "hooks.example.test"


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com/hook", "https://127.0.0.1/", "https://10.1.2.3/", "https://169.254.169.254/latest",
        "https://[::1]/", "https://[fd00::1]/", "https://[fe80::1]/", "https://[::ffff:10.0.0.1]/", "https://0.0.0.0/",
        "https://[64:ff9b::7f00:1]/", "https://[2002:7f00:1::]/", "https://user:word@example.com/", "https://a.com/#b",
        "ftp://example.com/", "https:///path", "example.com", "https://exa mple.com/", "https://a.com:99999/",
        "https://a.com:0/", "https://a.com/\x00", "https://[::127.0.0.1]/", "https://[::ffff:0:10.0.0.1]/",
    ],
)  # fmt: skip
def test_such_a_receiver_is_refused(url: str) -> None:
    with pytest.raises(RefusedError) as refused:
        check(url, demo=False)
    assert refused.value.field == "url"


@pytest.mark.parametrize("url", ["https://example.com/hook?of=1", "https://93.184.216.34:8443/", "https://例え.jp/"])
def test_such_a_receiver_is_taken(url: str) -> None:
    assert check(url, demo=False).scheme == "https"


def test_what_is_taken_here_too_is_told() -> None:
    with pytest.raises(RefusedError, match=r"url\.absolute$"):
        check("example.com", demo=True)


@pytest.mark.parametrize("url", ["http://10.0.0.1/", "http://169.254.169.254/", "https://[fd00::1]/"])
def test_a_demo_reaches_its_own_machine_and_no_neighbour(url: str) -> None:
    assert check("http://127.0.0.1:8000/", demo=True).port == 8000
    assert check("http://localhost:8000/", demo=True).port == 8000
    with pytest.raises(RefusedError, match=r"url\.not_public$"):
        check(url, demo=True)


@pytest.mark.parametrize(
    "told",
    [
        "224.0.0.1",
        "100.64.0.1",
        "192.168.0.1",
        "ff02::1",
        "fec0::1",
        "2001::1",
        "::7f00:1",
        "::5db8:d822",
        "::ffff:0:7f00:1",
    ],
)
def test_such_an_address_is_not_public(told: str) -> None:
    assert not public(ip_address(told))


async def test_a_name_is_not_public_if_one_of_its_addresses_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    told = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (each, 443)) for each in ("93.184.216.34", "10.0.0.1")]

    async def looked_up(*_: object, **__: object) -> list[object]:
        return list(told)

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", looked_up, raising=False)
    with pytest.raises(ForbiddenAddressError):
        await resolve(httpx.URL("https://example.com/"), demo=True)
    told.pop()
    assert await resolve(httpx.URL("https://example.com/"), demo=False) == "93.184.216.34"


@pytest.mark.parametrize("url", ["https://localhost:9/", "https://127.1:9/", "https://0x7f000001:9/"])
async def test_what_leads_back_to_this_machine_is_not_called(url: str) -> None:
    answer = await Post().send(due(url), NOW)
    assert answer.status is None
    assert "not public" in str(answer.error)


async def test_the_connection_goes_where_was_looked_and_the_certificate_is_the_names(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    async def looked_up(*_: object, **__: object) -> list[object]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", 443))]

    async with secured(tmp_path) as (port, trusting):
        monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", looked_up, raising=False)
        here = Post(demo=True, tls=trusting)
        answer = await here.send(due(f"https://{HOST}:{port}/"), NOW)
        assert (answer.status, answer.error) == (200, None)
        other = await here.send(due(f"https://other.example.test:{port}/"), NOW)
        assert other.status is None
        assert "certificate" in str(other.error)


def due(url: str) -> Due:
    return Due("dl-1", 1, "wh", None, url, "whsec_AAAA", {"id": "dl-1"}, NOW, 0, NOW)


@asynccontextmanager
async def secured(folder: Path) -> AsyncIterator[tuple[int, ssl.SSLContext]]:
    """A server with a certificate for the host's name, and a context that trusts it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, HOST)])
    since = datetime.now(UTC) - timedelta(days=1)
    made = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    made = made.not_valid_before(since).not_valid_after(since + timedelta(days=3))
    made = made.add_extension(x509.SubjectAlternativeName([x509.DNSName(HOST)]), critical=False)
    made = made.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    certificate = made.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
    private = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    (folder / "both.pem").write_bytes(certificate + key.private_bytes(serialization.Encoding.PEM, *private))
    serving = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    serving.load_cert_chain(folder / "both.pem")

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=serving)
    async with server:
        yield server.sockets[0].getsockname()[1], ssl.create_default_context(cadata=certificate.decode())
