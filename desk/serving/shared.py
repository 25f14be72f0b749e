"""One path that pages of one other origin may ask for: browsers let these read its answers, and no others (CORS)."""

from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send


class Shared:
    """Middleware for `path` and pages of `origin`; these may send what a session's cookie or a token proves."""

    def __init__(self, app: ASGIApp, path: str, origin: str) -> None:
        self._app = app
        self._path = path
        self._shared = CORSMiddleware(
            app,
            allow_origins=[origin],
            allow_methods=["POST"],
            allow_headers=["Authorization", "Content-Type", "X-Namespace"],
            allow_credentials=True,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        app = self._shared if scope["type"] == "http" and scope["path"] == self._path else self._app
        await app(scope, receive, send)
