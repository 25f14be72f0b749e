"""The limit of a request's body: it is read whole first, and refused above 2 MiB (`too_large`)."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from desk.refusal import ApiCode, ProblemError
from desk.serving.refuse import Refuse

LARGEST_BODY = 2 * 1024 * 1024


class BoundedBody:
    """Middleware that refuses bodies above `largest` bytes, also where no `Content-Length` tells."""

    def __init__(self, app: ASGIApp, refuse: Refuse, largest: int = LARGEST_BODY) -> None:
        self._app = app
        self._refuse = refuse
        self._largest = largest

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        body = bytearray()
        more = True
        while more:
            message = await receive()
            if message["type"] != "http.request":
                return  # the client has disconnected
            body += message.get("body", b"")
            more = message.get("more_body", False)
            if len(body) > self._largest:
                too_large = ProblemError(ApiCode.TOO_LARGE, "too_large", most=self._largest)
                await self._refuse(too_large)(scope, receive, send)
                return
        whole: list[Message] = [{"type": "http.request", "body": bytes(body), "more_body": False}]

        async def again() -> Message:
            return whole.pop() if whole else await receive()

        await self._app(scope, again, send)
