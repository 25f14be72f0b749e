"""Serves an application with uvicorn, in this process, on a socket of its own."""

import asyncio
import logging
import math
import socket
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from functools import partial

import uvicorn
from anyio.to_thread import current_default_thread_limiter
from starlette.types import ASGIApp

from desk.serving.connections import Connections
from desk.serving.protocol import HEAD_WITHIN, BoundedProtocol
from workers.embedded.error import EmbeddedError

# What strangers send that is no HTTP is answered, and is no news: each of them would write a line.
logging.getLogger("uvicorn.error").setLevel(logging.ERROR)
# Connections that wait to be accepted; so many are accepted at most before the first of them is counted.
_BACKLOG = 256


class _Server(uvicorn.Server):
    """A server that leaves signals to the process that started it."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@asynccontextmanager
async def listening(
    app: ASGIApp,
    host: str,
    port: int,
    *,
    threads: int | None = None,
    proxies: Sequence[str] = (),
    connections: Connections | None = None,
    head_within: float = HEAD_WITHIN,
) -> AsyncIterator[str]:
    """Serve while the context lasts; gives the address. Port 0: any free one. At the end open requests get 5 seconds.

    `threads`: how many synchronous routes run at once. `proxies`: addresses and networks whose `X-Forwarded-For` and
    `X-Forwarded-Proto` are believed; nobody else's are. `head_within`: how many seconds a request's head may take.

    Raises:
        EmbeddedError: the port is taken.
    """
    with _socket(host, port) as listener:
        if threads is not None:
            current_default_thread_limiter().total_tokens = threads
        protocol = partial(BoundedProtocol, connections or Connections(proxies=proxies), head_within)
        server = _Server(
            uvicorn.Config(app, log_config=None, access_log=False, lifespan="off", server_header=False, ws="none",
                           timeout_graceful_shutdown=5, timeout_keep_alive=math.ceil(head_within), backlog=_BACKLOG,
                           proxy_headers=bool(proxies), forwarded_allow_ips=list(proxies),
                           http=protocol)  # type: ignore[arg-type]  # it is called, and nothing else
        )  # fmt: skip
        running = asyncio.create_task(server.serve([listener]))
        try:
            yield f"http://{f'[{host}]' if ':' in host else host}:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            await running


@contextmanager
def _socket(host: str, port: int) -> Iterator[socket.socket]:
    # Without the protocol asyncio does not set TCP_NODELAY: 40 ms for every answer on a kept connection.
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, port))
        except OSError as error:
            raise EmbeddedError(f"Port {port} can't be used ({error.strerror}): set CASEWORK_API_PORT.") from None
        listener.listen(_BACKLOG)
        listener.setblocking(False)
        yield listener
