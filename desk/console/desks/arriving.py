"""Logging in at an identity provider: sent there, back with a session, and out again.

One is sent by a link, not by a form: `form-action 'self'` holds for where a form leads to in the end, too.
"""

from functools import partial
from http import HTTPStatus
from urllib.parse import urlencode

from starlette.responses import RedirectResponse, Response

from desk.console.page import HERE, page
from desk.console.refused import inside
from desk.console.visit import Visit
from desk.identity import errand
from desk.identity.client import Client
from desk.identity.errand import Errand
from desk.identity.limits import address
from desk.identity.proving import proved
from desk.identity.sessions import set_cookie
from desk.identity.unproven import UnprovenError, refusal
from desk.refusal import STATUS, ApiCode, ProblemError
from states.terms import RefusedError

# What a browser says of a page's own links, and of an address that somebody typed.
_OURS = frozenset({"same-origin", "none"})


def send(visit: Visit) -> Response:
    """Lead to the provider; whom another site leads here to the page to log in on."""
    client, to, again = _client(visit), inside(visit.asked("to")), visit.asked("again") is not None
    arrivals = visit.desk.identities.arrivals
    ours = visit.request.headers.get("Sec-Fetch-Site", "none") in _OURS
    if arrivals is None or client is None or not ours:
        return _to_login(to, again=again)
    back = f"{visit.desk.identities.sessions.origin(visit.request)}{HERE}/login/back"
    try:
        there, sealed = arrivals.sent(client, back, to, visit.words.language, again=again)
    except ProblemError as why:
        return _failed(visit, why, to, again=again)
    made = RedirectResponse(there, HTTPStatus.SEE_OTHER)
    errand.set_cookie(made, sealed)
    return made


async def take(visit: Visit) -> Response:
    """Begin a session for who comes back, and go on to where they were going; or say why not, with nothing begun."""
    desk, request, said = visit.desk, visit.request, visit.request.query_params
    arrivals = desk.identities.arrivals
    if arrivals is None or not said:
        return _to_login(f"{HERE}/", again=False)
    known = arrivals.errand(errand.cookie(request))
    to, again = inside(known.to if known else None), known is not None and known.again
    work = partial(arrivals.taken, known, said, desk.identities.sessions.cookies(request))
    try:
        begun = await proved(desk.limits, arrivals.seats, address(request), work)
    except UnprovenError as why:
        refusal(why)
        made = _failed(visit, ProblemError(ApiCode.UNAUTHENTICATED, "login_not_accepted"), to, again=again)
    except ProblemError as why:
        made = _failed(visit, why, to, again=again)
    else:
        made = RedirectResponse(to, HTTPStatus.SEE_OTHER)
        set_cookie(made, begun.token)
    if _answers(known, said.getlist("state")):
        errand.drop_cookie(made)
    return made


def leave(visit: Visit) -> Response:
    """Lead to where one logs out at the provider, which leads back to the page to log in on."""
    client = _client(visit)
    back = f"{visit.desk.identities.sessions.origin(visit.request)}{HERE}/login"
    there = client.way_out(back) if client is not None else None
    return RedirectResponse(there, HTTPStatus.SEE_OTHER) if there else _to_login(f"{HERE}/", again=False)


def clients(visit: Visit) -> list[Client]:
    """The providers that people log in at."""
    arrivals = visit.desk.identities.arrivals
    return list(arrivals.clients.values()) if arrivals is not None else []


def ways_out(visit: Visit) -> list[Client]:
    """Those at which one can log out, too, as far as they can be reached."""
    return [client for client in clients(visit) if _has_way_out(client)]


def _has_way_out(client: Client) -> bool:
    try:
        return client.way_out("") is not None
    except ProblemError:
        return False


def _client(visit: Visit) -> Client | None:
    """The provider that the address names; without a name the only one."""
    wanted, known = visit.asked("at"), clients(visit)
    fitting = [client for client in known if wanted in {None, client.issuer.issuer}]
    return fitting[0] if len(fitting) == 1 else None


def _answers(known: Errand | None, states: list[str]) -> bool:
    """Whether this was the errand's answer: one that somebody made up leaves it to the true one."""
    return known is None or states == [known.state]


def _to_login(to: str, *, again: bool) -> Response:
    return RedirectResponse(_start(to, again=again), HTTPStatus.SEE_OTHER)


def _start(to: str, *, again: bool) -> str:
    return f"{HERE}/{'prove' if again else 'login'}?{urlencode({'to': to})}"


def _failed(visit: Visit, why: RefusedError, to: str, *, again: bool) -> Response:
    status = STATUS[why.code]  # type: ignore[index]  # a code of the engine's or the API's
    sentence, start = visit.words.refusal(why), _start(to, again=again)
    made = page(visit, "arrival.html", status=status, sentence=sentence, code=why.key, start=start)
    made.headers.update(why.headers if isinstance(why, ProblemError) else {})
    return made
