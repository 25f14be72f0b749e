"""A case as a party reads it: what was said and done, where it stands, and what the reader can do about it."""

from collections import defaultdict
from http import HTTPStatus

from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse, Response

from desk.console.form import VERB, new_key
from desk.console.page import HERE, page
from desk.console.parts import BRING, BROUGHT
from desk.console.problem import problems, status_of
from desk.console.visit import Visit
from desk.console.waiting import sentence
from desk.reading.dossier import Dossier
from desk.refusal import ProblemError
from states.table import Possible
from states.terms import Code, RefusedError

# What parties do with a case on its page, and what they say with it.
_ACTS = {"answer": ("text",), "withdraw": ()}
_FIELDS = ("text", BROUGHT)
# A party that could withdraw the case may wonder why it no longer can.
_WHY = frozenset({"others_joined"})


def show(visit: Visit) -> Response:
    """The case."""
    return _shown(visit)


async def act(visit: Visit) -> Response:
    """What a form of the page says: answer, bring files for the answer, or withdraw."""
    form, case, do = visit.form, visit.named("case"), visit.form.text(VERB) or ""
    try:
        if form.refused is not None:
            raise form.refused
        if do == BRING:
            return await run_in_threadpool(_shown, visit)
        if do not in _ACTS:
            raise ProblemError(Code.INVALID, "no_form", VERB)
        said: dict[str, object] = dict(form.said(*_ACTS[do]))
        if do == "answer" and form.texts(BROUGHT):
            said[BROUGHT] = form.texts(BROUGHT)
        await visit.send(do, said, case=case)
    except RefusedError as refused:
        if refused.code is Code.NOT_FOUND:
            raise
        return await run_in_threadpool(_shown, visit, refused)
    return RedirectResponse(f"{HERE}/cases/{case}", HTTPStatus.SEE_OTHER)


def _shown(visit: Visit, refused: RefusedError | None = None) -> Response:
    seen, form = visit.desk.dossiers.open(visit.actor, visit.named("case")), visit.form
    names = seen.rules.names(visit.words.language)
    visit.words = visit.words.naming(names)
    told = problems(visit.words, refused, _FIELDS)
    if form.refused is not None and refused is form.refused:  # of a file, whatever field it names
        told = {BROUGHT: next(iter(told.values()))}
    brought = form.texts(BROUGHT)
    files = visit.desk.drafts.files(visit.actor, brought)
    return page(
        visit,
        "party_case.html",
        status=status_of(refused),
        seen=seen,
        case=seen.case,
        clause=seen.rules.clauses[seen.case["clause"]],
        names=names,
        waits=sentence(visit, seen.case, seen.waits),
        moves=_moves(seen),
        files=files,
        gone=len(set(brought)) - len(files),
        text=form.text("text") or "",
        key=form.key if form.fields else new_key(),
        problems=defaultdict(str, told),
    )


def _moves(seen: Dossier) -> dict[str, Possible]:
    """The moves of parties: those that the reader can make now, and those of which they may wonder why not."""
    moves = {one.event: one for one in seen.offered.moves if one.event in _ACTS}
    return {name: one for name, one in moves.items() if one.refusal is None or one.refusal.key in _WHY}
