"""How long do answers take? By route, method and status; a path that no route has is `other`.

Each request has an id, which its answer and the lines of the log have.
"""

import logging
from http import HTTPStatus
from secrets import token_hex
from time import perf_counter

from prometheus_client import Histogram
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from workers.line import REQUEST

_log = logging.getLogger(__name__)
# Of a request's scope: its id, where it has one before it comes here.
ID = "casework.request"
REQUESTS = Histogram(
    "casework_http_request_seconds",
    "From a request's head to the end of its answer, by the route's pattern.",
    ["route", "method", "status"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class Measured:
    """Middleware that measures whatever is inside."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began, status = perf_counter(), int(HTTPStatus.INTERNAL_SERVER_ERROR)
        known = scope.setdefault(ID, token_hex(16))
        token = REQUEST.set(known)

        async def sent(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message = {**message, "headers": [*message.get("headers", ()), (b"x-request-id", known.encode())]}
            await send(message)

        try:
            await self._app(scope, receive, sent)
        finally:
            route, method = asked(scope)
            seconds = perf_counter() - began
            REQUESTS.labels(route, method, status).observe(seconds)
            told = {"route": route, "method": method, "status": status, "seconds": round(seconds, 4)}
            _log.info("a request was answered", extra=told)
            REQUEST.reset(token)


def asked(scope: Scope) -> tuple[str, str]:
    """The pattern of the route that a request was for, and its method, once it is answered; nobody's words."""
    found = getattr(scope.get("route"), "path", None)
    route = "other" if found is None else f"{scope.get('root_path', '')}{found}"
    return route, scope["method"] if scope["method"] in _METHODS else "other"
