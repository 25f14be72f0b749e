"""HEAD is answered wherever GET is: with the same status and headers, and without the body."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

# In a request's state: nobody reads the body, so that a route need not make one.
_BODILESS = "bodiless"


def bodiless(scope: Scope) -> bool:
    """Whether the body of the answer is kept back."""
    return bool(scope.get("state", {}).get(_BODILESS))


class Head:
    """Middleware that asks the application for GET, and keeps the body back."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "HEAD":
            await self._app(scope, receive, send)
            return

        async def headers(message: Message) -> None:
            await send({**message, "body": b""} if message["type"] == "http.response.body" else message)

        state = {**scope.get("state", {}), _BODILESS: True}
        await self._app({**scope, "method": "GET", "state": state}, receive, headers)
