"""Who is near a line: the creators and agents of the reader's agency, those that the reader sees."""

from starlette.responses import Response

from desk.console.drawings import bar_of
from desk.console.page import page
from desk.console.visit import Visit
from desk.reading.standing import Order
from desk.refusal import ProblemError
from states.terms import Code


def show(visit: Visit) -> Response:
    """The creators, of one agent or all, and the agents, in the order asked for."""
    agency, order = visit.actor.agency, visit.one_of("sort", Order) or Order.NEAR
    if agency is None:
        raise ProblemError(Code.FORBIDDEN, "not_yours")
    agent, cursor = visit.asked("agent"), visit.asked("cursor")
    found = visit.desk.standings.of(visit.actor, agency, order, agent=agent, cursor=cursor)
    return page(visit, "creators.html", found=found, order=order, agent=agent, bar_of=bar_of)
