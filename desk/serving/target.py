"""A path or query that is not UTF-8 is refused (`invalid`): decoded with replacements it would name something else."""

from urllib.parse import unquote_to_bytes

from starlette.types import ASGIApp, Receive, Scope, Send

from desk.refusal import ProblemError
from desk.serving.refuse import Refuse
from states.terms import Code


class ReadableTarget:
    """Middleware: path and query, percent-decoded, are UTF-8 without halves of characters (RFC 3629)."""

    def __init__(self, app: ASGIApp, refuse: Refuse) -> None:
        self._app = app
        self._refuse = refuse

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        app = self._app
        if scope["type"] == "http":
            for name, said in (("path", scope.get("raw_path") or b""), ("query", scope["query_string"])):
                if not _readable(said):
                    app = self._refuse(ProblemError(Code.INVALID, "input.no_text", name))
        await app(scope, receive, send)


def _readable(said: bytes) -> bool:
    try:
        unquote_to_bytes(said).decode()
    except UnicodeDecodeError:
        return False
    return True
