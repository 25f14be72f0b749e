"""Plain sockets, which send what no client library would."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit

PATIENCE = 30.0


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def code(self) -> str:
        return str(json.loads(self.body)["code"])

    @property
    def field(self) -> str | None:
        found: str | None = json.loads(self.body).get("field")
        return found


@dataclass(frozen=True)
class Socket:
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    def send(self, *lines: str, body: bytes = b"") -> None:
        self.writer.write("\r\n".join([*lines, "", ""]).encode() + body)

    async def answer(self) -> Answer:
        async with asyncio.timeout(PATIENCE):
            head = (await self.reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
            headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in head[1:-2])}
            body = await self.reader.readexactly(int(headers.get("content-length", 0)))
        return Answer(int(head[0].split()[1]), headers, body)

    async def ask(self, *lines: str, body: bytes = b"") -> Answer:
        self.send(*lines, body=body)
        return await self.answer()

    async def closed(self) -> bytes:
        """Wait until the other side has closed it; what it said until then."""
        async with asyncio.timeout(PATIENCE):
            try:
                return await self.reader.read()
            except ConnectionError:
                return b""

    @property
    def open(self) -> bool:
        return not self.reader.at_eof()


@asynccontextmanager
async def connected(url: str, many: int = 1, local: str = "127.0.0.1") -> AsyncIterator[list[Socket]]:
    """So many connections from an address of this machine, opened one after the other."""
    where, made = urlsplit(url), list[Socket]()
    try:
        for _ in range(many):
            made.append(Socket(*await asyncio.open_connection(where.hostname, where.port, local_addr=(local, 0))))
        yield made
    finally:
        for one in made:
            one.writer.transport.abort()


def head(
    method: str, path: str, *more: str, length: int | None = None, proof: Mapping[str, str] | None = None
) -> list[str]:
    """The lines of a request's head, as JSON where it has a length."""
    known = [f"{name}: {value}" for name, value in (proof or {}).items()]
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", *known]
    if length is not None:
        lines += ["Content-Type: application/json", f"Content-Length: {length}"]
    return [*lines, *more]
