"""What is outside of us in tests: receivers of HTTP calls, other processes, and the time until something holds."""

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from standardwebhooks import Webhook


@dataclass
class Receiver:
    """The other end of the wire: it notes what arrives and answers as it is told to; `none` is a lost connection.

    What it answers when it is not told is `usual`.
    """

    id: str = ""
    url: str = ""
    answers: list[str] = field(default_factory=list)
    heads: list[dict[str, str]] = field(default_factory=list)
    raw: list[bytes] = field(default_factory=list)
    usual: str = "204 No Content"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in head.split("\r\n")[1:-2])}
        self.raw.append(await reader.readexactly(int(headers["content-length"])))
        self.heads.append(headers)
        answer = self.answers.pop(0) if self.answers else self.usual
        if answer != "none":
            writer.write(f"HTTP/1.1 {answer}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode())
            await writer.drain()
        writer.close()

    @property
    def bodies(self) -> list[dict[str, Any]]:
        return [json.loads(raw) for raw in self.raw]

    @property
    def events(self) -> list[str]:
        return [body["event"] for body in self.bodies]

    def verified(self, secret: str | bytes) -> list[Any]:
        """The bodies, each verified by its headers as a receiver's own library does."""
        return [Webhook(secret).verify(raw, head) for head, raw in zip(self.heads, self.raw, strict=True)]


async def until(holds: Callable[[], object], seconds: float = 20.0) -> None:
    async with asyncio.timeout(seconds):
        while not holds():
            await asyncio.sleep(0.05)


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False
