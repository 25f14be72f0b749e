"""An answer that comes before its request has been read to the end closes the connection, unless little is left.

Otherwise whoever is refused could go on sending for as long as they like.
"""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

# Of a body that was not wanted so many bytes are read and dropped, so that the connection can be kept.
LITTLE = 64 * 1024


class Unread:
    """Middleware that adds `Connection: close` to such an answer."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or _has_little(scope):
            await self._app(scope, receive, send)
            return
        left = True

        async def heard() -> Message:
            nonlocal left
            message = await receive()
            left = message.get("more_body", False)
            return message

        async def told(message: Message) -> None:
            if left and message["type"] == "http.response.start":
                message = {**message, "headers": [*message.get("headers", ()), (b"connection", b"close")]}
            await send(message)

        await self._app(scope, heard, told)


def _has_little(scope: Scope) -> bool:
    said = dict(scope["headers"])
    if b"transfer-encoding" in said or b"expect" in said:
        return False
    length = said.get(b"content-length", b"0")
    return length.isdigit() and int(length) <= LITTLE
