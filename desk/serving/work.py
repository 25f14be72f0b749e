"""How many requests are at work at once; more are answered `unavailable`, at once."""

from collections.abc import Iterable

from starlette.types import ASGIApp, Receive, Scope, Send

from desk.refusal import ProblemError
from desk.serving.refuse import Refuse
from states.terms import Code

MOST = 500
# In a request's state: its connection is beyond the bounds (`desk/serving/connections.py`).
BEYOND = "beyond"


class AtWork:
    """Middleware that lets `most` requests through at once, and none of a connection that is beyond the bounds.

    Paths `outside` are always let through: whoever watches the process must be answered when nobody else is.
    """

    def __init__(self, app: ASGIApp, refuse: Refuse, outside: Iterable[str] = (), most: int = MOST) -> None:
        self._app = app
        self._refuse = refuse
        self._outside = frozenset(outside)
        self._most = most
        self._now = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] in self._outside:
            await self._app(scope, receive, send)
            return
        if self._now >= self._most or BEYOND in scope.get("state", ()):
            await self._refuse(ProblemError(Code.UNAVAILABLE, "too_many_at_work"))(scope, receive, send)
            return
        self._now += 1
        try:
            await self._app(scope, receive, send)
        finally:
            self._now -= 1
