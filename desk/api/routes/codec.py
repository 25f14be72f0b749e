"""What do Temporal's messages say? Temporal's own pages ask for whoever of ops looks at them."""

from typing import Any

from fastapi import APIRouter, Request

from desk.api.admission import Admitted
from desk.api.openapi.document import problems
from desk.api.route import Route
from desk.api.shapes.codec import Payloads
from desk.identity.sessions import DECODE
from desk.service import service

router = APIRouter(route_class=Route, tags=["operation"])


@router.post(DECODE, response_model=Payloads, responses=problems())
async def decode(request: Request, caller: Admitted, body: Payloads) -> dict[str, Any]:
    """Messages of workflows, decrypted; a record says who read some. They have ids and numbers, and nobody's words.

    It is a remote codec of Temporal's: where `CASEWORK_TEMPORAL_UI_URL` is set, Temporal's pages may ask for it in the
    browser of somebody who has logged in here.
    """
    given = [one.model_dump() for one in body.payloads]
    return {"payloads": await service(request).messages.read(caller.actor, given, caller.through)}
