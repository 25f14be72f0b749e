"""A reviewer's act: sent through the door, and then the case again, or the next one."""

from http import HTTPStatus
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse, Response

from desk.console.acts import ACTS, Act
from desk.console.desks import party_case
from desk.console.desks.case import reviewed
from desk.console.desks.queue import last_filter, next_case
from desk.console.form import BASIS, VERB
from desk.console.page import HERE
from desk.console.visit import Visit
from desk.refusal import ApiCode, ProblemError
from states.terms import PARTIES, Code, RefusedError

# Refusals that no form of the case's page could show: the case is not there, or who asks must prove who they are first.
_ELSEWHERE = frozenset({Code.NOT_FOUND, ApiCode.STEP_UP_REQUIRED, ApiCode.UNAUTHENTICATED})


async def act(visit: Visit) -> Response:
    """Carry out what a form of the case's page says; a decision only after its preview was seen."""
    if visit.actor.role in PARTIES:
        return await party_case.act(visit)
    case, wanted = visit.named("case"), ACTS.get(visit.form.text(VERB) or "")
    if wanted is None:
        raise ProblemError(Code.INVALID, "no_move", VERB, kind="report", move=visit.form.text(VERB) or "")
    basis = visit.form.basis or visit.form.text(f"{BASIS}.{wanted.move}")
    if visit.form.text("begin") or (wanted.previewed and basis is None):
        return await run_in_threadpool(reviewed, visit, case, looked=wanted)
    try:
        case = await _send(visit, case, wanted, basis)
    except RefusedError as refused:
        if refused.code in _ELSEWHERE:
            raise
        return await run_in_threadpool(reviewed, visit, case, refused=refused)
    return RedirectResponse(await _onwards(visit, case, wanted), HTTPStatus.SEE_OTHER)


async def _send(visit: Visit, case: str, wanted: Act, basis: str | None) -> str:
    """Send the act; the case that it moved, or opened."""
    version = visit.form.version if wanted.seen else None
    said = wanted.said(visit.form)
    if wanted.move == "again":
        said |= await run_in_threadpool(_of_the_first, visit, case)
        return str((await visit.send("report", said))["case"])
    await visit.send(wanted.move, said, case=case, version=version, basis=basis)
    return case


def _of_the_first(visit: Visit, case: str) -> dict[str, Any]:
    """What a report says that files another one again: of the same clause, against the same, about the same."""
    first = visit.desk.dossiers.open(visit.actor, case).case
    return {"again": case, "clause": first["clause"], "against": first["respondent"], "about": first["about"]}


async def _onwards(visit: Visit, case: str, done: Act) -> str:
    """Where to go after an act: to the next case, where that was asked for and one waits; or back to the case.

    The next page names what was done, since it shows another case.
    """
    if done.move in {"approve", "reject"}:
        return f"{HERE}/votes?done={case}"
    if visit.form.text("then") != "next":
        return f"{HERE}/cases/{case}"
    try:
        following = await next_case(visit, last_filter(visit), f"{visit.form.key}.next")
    except RefusedError:
        return f"{HERE}/queue"
    return f"{following}?done={case}"
