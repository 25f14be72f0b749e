"""Files of evidence: brought before a command refers to them, and given out to whoever sees them."""

from collections.abc import AsyncIterator
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Header, Path, Query, Request
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from desk.api.admission import Admitted
from desk.api.once import Key
from desk.api.openapi.document import problems
from desk.api.route import Route
from desk.api.routes.moves import CaseId
from desk.api.rules import V1
from desk.api.shapes.case import Uploaded
from desk.api.shapes.words import InPath
from desk.evidence.keep import MOST, too_large
from desk.evidence.serve import given
from desk.service import service
from desk.serving.head import bodiless
from desk.upload import upload
from store.in_thread import in_thread
from store.schema.evidence import FileKind

router = APIRouter(route_class=Route, tags=["evidence"])
FileName = Annotated[
    InPath, Query(alias="filename", description="What it is called; a path is none.", examples=["clip.mp4"])
]
FileId = Annotated[
    str, Path(alias="file", max_length=200, pattern=r"^[\x21-\x7e]+$", examples=["ev-5d0c1e8f7a2b4c6d9e01"])
]
Wanted = Annotated[
    str | None,
    Header(
        alias="Range",
        description="One part of it; anything else is answered with all of it.",
        examples=["bytes=0-1023"],
    ),
]
_BYTES = {kind.value: {"schema": {"type": "string", "format": "binary"}} for kind in FileKind}


@router.post(
    f"{V1}/evidence",
    status_code=201,
    response_model=Uploaded,
    responses=problems(),
    openapi_extra={"requestBody": {"required": True, "content": _BYTES}},
)
async def bring(request: Request, caller: Admitted, key: Key, name: FileName) -> JSONResponse:
    """Bring a file, as the body of the request; a report, an appeal or an answer then names it in `evidence`.

    JPEG, PNG, WebP, GIF, AVIF, MP4, MOV, WebM and PDF, by what the bytes are; at most 50 MB, in two minutes. A picture
    is written anew in sRGB, the right way up, without what its camera wrote into it; of one that moves the first frame.
    **Videos and PDFs stay as they are, with what their maker wrote into them, such as where they were made.** What no
    case has after a day is removed, unless a draft of the console names it; a person has at most 20 such files, and
    400 MB. In a day a person brings 2 GB.
    """
    desk = service(request)
    length = request.headers.get("Content-Length", "0")
    if not length.isdigit() or int(length) > MOST:
        raise too_large()
    told = await upload(desk.engine, desk.intake, caller.actor, name, _parts(request), key, desk.now())
    return JSONResponse(told, HTTPStatus.CREATED)


@router.get(
    f"{V1}/cases/{{case}}/evidence/{{file}}",
    response_class=Response,
    responses=problems(404)
    | {200: {"content": _BYTES}, 206: {"content": _BYTES, "description": "The part that was asked for."}},
)
async def read(request: Request, caller: Admitted, case: CaseId, file: FileId, wanted: Wanted = None) -> Response:
    """The bytes of a file, as an attachment; `ETag` is the SHA-256 of what is stored of it, encrypted."""
    desk = service(request)
    found = await in_thread(desk.engine, desk.dossiers.file, caller.actor, case, file)
    if bodiless(request.scope):  # to which no part means anything (RFC 9110)
        return await given(desk.intake.objects, found, body=False)
    return await given(desk.intake.objects, found, wanted)


async def _parts(request: Request) -> AsyncIterator[bytes]:
    try:
        async for part in request.stream():
            yield part
    except ClientDisconnect:
        raise HTTPException(HTTPStatus.BAD_REQUEST, "The client has gone") from None
