"""Authorization of a request: who calls, and whether `desk/api/rules.py` admits them to the route."""

from typing import Annotated

from fastapi import Depends, Request

from desk.api.parameters import known
from desk.api.rules import RULES, V1
from desk.identity.caller import Caller
from desk.identity.fresh import must_be_fresh, must_have_shown
from desk.identity.limits import address
from desk.refusal import ApiCode, ProblemError
from desk.service import service
from states.terms import Code

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
    if path not in _SHOWING:
        must_have_shown(caller)
    if rule.grave:
        must_be_fresh(caller, desk.identities.now())
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


async def _admitted(request: Request) -> Caller:
    """The caller whom `desk/api/route.py` admitted before it read the body."""
    caller: Caller = request.state.caller
    return caller


Admitted = Annotated[Caller, Depends(_admitted)]
