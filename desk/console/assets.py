"""The console's own files: style, script, icon. An address names the bytes, so they may be kept for ever.

They are packed for whoever takes that. Pages are not: they hold a token beside what others wrote, and the size of a
packed page would tell whether both have something in common (BREACH).
"""

import gzip
from functools import cache

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, Response

from desk.console.page import ASSETS, asset

_KINDS = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml"}
_KEPT = {"Cache-Control": "public, max-age=31536000, immutable", "Vary": "Accept-Encoding"}
_PACKED = {**_KEPT, "Content-Encoding": "gzip"}


async def give(request: Request) -> Response:
    """The file at this address.

    Raises:
        HTTPException: 404: none is.
    """
    for file in ASSETS.iterdir():
        if file.suffix in _KINDS and asset(file.name) == request.url.path:
            kind = _KINDS[file.suffix]
            taken = {one.strip() for one in request.headers.get("Accept-Encoding", "").lower().split(",")}
            if "gzip" in taken:
                return Response(_packed(file.name), media_type=kind, headers=_PACKED)
            return FileResponse(file, media_type=kind, headers=_KEPT)
    raise HTTPException(404)


@cache
def _packed(name: str) -> bytes:
    return gzip.compress((ASSETS / name).read_bytes(), mtime=0)
