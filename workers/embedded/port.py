"""Ports on this machine: free ones, and waiting for one to become free."""

import asyncio
import socket
from contextlib import ExitStack

from workers.embedded.error import EmbeddedError

HOST = "127.0.0.1"
PATIENCE = 2.0


def free(count: int) -> list[int]:
    """As many ports as asked for, that nobody uses now."""
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind((HOST, 0))
        return [one.getsockname()[1] for one in sockets]


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
