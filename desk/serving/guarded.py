"""The headers of every answer: it is kept nowhere, is what it says it is, and runs or is framed as no page."""

from collections.abc import Iterable
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

Header = tuple[bytes, bytes]
NO_STORE: Final[Header] = (b"cache-control", b"no-store")
SAFE: Final[tuple[Header, ...]] = (
    (b"x-content-type-options", b"nosniff"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
)


class Guarded:
    """Middleware that adds them where the answer has no such header; paths below `may_be_kept` lack `no-store`."""

    def __init__(self, app: ASGIApp, may_be_kept: Iterable[str] = ()) -> None:
        self._app = app
        self._may_be_kept = tuple(may_be_kept)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        wanted = SAFE if scope["path"].startswith(self._may_be_kept) else (NO_STORE, *SAFE)

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                given = list(message.get("headers", ()))
                named = {name.lower() for name, _ in given}
                message = {**message, "headers": [*given, *(one for one in wanted if one[0] not in named)]}
            await send(message)

        await self._app(scope, receive, guarded)
