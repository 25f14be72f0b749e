"""Authorization of a request: who calls, and whether `desk/api/rules.py` admits them to the route."""

from datetime import timedelta
from typing import Annotated

from fastapi import Depends, Request

from desk.api.parameters import known
from desk.api.rules import RULES, V1
from desk.identity.caller import SECOND_FACTOR, Caller, Via
from desk.identity.limits import address
from desk.refusal import ApiCode, ProblemError
from desk.service import service
from states.terms import Code

# A second factor shown in a browser, or a login at a provider, counts so long as fresh for grave acts.
STEP_UP = timedelta(minutes=10)
# What a person may ask for before they have shown their second factor.
_SHOWING = frozenset({f"{V1}/session", f"{V1}/session/second-factor"})


def admit(request: Request) -> None:
    """Find the caller, and whether the route's rule admits them; nothing of the body is read for it.

    Raises:
        ProblemError: `unauthenticated`, `too_many_requests`, `forbidden`, `second_factor_required`, `step_up_required`;
            `invalid` where the query has what the route does not know.
    """
    desk = service(request)
    caller = request.state.caller = _proven(request)
    desk.limits.count(caller.actor.id)
    path = request.scope["route"].path
    rule = RULES.get((request.method, path))
    if rule is None or caller.actor.role not in rule.roles:
        raise ProblemError(Code.FORBIDDEN, "not_yours")
    if caller.scopes is not None and rule.scope not in caller.scopes:
        raise ProblemError(Code.FORBIDDEN, "lacks_scope", scope=rule.scope.value)
    if path not in _SHOWING and caller.second_factor_at is None and _needs_it(caller):
        raise ProblemError(ApiCode.SECOND_FACTOR_REQUIRED, "second_factor_first")
    if rule.grave:
        step_up(request, caller)
    known(request)


def _proven(request: Request) -> Caller:
    """Who calls; what comes without a proof that is accepted is counted by address."""
    desk = service(request)
    try:
        return desk.identities.caller(request)
    except ProblemError as refused:
        if refused.code is ApiCode.UNAUTHENTICATED:
            desk.limits.count_stranger(address(request))
        raise


def step_up(request: Request, caller: Caller) -> None:
    """Ask a browser's session for a fresh second factor, or for a fresh login of a person who has none.

    A key is not asked; a provider's token only where it says when its person logged in.

    Raises:
        ProblemError: `step_up_required`.
    """
    if caller.via is Via.API_KEY or (caller.via is Via.TOKEN and caller.logged_in_at is None):
        return
    shown = caller.second_factor_at if caller.via is Via.SESSION else caller.logged_in_at
    if shown is None or service(request).identities.now() - shown > STEP_UP:
        raise ProblemError(ApiCode.STEP_UP_REQUIRED, "second_factor_again")


def _needs_it(caller: Caller) -> bool:
    """Whether a second factor is still to be shown: staff always need one, a session whatever its account has."""
    return caller.actor.role in SECOND_FACTOR or caller.via is Via.SESSION


async def _admitted(request: Request) -> Caller:
    """The caller whom `desk/api/route.py` admitted before it read the body."""
    caller: Caller = request.state.caller
    return caller


Admitted = Annotated[Caller, Depends(_admitted)]
