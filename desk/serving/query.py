"""A query that is not UTF-8 is refused (`invalid`): decoded with replacements it would ask for something else."""

from urllib.parse import unquote_to_bytes

from starlette.types import ASGIApp, Receive, Scope, Send

from desk.refusal import ProblemError
from desk.serving.refuse import Refuse
from states.terms import Code


class ReadableQuery:
    """Middleware: the query of a request, percent-decoded, is UTF-8 without halves of characters (RFC 3629)."""

    def __init__(self, app: ASGIApp, refuse: Refuse) -> None:
        self._app = app
        self._refuse = refuse

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        app = self._app if scope["type"] != "http" or _readable(scope["query_string"]) else self._refuse(_refused())
        await app(scope, receive, send)


def _readable(query: bytes) -> bool:
    try:
        unquote_to_bytes(query).decode()
    except UnicodeDecodeError:
        return False
    return True


def _refused() -> ProblemError:
    return ProblemError(Code.INVALID, "input.no_text", "query")
