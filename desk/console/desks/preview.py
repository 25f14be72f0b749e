"""What would a decision do? Shown before it is made: on its page, and as a part of it each time the form changes."""

from typing import Any

from starlette.responses import Response

from desk.console.acts import ACTS, Act
from desk.console.form import VERB, Form
from desk.console.page import page
from desk.console.visit import Visit
from desk.refusal import ProblemError
from states.terms import Code, RefusedError

# Reasons change nothing of what a decision does, and may still be being written.
_UNREAD = "…"


def preview(visit: Visit) -> Response:
    """The part of a page that shows what the form's decision would do."""
    act = ACTS.get(visit.form.text(VERB) or "")
    if act is None or not act.previewed:
        raise ProblemError(Code.INVALID, "no_move", VERB, kind="report", move=visit.form.text(VERB) or "")
    if region := visit.form.text("region"):
        visit = visit.in_zone_of(visit.words.zone or visit.desk.preferences.zone(visit.actor, visit.chosen, region))
    return page(
        visit,
        "_preview.html",
        case={"id": visit.named("case")},
        **foreseen(visit, visit.named("case"), act, visit.form),
        act=act,
    )


def foreseen(visit: Visit, case: str, act: Act, form: Form) -> dict[str, Any]:
    """What the act would do (`desk/door/outlook.py`), or the sentence that says why that can't be told yet."""
    said = act.said(form) | {"reasons": _UNREAD}
    if act.move == "decide" and not {"finding", "outcome"} & said.keys():
        return {"found": None, "sentence": visit.words.say("preview.choose")}
    try:
        found = visit.desk.previews.of(visit.actor, visit.words, act.move, said, case=case)
    except RefusedError as refused:
        return {"found": None, "sentence": visit.words.refusal(refused)}
    return {"found": found, "sentence": ""}
