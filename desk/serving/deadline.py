"""The deadline of an answer, in seconds: a little later than a command may be answered (`activities/limits.py`)."""

import asyncio
from collections.abc import MutableMapping
from typing import Any

from starlette.types import ASGIApp, Receive, Scope, Send

from activities.limits import LONGEST_ANSWER
from desk.refusal import ProblemError
from desk.serving.refuse import Refuse
from states.terms import Code


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
            async with asyncio.timeout(self._seconds):
                await self._app(scope, receive, sent)
        except TimeoutError:
            if begun:
                raise
            await self._refuse(ProblemError(Code.UNAVAILABLE, "no_answer_in_time"))(scope, receive, send)
