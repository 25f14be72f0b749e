"""What is stuck or behind, who works on what, and the incidents; what was late can be woken."""

from http import HTTPStatus
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse, Response

from desk.console.form import VERB
from desk.console.page import HERE, moved, page
from desk.console.visit import Visit
from desk.door.mending import Repair, Thing, Whose
from desk.door.replaying import replay
from desk.reading.pulse import stamp
from desk.reading.watch import Watched
from desk.refusal import STATUS
from states.terms import Code, RefusedError


async def show(visit: Visit) -> Response:
    """How things are."""
    return await _page(visit)


async def pulse(visit: Visit) -> Response:
    """The bar that says that something else is stuck or behind; nothing where it is as it was."""
    if stamp(await visit.desk.watch.glance(visit.actor)) == visit.asked("stamp"):
        return Response(status_code=HTTPStatus.NO_CONTENT)
    return await run_in_threadpool(moved, visit, pulse=None)


async def act(visit: Visit) -> Response:
    """Wake a case's workflow or a courier, or send a delivery that was given up again."""
    form = visit.form
    try:
        if form.text(VERB) == "replay":
            if (refused := visit.desk.mending.refusal(visit.actor)) is not None:
                raise refused
            receiver, original = (form.text(name) or "" for name in ("webhook", "delivery"))
            await replay(visit.desk.door, visit.actor, form.key, receiver, original)
            return RedirectResponse(f"{HERE}/ops?woken=sent", HTTPStatus.SEE_OTHER)
        thing = Thing(_which(form.text("which")), form.text("name") or "")
        await visit.mend(thing, _how(form.text("how")))
    except RefusedError as refused:
        return await _page(visit, refused)
    return RedirectResponse(f"{HERE}/ops?woken=yes", HTTPStatus.SEE_OTHER)


def _which(said: str | None) -> Whose:
    if said not in set(Whose):
        raise RefusedError(Code.INVALID, "input.enum", "which", expected=", ".join(f"`{one}`" for one in Whose))
    return Whose(said)


def _how(said: str | None) -> Repair:
    return Repair.ANEW if said == Repair.ANEW else Repair.LOOK


def _waiting(watched: Watched) -> list[dict[str, Any]]:
    """Receivers that wait for deliveries, and are not late."""
    stuck = {one.thing.name for one in watched.stuck if one.thing.whose is Whose.RECEIVER}
    return [one for one in watched.undelivered if one["id"] not in stuck]


async def _page(visit: Visit, refused: RefusedError | None = None) -> Response:
    exactly = visit.asked("exactly") is not None
    watched = await visit.desk.watch.look(visit.actor, visit.asked("cursor"), exactly=exactly)
    return page(
        visit,
        "ops.html",
        status=STATUS[refused.code] if refused else HTTPStatus.OK,  # type: ignore[index]  # one of the engine's codes
        watched=watched,
        receivers={one["id"]: one for one in watched.undelivered},
        waiting=_waiting(watched),
        stamp=stamp(watched.names),
        look=visit.desk.mending.refusal(visit.actor),
        woken=visit.asked("woken"),
        paged=visit.asked("cursor") is not None,
        sentence=visit.words.refusal(refused) if refused else None,
    )
