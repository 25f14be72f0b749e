"""The verdict history of an agency with its agents and creators, or of a creator, by kind of penalty."""

from starlette.responses import Response

from desk.console.page import page
from desk.console.visit import Visit
from rulebook.terms import PenaltyKind


def show(visit: Visit) -> Response:
    """What was found, what it brought, and what an appeal made of it; newest act first."""
    name, kind = visit.named("subject"), visit.one_of("kind", PenaltyKind)
    found = visit.desk.agencies.verdicts(visit.actor, name, kind=kind, cursor=visit.asked("cursor"))
    visit.told_in(visit.desk.preferences.zone(visit.actor, visit.chosen, found.subject.region))
    return page(
        visit,
        "verdicts.html",
        name=name,
        kind=found.subject.kind,
        scored=visit.desk.sheets.seen(visit.actor, name),
        found=found,
        kinds=PenaltyKind,
        chosen=kind,
    )
