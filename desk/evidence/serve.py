"""How is a file given out? As an attachment that runs nothing, whole or in a part, and never other bytes than kept."""

import logging
import re
from collections.abc import AsyncIterator
from urllib.parse import quote

from starlette.responses import Response, StreamingResponse

from desk.refusal import ApiCode, ProblemError
from store.content import content
from store.evidence import File, Readable
from store.objects import Objects
from store.pieces import AlteredError, Part
from store.schema.evidence import FileKind

_log = logging.getLogger(__name__)
_POLICY = "sandbox; default-src 'none'; frame-ancestors 'none'"
_PART = re.compile(r"bytes=(?:(\d{1,15})-(\d{0,15})|-(\d{1,15}))")
_OF_SYSTEMS = re.compile(r'[\\/:*?"<>|]')
_ENDINGS = {
    FileKind.JPEG: (".jpg", ".jpeg"),
    FileKind.PNG: (".png",),
    FileKind.WEBP: (".webp",),
    FileKind.GIF: (".gif",),
    FileKind.AVIF: (".avif",),
    FileKind.MP4: (".mp4", ".m4v"),
    FileKind.MOV: (".mov", ".qt"),
    FileKind.WEBM: (".webm",),
    FileKind.PDF: (".pdf",),
}


async def given(objects: Objects, found: Readable, wanted: str | None = None, *, body: bool = True) -> Response:
    """The answer with a file, or with the part that is `wanted`, as the header `Range` has it.

    A header that names no part of the file, or several, is answered with the whole file, as RFC 9110 allows.
    Without `body` the headers alone.

    Raises:
        ProblemError: `failed`: its bytes are gone, or not so many as were stored.
        AwayError: its bytes can't be read now.
    """
    file = found.file
    part = _part(wanted or "", file.size)
    chunks = await content(objects, found, part)
    if chunks is None:
        _log.error("the bytes of %s are gone, or not so many as were stored", file.id, extra={"file": file.id})
        raise ProblemError(ApiCode.FAILED, "file_gone")
    first, end = part or (0, file.size)
    headers = _headers(file) | {"Content-Length": str(end - first)}
    if part:
        headers["Content-Range"] = f"bytes {first}-{end - 1}/{file.size}"
    status = 206 if part else 200
    if not body:
        return Response(status_code=status, headers=headers)
    return StreamingResponse(_unaltered(chunks, file), status, headers)


async def _unaltered(chunks: AsyncIterator[bytes], file: File) -> AsyncIterator[bytes]:
    """The chunks; before the first that is not as it was the answer breaks off."""
    try:
        async for chunk in chunks:
            yield chunk
    except AlteredError:
        _log.error("the bytes of %s are not those that were stored", file.id, extra={"file": file.id})
        raise ConnectionError("the bytes of a file are not those that were stored") from None


def _part(wanted: str, size: int) -> Part | None:
    """Of a header `Range` from which byte up to before which; None where the whole file is given."""
    found = _PART.fullmatch(wanted)
    if found is None:
        return None
    first, last, behind = found.groups()
    if behind is not None:
        start, end = max(size - int(behind), 0), size
    else:
        start, end = int(first), min(int(last) + 1, size) if last else size
    return (start, end) if start < end else None


def _headers(file: File) -> dict[str, str]:
    name = _named(file)
    plain = re.sub(r"[^\w. -]", "_", name, flags=re.ASCII)
    return {
        "Content-Type": file.kind.value,
        "Content-Disposition": f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}",
        "Content-Security-Policy": _POLICY,
        "ETag": f'"{file.hash}"',
        "Accept-Ranges": "bytes",
    }


def _named(file: File) -> str:
    """Its name as a file system may have it, with an ending of its kind: many open a file by that alone."""
    name, endings = _OF_SYSTEMS.sub("_", file.name or file.id), _ENDINGS[file.kind]
    return name if name.lower().endswith(endings) else name + endings[0]
