"""Versions of the rulebook, as people move them: drafted, proposed, approved by somebody else, halted, taken back."""

from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Path, Request, Response

from desk.api.admission import Admitted
from desk.api.once import Key
from desk.api.openapi.document import problems
from desk.api.route import Route
from desk.api.routes.moves import IfMatch
from desk.api.rules import V1
from desk.api.shapes.versions import DIGEST, NewVersion, VersionMove, VersionMoved
from desk.identity.fresh import must_be_fresh
from desk.service import service

router = APIRouter(route_class=Route, tags=["rulebook"])
Digest = Annotated[str, Path(alias="version", pattern=DIGEST, description="A version's digest.")]


@router.post(f"{V1}/rulebooks/versions", status_code=201, response_model=VersionMoved, responses=problems(409))
async def draft(request: Request, caller: Admitted, key: Key, body: NewVersion, response: Response) -> dict[str, Any]:
    """Enter a version as your draft. It has no effect."""
    files = {file.name: file.text.encode() for file in body.files}
    told = await service(request).version_moves.draft(caller.actor.id, files, key=key, through=caller.through)
    response.headers["ETag"] = f'"{told["moves"]}"'
    return told


@router.post(
    f"{V1}/rulebooks/versions/{{version}}/moves", response_model=VersionMoved, responses=problems(404, 409, 412)
)
async def move(
    request: Request,
    caller: Admitted,
    key: Key,
    version: Digest,
    body: VersionMove,
    response: Response,
    if_match: IfMatch = None,
) -> dict[str, Any]:
    """Move a version."""
    desk = service(request)
    told = await desk.version_moves.move(
        caller.actor.id,
        version,
        body.do,
        body.model_dump(mode="json", exclude_none=True, exclude={"do"}),
        key=key,
        through=caller.through,
        moves=int(if_match.strip('"')) if if_match else None,
        before_grave=partial(must_be_fresh, caller, desk.identities.now()),
    )
    response.headers["ETag"] = f'"{told["moves"]}"'
    return told
