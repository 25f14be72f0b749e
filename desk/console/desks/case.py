"""A case on one screen, as its reader gets it: reviewers here, the parties and those who run the engine elsewhere."""

from http import HTTPStatus
from typing import Any

from starlette.responses import RedirectResponse, Response

from desk.console import casefile
from desk.console.acts import ACTS, Act, shown
from desk.console.desks import party_case
from desk.console.desks.preview import foreseen
from desk.console.form import Form, form_of
from desk.console.page import HERE, page
from desk.console.problem import problems, status_of
from desk.console.reasons import templates
from desk.console.visit import Visit
from desk.console.waiting import sentence
from desk.console.words import catalogue
from desk.reading.overview import CaseOverview
from desk.words import Words
from states.terms import OVERSEERS, PARTIES, Code, RefusedError

_VOTES = ("approve", "reject")
_OVERTURNED = form_of([("outcome", "overturned")])


def show(visit: Visit) -> Response:
    """The case, for whoever asks; whoever runs the engine is led to how it ran, of a case that is there."""
    case, role = visit.named("case"), visit.actor.role
    if role in PARTIES:
        return party_case.show(visit)
    if role in OVERSEERS:
        visit.desk.pulses.case(visit.actor, case)
        return RedirectResponse(f"{HERE}/ops/cases/{case}", HTTPStatus.SEE_OTHER)
    return reviewed(visit, case)


def reviewed(visit: Visit, case: str, *, looked: Act | None = None, refused: RefusedError | None = None) -> Response:
    """The case for a reviewer; after a form of theirs with what it said.

    `looked`: the act whose preview they asked for; `refused`: why what they sent was not done.
    """
    seen = visit.desk.overviews.case(visit.actor, case)
    visit = visit.in_zone_of(visit.words.zone or seen.dossier.rules.zone)
    language = visit.words.language
    names = casefile.names(seen, language)
    visit.words = visit.words.naming(names)
    acts = shown(seen.dossier.offered, visit.words)
    account = seen.account
    return page(
        visit,
        "case.html",
        status=status_of(refused),
        seen=seen,
        case=seen.dossier.case,
        acts=acts,
        names=names,
        said=casefile.between(seen),
        opinions=casefile.opinions(seen),
        in_force=casefile.together(account.sheet.penalties, language) if account else [],
        counted=casefile.together(account.sheet.counted, language) if account else [],
        gauge=casefile.drawn(account, visit.words) if account else "",
        lines=account.ledger.lines[: casefile.LINES] if account else [],
        others=[row for row in seen.open.rows if row["id"] != case],
        form=visit.form,
        sent=visit.form.text("do"),
        refused=refused,
        sentence=visit.words.refusal(refused) if refused else "",
        at_field=problems(visit.words, refused, ("reasons",)).get("reasons"),
        same_key=visit.form.key if refused and refused.code is Code.UNAVAILABLE else None,
        previews=_previews(visit, case, seen, looked, refused),
        begin=_beginnings(seen),
        done=visit.asked("done"),
        waits=sentence(visit, seen.dossier.case, seen.dossier.waits),
    )


def _previews(
    visit: Visit, case: str, seen: CaseOverview, looked: Act | None, refused: RefusedError | None
) -> dict[str, Any]:
    """What decisions would do: a vote's both, an appeal's if it were overturned, and the one that the form says."""
    allowed, blank = seen.dossier.offered.allowed, Form(form_of([]).fields)
    found = {move: foreseen(visit, case, ACTS[move], blank) for move in _VOTES if move in allowed}
    if "decide" in allowed and seen.dossier.case["kind"] == "appeal":
        found["overturned"] = foreseen(visit, case, ACTS["decide"], _OVERTURNED)
    sent = looked or (ACTS.get(visit.form.text("do") or "") if refused else None)
    if sent is not None and sent.previewed and sent.move in allowed:
        found[sent.move] = foreseen(visit, case, sent, visit.form)
    return found


def _beginnings(seen: CaseOverview) -> dict[str, list[tuple[str, str, str]]]:
    """The templates of reasons by finding: each one's name, and its text in the case's language."""
    case = seen.dossier.case
    language = (case["language"] or "en").partition("-")[0]
    words = Words(language, catalogue(language if language in {"en", "vi", "zh"} else "en"))
    return {
        found: [(name, f"template.{name}.name", words.say(f"template.{name}")) for name in names]
        for found, names in templates(case["clause"]).items()
    }
