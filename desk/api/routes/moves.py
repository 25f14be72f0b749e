"""Opening and moving cases; every move goes through the door (`desk/door/door.py`)."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Annotated, Any, NamedTuple

from fastapi import APIRouter, Header, Path, Request, Response

from activities.move.input import Input
from desk.api.admission import Admitted
from desk.api.language import Speaking, words_of
from desk.api.once import Key
from desk.api.openapi.document import problems
from desk.api.route import Route
from desk.api.rules import V1
from desk.api.shapes.moves import Move, Moved, Moves, NewAppeal, Report
from desk.api.shapes.words import InPath
from desk.door.previews import CHANGED
from desk.identity.caller import Caller
from desk.identity.fresh import must_be_fresh
from desk.reading.offered import Offered
from desk.service import Service, service
from desk.words import Words
from states.appealable import Appeal
from states.table import Possible
from states.terms import Code, RefusedError
from store.in_thread import in_thread

router = APIRouter(route_class=Route, tags=["cases"])
_REFUSED_APPEAL = {
    Appeal.AVAILABLE: None,
    Appeal.HIDDEN: Code.APPEAL_NOT_ELIGIBLE,
    Appeal.EXPIRED: Code.APPEAL_EXPIRED,
}
CaseId = Annotated[InPath, Path(examples=["report-4c9d2f6ab0e17c35d8a1"])]
IfMatch = Annotated[
    str | None,
    Header(
        alias="If-Match",
        pattern=r'^"[0-9]{1,9}"$',
        description="The case's `ETag`, so that what you have not seen stops you (412).",
        examples=['"3"'],
    ),
]


@router.post(f"{V1}/reports", status_code=201, response_model=Moved, responses=problems(404, 409))
async def report(request: Request, caller: Admitted, key: Key, body: Report, response: Response) -> dict[str, Any]:
    """File a report."""
    return await send(service(request), caller, "report", body, key, response)


@router.post(f"{V1}/appeals", status_code=201, response_model=Moved, responses=problems(404, 409))
async def appeal(request: Request, caller: Admitted, key: Key, body: NewAppeal, response: Response) -> dict[str, Any]:
    """File an appeal."""
    return await send(service(request), caller, "appeal", body, key, response)


@router.post(f"{V1}/cases/{{case}}/moves", response_model=Moved, responses=problems(404, 409, 412))
async def move(
    request: Request, caller: Admitted, key: Key, case: CaseId, body: Move, response: Response, if_match: IfMatch = None
) -> dict[str, Any]:
    """Move a case."""
    desk, asked = service(request), said_in(body, if_match)
    grave = partial(must_be_fresh, caller, desk.identities.now())
    try:
        return await send(
            desk, caller, body.do, asked.said, key, response, case, asked.version, grave, basis=asked.basis
        )
    except RefusedError as refused:
        if refused.key == CHANGED:
            await in_thread(desk.engine, _add_preview, request, caller, body.do, asked.said, case, refused)
        raise


def _add_preview(
    request: Request, caller: Caller, do: str, said: Input | Mapping[str, Any], case: str, refused: RefusedError
) -> None:
    service(request).previews.add(refused, caller.actor, words_of(request), do, said, case)


class Wished(NamedTuple):
    """What a move's body says, and what must hold of the case: its version, and what its preview said."""

    said: Input | Mapping[str, Any]
    version: int | None
    basis: str | None


def said_in(body: Move, if_match: str | None) -> Wished:
    """What is asked for by the body of a move, or of its preview."""
    basis = getattr(body, "basis", None)
    version = int(if_match.strip('"')) if if_match else None
    if isinstance(body, Input):
        return Wished(body, version, basis)
    return Wished(body.model_dump(mode="json", exclude_none=True, exclude={"do", "basis"}), version, basis)


@router.get(f"{V1}/cases/{{case}}/moves", response_model=Moves, responses=problems(404))
def moves(request: Request, caller: Admitted, case: CaseId, words: Speaking) -> dict[str, Any]:
    """What can be done now, and why not."""
    found, possible = service(request).dossiers.offered(caller.actor, case)
    return moves_of(case, found.version, possible, words)


def moves_of(case: str, version: int, possible: Offered, words: Words) -> dict[str, Any]:
    """What can be done with a case, as it is answered."""
    shown = [_shown(one, words) for one in possible.moves]
    if possible.appeal is not None:
        code = _REFUSED_APPEAL[possible.appeal.answer]
        shown.append({"do": "appeal", "allowed": code is None, "code": code, "reason": possible.appeal.reason})
    return {"case": case, "version": version, "moves": shown}


async def send(
    desk: Service,
    caller: Caller,
    verb: str,
    said: Input | Mapping[str, Any],
    key: str,
    response: Response,
    case: str | None = None,
    version: int | None = None,
    grave: Callable[[], None] | None = None,
    basis: str | None = None,
) -> dict[str, Any]:
    """Send a command through the door; the refusal of a move has `allowed`: what its sender could do now."""
    try:
        answer = await desk.door.send(
            caller.actor.id,
            verb,
            said,
            key=key,
            case=case,
            version=version,
            through=caller.through,
            before_grave=grave,
            basis=basis,
        )
    except RefusedError as refused:
        if case is not None:
            await in_thread(desk.engine, desk.dossiers.add_allowed, caller.actor, case, refused)
        raise
    response.headers["ETag"] = f'"{answer["version"]}"'
    return answer


def _shown(one: Possible, words: Words) -> dict[str, Any]:
    if one.refusal is None:
        return {"do": one.event, "allowed": True, "code": None, "reason": None}
    return {"do": one.event, "allowed": False, "code": one.refusal.code, "reason": words.refusal(one.refusal)}
