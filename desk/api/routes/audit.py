"""What people did, and what was written outside of cases."""

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request

from activities.entered import Name
from desk.api.admission import Admitted
from desk.api.language import TellingTimes
from desk.api.openapi.document import problems
from desk.api.route import Route
from desk.api.routes.feed import PersonId
from desk.api.rules import V1
from desk.api.shapes.audit import ActsShown, RecordsShown
from desk.api.shapes.words import Cursor, Limit
from desk.service import service

router = APIRouter(route_class=Route, tags=["audit"])
OnDay = Annotated[date | None, Query(description="In your time zone. Default: today.", examples=["2026-03-02"])]
Topic = Annotated[Name | None, Query(description="A topic, or its beginning.", examples=["feed"])]
Through = Annotated[Name | None, Query(description="Through what it came.", examples=["key/3f9c2a7d51e04b86"])]


@router.get(f"{V1}/people/{{person}}/acts", response_model=ActsShown, responses=problems(404))
def acts(
    request: Request,
    caller: Admitted,
    words: TellingTimes,
    person: PersonId,
    day: OnDay = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> dict[str, Any]:
    """What somebody did on a day: how often which move, and the moves of the cases that you see, newest first."""
    found = service(request).audit.acts(caller.actor, person, day, words.zone, cursor, limit)
    told = {"person": person, "day": found.day, "zone": found.zone.key, "counts": found.counts}
    return told | {"acts": found.page.rows, "next": found.page.next}


@router.get(f"{V1}/records", response_model=RecordsShown, responses=problems())
def records(
    request: Request,
    caller: Admitted,
    topic: Topic = None,
    through: Through = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> dict[str, Any]:
    """What was written outside of cases: feeds, what the platform and receivers were told, rulebooks; newest first."""
    page = service(request).audit.records(caller.actor, topic, through, cursor, limit)
    return {"records": page.rows, "next": page.next}
