"""The verdict history of an agency with its agents and creators, or of a creator, by kind of penalty, whom and when."""

from typing import Any
from urllib.parse import urlencode

from starlette.responses import Response

from desk.console.page import page
from desk.console.visit import Visit
from rulebook.terms import PenaltyKind
from store.history import PERIOD, Who


def show(visit: Visit) -> Response:
    """What was found, what it brought, and what an appeal made of it; newest act first."""
    subject = visit.named("subject")
    asked: dict[str, Any] = {
        "kind": visit.one_of("kind", PenaltyKind),
        "who": visit.one_of("who", Who),
        "name": visit.asked("name"),
        "period": visit.like("period", PERIOD),
    }
    found = visit.desk.agencies.verdicts(visit.actor, subject, **asked, cursor=visit.asked("cursor"))
    visit = visit.in_zone_of(found.zone)
    chosen = {field: value for field, value in asked.items() if value is not None}
    return page(
        visit,
        "verdicts.html",
        name=subject,
        kind=found.subject.kind,
        scored=visit.desk.sheets.seen(visit.actor, subject),
        found=found,
        kinds=PenaltyKind,
        whom=Who,
        asked=asked,
        chosen=chosen,
        query=lambda **more: urlencode({field: value for field, value in (chosen | more).items() if value}),
    )
