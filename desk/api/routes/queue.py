"""Lists of cases, in pages by cursor: the queue, and all cases that one sees."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from desk.api.admission import Admitted
from desk.api.once import Key
from desk.api.openapi.document import problems
from desk.api.route import Route
from desk.api.rules import V1
from desk.api.shapes.case import Page, Queue
from desk.api.shapes.lists import CasesQuery, QueueQuery
from desk.api.shapes.moves import Moved
from desk.reading.wanted import Wanted
from desk.service import service
from store import listing

router = APIRouter(route_class=Route, tags=["cases"])
_PAGING = {"cursor", "limit", "sort"}


@router.get(f"{V1}/queue", response_model=Queue, response_model_exclude_unset=True, responses=problems())
def waiting(request: Request, caller: Admitted, asked: Annotated[QueueQuery, Query()]) -> dict[str, Any]:
    """What you could claim, the most urgent first; by filters, what else is open in your regions and languages."""
    found = service(request).lists.queue(caller.actor, asked.looked(), asked.sort, asked.cursor, asked.limit)
    counted = {} if found.count is None else {"count": found.count, "more": found.more}
    return {"cases": found.page.rows, "next": found.page.next, **counted}


@router.post(f"{V1}/queue/next", response_model=Moved, responses=problems(404))
async def claim_next(request: Request, caller: Admitted, key: Key, body: Wanted, response: Response) -> dict[str, Any]:
    """Claim the most urgent case that fits and that you can claim; asked again under its key, it is the same one."""
    asked = body.model_dump(mode="json", exclude_defaults=True)
    following = service(request).following
    answer = await following.claim(caller.actor, body.filter(), asked, key=key, through=caller.through)
    response.headers["ETag"] = f'"{answer["version"]}"'
    return answer


@router.get(f"{V1}/cases", response_model=Page, response_model_exclude_unset=True, responses=problems())
def cases(request: Request, caller: Admitted, asked: Annotated[CasesQuery, Query()]) -> dict[str, Any]:
    """The cases that you see, open and closed, the newest first."""
    wanted = listing.Filter(of_case=asked.of, **asked.model_dump(exclude={*_PAGING, "of"}))
    page = service(request).lists.cases(caller.actor, wanted, asked.sort, asked.cursor, asked.limit)
    return {"cases": page.rows, "next": page.next}
