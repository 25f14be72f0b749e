"""What a decision would do; nothing is changed by asking (`desk/door/previews.py`)."""

from typing import Any

from fastapi import APIRouter, Request

from desk.api.admission import Admitted
from desk.api.language import Speaking
from desk.api.openapi.document import problems
from desk.api.route import Route
from desk.api.routes.moves import CaseId, IfMatch, said_in
from desk.api.rules import V1
from desk.api.shapes.preview import Preview, Wish
from desk.service import service
from states.terms import RefusedError

router = APIRouter(route_class=Route, tags=["cases"])


@router.post(f"{V1}/cases/{{case}}/preview", response_model=Preview, responses=problems(404, 409, 412))
def preview(
    request: Request, caller: Admitted, case: CaseId, body: Wish, words: Speaking, if_match: IfMatch = None
) -> dict[str, Any]:
    """What a decision would do, for whoever could make it: scores, penalties, windows, and who is told.

    It takes the move's own body, and refuses what the move would refuse.
    """
    desk, asked = service(request), said_in(body, if_match)
    try:
        return desk.previews.of(
            caller.actor, words, body.do, asked.said, case=case, version=asked.version, basis=asked.basis
        )
    except RefusedError as refused:
        desk.dossiers.add_allowed(caller.actor, case, refused)
        desk.previews.add(refused, caller.actor, words, body.do, asked.said, case)
        raise
