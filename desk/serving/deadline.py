"""The deadline of an answer, in seconds: a little later than a command may be answered (`activities/limits.py`).

A route whose answer takes longer puts it off for whoever it has admitted (`desk/api/route.py`).
"""

import asyncio
from collections.abc import MutableMapping
from typing import Any

from starlette.types import ASGIApp, Receive, Scope, Send

from activities.limits import LONGEST_ANSWER
from desk.refusal import ProblemError
from desk.serving.refuse import Refuse
from states.terms import Code

# In a request's state: the time-out that ends it.
_ENDS = "ends"


def put_off(scope: Scope, seconds: float) -> None:
    """Give the answer so long from now."""
    ends: asyncio.Timeout | None = scope.get("state", {}).get(_ENDS)
    if ends is not None:
        ends.reschedule(asyncio.get_running_loop().time() + seconds)


class Deadline:
    """Middleware that answers `unavailable` where no answer has begun in time."""

    def __init__(self, app: ASGIApp, refuse: Refuse, seconds: float = LONGEST_ANSWER) -> None:
        self._app = app
        self._refuse = refuse
        self._seconds = seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun = False

        async def sent(message: MutableMapping[str, Any]) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            async with asyncio.timeout(self._seconds) as ends:
                scope.setdefault("state", {})[_ENDS] = ends
                await self._app(scope, receive, sent)
        except TimeoutError:
            if begun:
                raise
            await self._refuse(ProblemError(Code.UNAVAILABLE, "no_answer_in_time"))(scope, receive, send)
