"""Ports on this machine: free ones, and waiting for one to become free."""

import asyncio
import secrets
import socket

from workers.embedded.error import EmbeddedError

HOST = "127.0.0.1"
PATIENCE = 2.0
_OURS = range(20_000, 32_000)


def free(count: int) -> list[int]:
    """As many ports as asked for, that nobody uses now.

    They lie below those that a system gives to outgoing connections: one of these could take a port before its server.
    """
    found = set[int]()
    while len(found) < count:
        port = secrets.choice(_OURS)
        if _free(port):
            found.add(port)
    return list(found)


async def claim(port: int, *, of: str, setting: str) -> None:
    """Return when the port is free: a server whose parent was killed holds it for a moment longer.

    Raises EmbeddedError, naming the setting.
    """
    deadline = asyncio.get_running_loop().time() + PATIENCE
    while not _free(port):
        if asyncio.get_running_loop().time() > deadline:
            raise EmbeddedError(f"Port {port} for {of} is taken by another program: stop it, or set {setting}.")
        await asyncio.sleep(0.05)


def _free(port: int) -> bool:
    with socket.socket() as one:
        one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            one.bind((HOST, port))
        except OSError:
            return False
        return True
