"""Lists of cases, in pages by cursor: the queue, and all cases that one sees."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request

from desk.api.admission import Admitted
from desk.api.openapi.document import problems
from desk.api.route import Route
from desk.api.rules import V1
from desk.api.shapes.case import Page
from desk.api.shapes.lists import CasesQuery, QueueQuery
from desk.service import service
from store import listing, queue

router = APIRouter(route_class=Route, tags=["cases"])
_PAGING = {"cursor", "limit", "sort"}


@router.get(f"{V1}/queue", response_model=Page, response_model_exclude_unset=True, responses=problems())
def waiting(request: Request, caller: Admitted, asked: Annotated[QueueQuery, Query()]) -> dict[str, Any]:
    """The open cases of your regions and languages, the most urgent first."""
    statuses = frozenset({asked.status} if asked.status else ())
    wanted = queue.Filter(statuses=statuses, **asked.model_dump(exclude={*_PAGING, "status"}))
    page = service(request).lists.queue(caller.actor, wanted, asked.sort, asked.cursor, asked.limit)
    return {"cases": page.rows, "next": page.next}


@router.get(f"{V1}/cases", response_model=Page, response_model_exclude_unset=True, responses=problems())
def cases(request: Request, caller: Admitted, asked: Annotated[CasesQuery, Query()]) -> dict[str, Any]:
    """The cases that you see, open and closed, the newest first."""
    wanted = listing.Filter(of_case=asked.of, **asked.model_dump(exclude={*_PAGING, "of"}))
    page = service(request).lists.cases(caller.actor, wanted, asked.sort, asked.cursor, asked.limit)
    return {"cases": page.rows, "next": page.next}
