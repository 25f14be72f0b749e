"""Notices to people, and incidents for ops."""

from typing import Any

from fastapi import APIRouter, Request

from desk.api.admission import Admitted
from desk.api.language import TellingTimes
from desk.api.openapi.document import problems
from desk.api.route import Route
from desk.api.rules import V1
from desk.api.shapes.notices import Incidents, Notices
from desk.api.shapes.words import Cursor, Limit
from desk.service import service

router = APIRouter(route_class=Route, tags=["notices"])


@router.get(f"{V1}/notices", response_model=Notices, responses=problems())
def notices(
    request: Request, caller: Admitted, words: TellingTimes, cursor: Cursor = None, limit: Limit = 50
) -> dict[str, Any]:
    """What you and, for its leads, your agency were told; newest first. An auditor reads all."""
    page = service(request).notices.page(caller.actor, words, cursor, limit)
    return {"notices": page.rows, "next": page.next}


@router.get(f"{V1}/incidents", response_model=Incidents, responses=problems())
def incidents(request: Request, caller: Admitted, cursor: Cursor = None, limit: Limit = 50) -> dict[str, Any]:
    """What was put before ops; newest first."""
    page = service(request).notices.incidents(caller.actor, cursor, limit)
    return {"incidents": page.rows, "next": page.next}
