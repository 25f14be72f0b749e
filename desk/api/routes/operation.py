"""What ops and auditors read of the running of it all."""

from http import HTTPStatus
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse

from desk.api.admission import Admitted
from desk.api.language import Speaking, TellingTimes
from desk.api.once import Key
from desk.api.openapi.document import problems
from desk.api.route import Route
from desk.api.routes.cases import named
from desk.api.routes.moves import CaseId
from desk.api.routes.subjects import At, Month, sheet_of
from desk.api.rules import V1
from desk.api.shapes import operation as shapes
from desk.door.mending import Thing
from desk.reading.story import told
from desk.reading.watch import listed
from desk.service import service

router = APIRouter(route_class=Route, tags=["operation"])


@router.get(f"{V1}/cases/{{case}}/history", response_model=shapes.Life, responses=problems(404))
async def history(request: Request, caller: Admitted, case: CaseId) -> dict[str, Any]:
    """All that happened to a case, in order: moves, deadlines, and what Temporal did for it."""
    return told(await service(request).lives.of(caller.actor, case))


@router.get(
    f"{V1}/cases/{{case}}/past", response_model=shapes.Past, response_model_exclude_unset=True, responses=problems(404)
)
def past(
    request: Request,
    caller: Admitted,
    case: CaseId,
    words: Speaking,
    at: At = None,
) -> dict[str, Any]:
    """A case as it was at a time, with the scores and penalties then, by journal and ledger alone."""
    found = service(request).pasts.of(caller.actor, case, at)
    subjects = [sheet_of(one, words) for one in found.sheets]
    return {"at": found.at, "sealed": found.sealed, "case": named(found.case), "subjects": subjects}


@router.get(f"{V1}/figures/{{month}}", response_model=shapes.Month, responses=problems())
def figures(request: Request, caller: Admitted, month: Month, words: TellingTimes) -> dict[str, Any]:
    """What was decided in a month of your time zone, how soon, and what appeals made of it."""
    found = service(request).months.of(caller.actor, month, words.zone)
    return {"month": month, "zone": found.zone.key, "rows": found.rows}


@router.get(f"{V1}/stuck", response_model=shapes.AllStuck, responses=problems())
async def stuck(request: Request, caller: Admitted) -> dict[str, Any]:
    """What does not go on: each with its reason, since when, and what mends it."""
    return listed(await service(request).watch.look(caller.actor, exactly=True))


@router.post(f"{V1}/repairs", response_model=shapes.Mended, status_code=202, responses=problems(404))
async def mend(request: Request, caller: Admitted, key: Key, body: shapes.NewRepair) -> JSONResponse:
    """Mend what is stuck: its workflow reads its rows, or begins anew from them."""
    thing = Thing(body.whose, body.name)
    mending = service(request).mending
    answer = await mending.mend(caller.actor, thing, body.repair, key=key, through=caller.through)
    return JSONResponse(answer, HTTPStatus.ACCEPTED)
