"""A header that may stand once in a request and stands twice is refused: of two values nobody knows which was read.

So is a body whose end is said in two ways: whoever is between us and its sender may have read the other one.
"""

from starlette.types import ASGIApp, Receive, Scope, Send

from desk.refusal import ProblemError
from desk.serving.refuse import Refuse
from states.terms import Code

_NAMES = (
    "Authorization", "Content-Encoding", "Content-Length", "Content-Type", "Expect", "Host", "Idempotency-Key",
    "If-Match", "Origin", "Referer", "Transfer-Encoding", "X-CSRF-Token",
)  # fmt: skip
ONCE = {name.lower().encode(): name for name in _NAMES}
_LENGTH, _CHUNKED = b"content-length", b"transfer-encoding"


class SaidOnce:
    """Middleware that refuses it (`invalid`, naming the header); lists, as `Accept` and `Cookie`, may be in parts."""

    def __init__(self, app: ASGIApp, refuse: Refuse) -> None:
        self._app = app
        self._refuse = refuse

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        twice = _twice([name for name, _ in scope["headers"] if name in ONCE]) if scope["type"] == "http" else None
        if twice is None:
            await self._app(scope, receive, send)
            return
        await self._refuse(ProblemError(Code.INVALID, "said_twice", ONCE[twice]))(scope, receive, send)


def _twice(named: list[bytes]) -> bytes | None:
    """The header that is said twice, if one is; of the two that say where a body ends, the length."""
    if {_LENGTH, _CHUNKED} <= set(named):
        return _LENGTH
    return next((name for name in named if named.count(name) > 1), None)
