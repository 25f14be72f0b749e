"""Agencies, people and creators: whom one sees, and what the platform fed, read back."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request

from desk.api.admission import Admitted
from desk.api.openapi.document import problems
from desk.api.route import Route
from desk.api.routes.feed import AgencyId, CreatorId, PersonId
from desk.api.rules import V1
from desk.api.shapes.lists import CreatorsQuery, PeopleQuery, StandingsQuery
from desk.api.shapes.parties import (
    AgenciesShown,
    AgencyShown,
    CreatorShown,
    CreatorsShown,
    DaysShown,
    FactsShown,
    ManagementShown,
    PeopleShown,
    PersonShown,
)
from desk.api.shapes.standings import StandingsShown
from desk.api.shapes.words import Cursor, Limit
from desk.service import service
from store.party import Subject
from store.roster import Wanted

router = APIRouter(route_class=Route, tags=["parties"])


@router.get(f"{V1}/agencies", response_model=AgenciesShown, responses=problems())
def agencies(request: Request, caller: Admitted, cursor: Cursor = None, limit: Limit = 50) -> dict[str, Any]:
    """The agencies that you see, by name: the platform all of them, an agency's people their own."""
    page = service(request).parties.agencies(caller.actor, cursor, limit)
    return {"agencies": page.rows, "next": page.next}


@router.get(f"{V1}/agencies/{{agency}}", response_model=AgencyShown, responses=problems(404))
def agency(request: Request, caller: Admitted, agency: AgencyId) -> Subject:
    """An agency, and the region that judges it."""
    return service(request).parties.agency(caller.actor, agency)


@router.get(f"{V1}/agencies/{{agency}}/standings", response_model=StandingsShown, responses=problems(404))
def standings(
    request: Request, caller: Admitted, agency: AgencyId, asked: Annotated[StandingsQuery, Query()]
) -> dict[str, Any]:
    """Who is near a line: the agency's creators and agents with their distance to the next tier; an agent has its own.

    The first are those next to a line, or with the lowest score, the most open cases, the soonest recovery.
    """
    found = service(request).standings.of(
        caller.actor, agency, asked.sort, agent=asked.agent, cursor=asked.cursor, limit=asked.limit
    )
    creators, agents = ([*map(vars, some)] for some in (found.creators, found.agents))
    return {"agency": agency, "creators": creators, "agents": agents, "next": found.next}


@router.get(f"{V1}/people", response_model=PeopleShown, responses=problems())
def people(request: Request, caller: Admitted, asked: Annotated[PeopleQuery, Query()]) -> dict[str, Any]:
    """The people whom you see, by name: those of your agency; the platform, ops and auditors see everybody."""
    parties, wanted = service(request).parties, Wanted(asked.agency)
    page = parties.people(caller.actor, wanted, asked.cursor, asked.limit, ended=asked.ended)
    return {"people": page.rows, "next": page.next}


@router.get(f"{V1}/people/{{person}}", response_model=PersonShown, responses=problems(404))
def person(request: Request, caller: Admitted, person: PersonId) -> dict[str, Any]:
    """A person who is there or has left."""
    return service(request).parties.person(caller.actor, person)


@router.get(f"{V1}/creators", response_model=CreatorsShown, responses=problems())
def creators(request: Request, caller: Admitted, asked: Annotated[CreatorsQuery, Query()]) -> dict[str, Any]:
    """The creators whose score you see, by name: owner and leads those of the agency, an agent their own."""
    wanted = Wanted(asked.agency, asked.agent)
    page = service(request).parties.creators(caller.actor, wanted, asked.cursor, asked.limit)
    return {"creators": page.rows, "next": page.next}


@router.get(f"{V1}/creators/{{creator}}", response_model=CreatorShown, responses=problems(404))
def creator(request: Request, caller: Admitted, creator: CreatorId) -> dict[str, Any]:
    """A creator, for those who see its score: class, level, audience, agency and agent, each since when."""
    return service(request).parties.creator(caller.actor, creator)


@router.get(f"{V1}/creators/{{creator}}/streaming-days", response_model=DaysShown, responses=problems(404))
def streaming_days(
    request: Request, caller: Admitted, creator: CreatorId, cursor: Cursor = None, limit: Limit = 50
) -> dict[str, Any]:
    """The days on which a creator streamed, newest first."""
    page = service(request).parties.days(caller.actor, creator, cursor, limit)
    return {"creator": creator, "days": page.rows, "next": page.next}


@router.get(f"{V1}/creators/{{creator}}/facts", response_model=FactsShown, responses=problems(404))
def facts(
    request: Request, caller: Admitted, creator: CreatorId, cursor: Cursor = None, limit: Limit = 50
) -> dict[str, Any]:
    """What was fed of a creator, with its dates, newest first."""
    page = service(request).parties.facts(caller.actor, creator, cursor, limit)
    return {"creator": creator, "facts": page.rows, "next": page.next}


@router.get(f"{V1}/creators/{{creator}}/management", response_model=ManagementShown, responses=problems(404))
def management(
    request: Request, caller: Admitted, creator: CreatorId, cursor: Cursor = None, limit: Limit = 50
) -> dict[str, Any]:
    """Who managed a creator since when, newest first."""
    page = service(request).parties.management(caller.actor, creator, cursor, limit)
    return {"creator": creator, "management": page.rows, "next": page.next}
