"""The platform's feed: agencies, people, creators, management and streamed days; each may be fed again."""

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Path, Request
from fastapi.responses import JSONResponse
from sqlalchemy import Connection

from activities.feed import parties as feed
from activities.feed import people, stream
from activities.look import Woken
from desk.api.admission import Admitted
from desk.api.once import Key, once
from desk.api.openapi.document import problems
from desk.api.route import Route
from desk.api.rules import V1
from desk.api.shapes.feed import Agency, Creator, Fed, Management, Person, StreamingDays
from desk.api.shapes.words import Asked, InPath
from desk.identity.caller import Caller, Scope, Via
from desk.refusal import ProblemError
from desk.service import Service, service
from states.terms import STAFF, Code
from store import party
from store.in_thread import in_thread
from store.party import Profile

router = APIRouter(route_class=Route, tags=["platform feed"])
AgencyId = Annotated[InPath, Path(examples=["lotus"])]
PersonId = Annotated[InPath, Path(examples=["bob"])]
CreatorId = Annotated[InPath, Path(examples=["kim"])]


@router.put(f"{V1}/agencies/{{agency}}", response_model=Fed, responses=problems())
def agency(request: Request, caller: Admitted, key: Key, agency: AgencyId, body: Agency) -> JSONResponse:
    """Feed an agency and the region that judges it."""
    desk = service(request)
    return _fed(
        desk, caller, key, f"agencies/{agency}", body,
        lambda connection: feed.agency(
            connection, desk.rulebooks, agency, body.region, desk.moment(connection), through=caller.through
        ),
    )  # fmt: skip


@router.put(f"{V1}/people/{{person}}", response_model=Fed, responses=problems())
async def person(request: Request, caller: Admitted, key: Key, person: PersonId, body: Person) -> JSONResponse:
    """Feed an agency's person; with the scope `staff`, or as a person with a second factor, also one of the staff.

    With another role or agency they have no session and no key any more, and see nothing of what they saw before.
    """
    desk, fed = service(request), people.Fed(body.role, body.agency, body.regions, body.languages)
    if body.role in STAFF and not _may_feed_staff(caller):
        raise ProblemError(Code.FORBIDDEN, "who_feeds_staff", "role")
    return await _fed_and_told(
        desk, caller, key, f"people/{person}", body,
        lambda connection: people.person(
            connection, desk.rulebooks, person, fed, desk.moment(connection), through=caller.through
        ),
    )  # fmt: skip


@router.delete(f"{V1}/people/{{person}}", response_model=Fed, responses=problems(404))
async def end(request: Request, caller: Admitted, key: Key, person: PersonId) -> JSONResponse:
    """End a person who has left; one of the staff with the scope `staff`, or as a person with a second factor.

    From then on they see nothing and do nothing: sessions and keys end, claimed cases are put back, and an agent's
    creators become the agency's own. What they did stays under their name. Who is fed again comes back.
    """
    desk = service(request)

    def work(connection: Connection) -> Woken:
        known = party.actor(connection, person)
        if known is not None and known.role in STAFF and not _may_feed_staff(caller):
            raise ProblemError(Code.FORBIDDEN, "who_feeds_staff", "person")
        return people.end(connection, desk.rulebooks, person, desk.moment(connection), through=caller.through)

    return await _fed_and_told(desk, caller, key, f"people/{person}", None, work)


@router.put(f"{V1}/creators/{{creator}}", response_model=Fed, responses=problems())
async def creator(request: Request, caller: Admitted, key: Key, creator: CreatorId, body: Creator) -> JSONResponse:
    """Feed a creator, and what its price depends on; another class starts and ends its score elsewhere."""
    desk = service(request)
    profile = Profile(body.class_, body.level, body.followers, body.average_viewers)
    return await _fed_and_told(
        desk, caller, key, f"creators/{creator}", body,
        lambda connection: feed.creator(
            connection,
            desk.rulebooks,
            creator,
            body.region,
            profile,
            body.since,
            desk.moment(connection),
            through=caller.through,
        ),
    )  # fmt: skip


@router.put(f"{V1}/creators/{{creator}}/management", response_model=Fed, responses=problems(404))
def management(request: Request, caller: Admitted, key: Key, creator: CreatorId, body: Management) -> JSONResponse:
    """Feed who manages a creator."""
    desk = service(request)
    return _fed(
        desk, caller, key, f"creators/{creator}/management", body,
        lambda connection: feed.management(
            connection, creator, body.agency, body.agent, body.since, desk.moment(connection), through=caller.through
        ),
    )  # fmt: skip


@router.post(f"{V1}/creators/{{creator}}/streaming-days", response_model=Fed, responses=problems(404))
async def streaming_days(
    request: Request, caller: Admitted, key: Key, creator: CreatorId, body: StreamingDays
) -> JSONResponse:  # fmt: skip
    """Feed streamed days; every fifth clean one gives points back.

    Fed again, a day changes nothing; other hours correct it, and the recoveries follow.
    """
    desk, said = service(request), {"creator": creator, **body.model_dump(exclude_none=True)}
    return await _fed_and_told(
        desk, caller, key, f"creators/{creator}/streaming-days", body,
        lambda connection: stream.record(
            connection, desk.rulebooks, caller.actor.id, said, desk.moment(connection), through=caller.through
        ),
    )  # fmt: skip


def _may_feed_staff(caller: Caller) -> bool:
    """Whoever feeds staff can make themselves a moderator: the scope `feed` alone is not enough."""
    if caller.scopes is not None:
        return Scope.STAFF in caller.scopes
    return caller.via is Via.TOKEN and caller.second_factor_at is not None


async def _fed_and_told(
    desk: Service, caller: Caller, key: str, what: str, body: Asked | None, work: Callable[[Connection], Woken]
) -> JSONResponse:
    """Feed what moves a score, and after the transaction wake the couriers that must tell of it."""
    woken: list[Woken] = []
    answer = await in_thread(
        desk.engine, _fed, desk, caller, key, what, body, lambda connection: woken.append(work(connection))
    )
    for each in woken:
        await desk.door.wake(each)
    return answer


def _fed(
    desk: Service, caller: Caller, key: str, what: str, body: Asked | None, work: Callable[[Connection], None]
) -> JSONResponse:
    def write(connection: Connection) -> tuple[int, dict[str, str]]:
        work(connection)
        return 200, {"fed": what}

    return once(desk, caller, key, [what, body.model_dump(mode="json") if body else "DELETE"], write)
