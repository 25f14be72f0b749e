"""The life of a case for ops and auditors: drawn to scale and as a table, where it stands, and what may be done."""

from dataclasses import replace
from http import HTTPStatus

from starlette.responses import RedirectResponse, Response

from desk.console.form import VERB
from desk.console.lanes import Drawing
from desk.console.page import HERE, page
from desk.console.times import Times
from desk.console.visit import Visit
from desk.console.waiting import sentence
from desk.door.mending import Thing, Whose
from desk.reading.life import Life
from desk.refusal import STATUS
from states.law import CaseRow
from states.terms import Code, RefusedError, Stage, Status


async def show(visit: Visit) -> Response:
    """The case's life."""
    return await _page(visit)


async def act(visit: Visit) -> Response:
    """Wake the case's workflow, or put back what an absent colleague has claimed."""
    case, verb = visit.named("case"), visit.form.text(VERB) or ""
    try:
        if verb == "look":
            await visit.mend(Thing(Whose.CASE, case))
        else:
            await visit.send(verb, visit.form.said("reasons"), case=case, version=visit.form.version)
    except RefusedError as refused:
        if refused.code is Code.NOT_FOUND:
            raise
        return await _page(visit, refused)
    return RedirectResponse(f"{HERE}/ops/cases/{case}?done={verb}", HTTPStatus.SEE_OTHER)


async def _page(visit: Visit, refused: RefusedError | None = None) -> Response:
    life = await visit.desk.lives.of(visit.actor, visit.named("case"))
    drawing = Drawing(life, visit.words, Times(visit.words, visit.now))
    look = visit.desk.mending.refusal(visit.actor)
    release = next((one for one in life.offered.moves if one.event == "release"), None)
    return page(
        visit,
        "life.html",
        status=STATUS[refused.code] if refused else HTTPStatus.OK,  # type: ignore[index]  # one of the engine's codes
        life=life,
        case=life.case,
        picture=drawing.picture(),
        moments=drawing.moments,
        stages=[(stage, found) for stage in Stage if (found := _statuses(life, stage))],
        passed={move.target for move in life.moves},
        following=_following(life),
        waits=sentence(visit, life.case, life.waits_for),
        release=replace(release, refusal=look or release.refusal)
        if release
        else None,  # what is for ops, is for no other
        look=look,
        typed=visit.form.text("reasons"),
        done=visit.asked("done"),
        temporal=visit.desk.temporal_page(life.case["id"]),
        sentence=visit.words.refusal(refused) if refused else None,
    )


def _statuses(life: Life, stage: Stage) -> list[Status]:
    return [one for one in life.table.statuses if one.stage is stage and one is not Status.NEW]


def _following(life: Life) -> list[tuple[str, list[CaseRow]]]:
    """The moves that its table knows from here, each with its rows; not those that leave it where it is."""
    rows = [row for row in life.table.rows if row.source == life.case["status"] and not row.stays]
    return [(event, [row for row in rows if row.event == event]) for event in dict.fromkeys(row.event for row in rows)]
