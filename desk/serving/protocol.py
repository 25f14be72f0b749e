"""HTTP/1.1 as uvicorn speaks it, with what it lacks: a deadline of a request's head, and bounds of connections.

uvicorn's own `timeout_keep_alive` begins after the first answer, and any byte ends it: a socket that says nothing, or a
byte now and then, stays open for ever. Its `limit_concurrency` counts such sockets as work: they shut everybody out.
"""

import asyncio
from typing import Any

import h11
from uvicorn import Config
from uvicorn.protocols.http.h11_impl import STATUS_PHRASES, H11Protocol
from uvicorn.server import ServerState

from desk.serving.connections import Connections
from desk.serving.guarded import NO_STORE, SAFE
from desk.serving.place import plain
from desk.serving.work import BEYOND

# From the accepted connection, and from the end of each answer, to the end of the next head; in seconds.
HEAD_WITHIN = 10.0


class BoundedProtocol(H11Protocol):
    """A connection that is closed where no head comes in time, or where others need its place."""

    def __init__(
        self,
        bound: Connections,
        head_within: float,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self._bound = bound
        self._head_within = head_within
        self.host = ""
        self.beyond = False
        self._deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        if self.client:
            self.client = (plain(self.client[0]), self.client[1])
        self.host = self.client[0] if self.client else ""
        self._bound.enter(self)
        if self.beyond:
            self.app_state = {**self.app_state, BEYOND: True}
        self._wait()

    def handle_events(self) -> None:
        before = self.cycle
        super().handle_events()
        if self.cycle is not before:
            self._work()

    def on_response_complete(self) -> None:
        self._bound.waits(self)
        self._wait()
        super().on_response_complete()  # which may find the next head already there

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop()
        self._bound.leave(self)
        super().connection_lost(exc)

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002  # uvicorn's words are not ours
        """Answer what is no HTTP: without a body, for nobody knows what its sender reads."""
        headers = [(b"content-length", b"0"), (b"connection", b"close"), NO_STORE, *SAFE]
        refused = h11.Response(status_code=400, headers=headers, reason=STATUS_PHRASES[400])
        self.transport.write(self.conn.send(refused) + self.conn.send(h11.EndOfMessage()))
        self.transport.close()

    def give_way(self) -> None:
        """Close it now, also where its client does not read what was sent, and would keep it open."""
        if self.transport.get_write_buffer_size():
            self.transport.abort()
        else:
            self.transport.close()

    def _wait(self) -> None:
        self._stop()
        self._deadline = self.loop.call_later(self._head_within, self.give_way)

    def _work(self) -> None:
        self._stop()
        self._bound.works(self)
        if self.beyond:
            self.cycle.keep_alive = False

    def _stop(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None
