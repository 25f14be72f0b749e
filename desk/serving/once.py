"""A header that may stand once in a request and stands twice is refused: of two values nobody knows which was read."""

from starlette.types import ASGIApp, Receive, Scope, Send

from desk.refusal import ProblemError
from desk.serving.refuse import Refuse
from states.terms import Code

_NAMES = (
    "Authorization", "Content-Encoding", "Content-Length", "Content-Type", "Expect", "Host", "Idempotency-Key",
    "If-Match", "Origin", "Referer", "Transfer-Encoding", "X-CSRF-Token",
)  # fmt: skip
ONCE = {name.lower().encode(): name for name in _NAMES}


class SaidOnce:
    """Middleware that refuses it (`invalid`, naming the header); lists, as `Accept` and `Cookie`, may be in parts."""

    def __init__(self, app: ASGIApp, refuse: Refuse) -> None:
        self._app = app
        self._refuse = refuse

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            named = [name for name, _ in scope["headers"] if name in ONCE]
            if len(set(named)) < len(named):
                twice = next(name for name in named if named.count(name) > 1)
                refused = ProblemError(Code.INVALID, "said_twice", ONCE[twice])
                await self._refuse(refused)(scope, receive, send)
                return
        await self._app(scope, receive, send)
