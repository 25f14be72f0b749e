"""What waits, and what is there? Pages of cases, by key."""

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request

from desk.api.admission import Admitted
from desk.api.documents import problems
from desk.api.rules import V1
from desk.api.service import service
from desk.api.shapes.case import Listed, Page
from desk.api.shapes.lists import CasesQuery, QueueQuery
from states.situation import Actor
from states.terms import STAFF
from store import listing, queue
from store.belt import reading

router = APIRouter(tags=["cases"])
_PAGING = {"cursor", "limit", "sort"}
_STAFFS = frozenset({"severity", "language", "escalated", "deadline_at", "claimed_by"})
_NAMES = frozenset(Listed.model_fields) - {"of"}


@router.get(f"{V1}/queue", response_model=Page, response_model_exclude_unset=True, responses=problems())
def waiting(request: Request, caller: Admitted, asked: Annotated[QueueQuery, Query()]) -> dict[str, Any]:
    """The open cases of your regions and languages, the most urgent first."""
    desk = service(request)
    statuses = frozenset({asked.status} if asked.status else ())
    wanted = queue.Filter(statuses=statuses, **asked.model_dump(exclude={*_PAGING, "status"}))
    with reading(desk.engine, caller.actor, desk.now()) as connection:
        page = queue.page(connection, caller.actor, desk.now(), wanted, asked.sort, asked.cursor, asked.limit)
    return {"cases": [_listed(caller.actor, row) for row in page.rows], "next": page.next}


@router.get(f"{V1}/cases", response_model=Page, response_model_exclude_unset=True, responses=problems())
def cases(request: Request, caller: Admitted, asked: Annotated[CasesQuery, Query()]) -> dict[str, Any]:
    """The cases that you see, open and closed, the newest first."""
    desk = service(request)
    wanted = listing.Filter(of_case=asked.of, **asked.model_dump(exclude={*_PAGING, "of"}))
    with reading(desk.engine, caller.actor, desk.now()) as connection:
        page = listing.page(connection, caller.actor, desk.now(), wanted, asked.sort, asked.cursor, asked.limit)
    return {"cases": [_listed(caller.actor, row) for row in page.rows], "next": page.next}


def _listed(actor: Actor, row: Mapping[str, Any]) -> dict[str, Any]:
    shown = _NAMES if actor.role in STAFF else _NAMES - _STAFFS
    return {name: row[name] for name in shown} | {"of": row["of_case"]}
