"""What fails in the application is answered `failed`, inside all other middleware: it is an answer like any other."""

import logging

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from desk.refusal import ApiCode, ProblemError
from desk.serving.refuse import Refuse

_log = logging.getLogger(__name__)


class Failures:
    """Middleware that logs an exception and answers 500; where the answer has begun the connection is closed.

    `key` is that of the sentence: a page is not sent again under a key.
    """

    def __init__(self, app: ASGIApp, refuse: Refuse, key: str = "failed_here") -> None:
        self._app = app
        self._refuse = refuse
        self._key = key

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        begun = False

        async def sent(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self._app(scope, receive, sent)
        except Exception:
            if begun:
                raise
            _log.exception("%s %s failed", scope["method"], scope["path"])
            await self._refuse(ProblemError(ApiCode.FAILED, self._key))(scope, receive, send)
