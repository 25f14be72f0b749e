"""The console's own files: style, script, icon. An address names the bytes, so they may be kept for ever."""

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.types import Receive, Scope, Send

from desk.console.page import ASSETS, HERE, asset

_KINDS = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml"}
_KEPT = {"Cache-Control": "public, max-age=31536000, immutable"}


class Assets:
    """The application under `assets/`."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._found(Request(scope))(scope, receive, send)

    @staticmethod
    def _found(request: Request) -> Response:
        for file in ASSETS.iterdir():
            if file.suffix in _KINDS and request.scope["path"].endswith(asset(file.name).removeprefix(HERE)):
                return FileResponse(file, media_type=_KINDS[file.suffix], headers=_KEPT)
        raise HTTPException(404)
