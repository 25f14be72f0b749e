"""An agency's content verdict of a month: what its creators violated, by which rule, and what that may bring."""

from datetime import date, timedelta

from starlette.responses import Response

from desk.console.page import page
from desk.console.visit import Visit
from rulebook.calendar import MONTH
from rulebook.terms import SubjectKind


def show(visit: Visit) -> Response:
    """The month's violations, with the texts of their rules and the table of penalties."""
    name, month = visit.named("subject"), visit.named_like("month", MONTH)
    found = visit.desk.agencies.content(visit.actor, name, month)
    visit = visit.in_zone_of(found.rules.zone)
    first = date.fromisoformat(f"{month}-01")
    following = (first + timedelta(days=31)).replace(day=1)
    return page(
        visit,
        "content.html",
        name=name,
        kind=SubjectKind.AGENCY,
        scored=visit.desk.sheets.seen(visit.actor, name),
        found=found,
        first=first,
        before=f"{first - timedelta(days=1):%Y-%m}",
        after=f"{following:%Y-%m}" if following <= visit.now.astimezone(found.rules.zone).date() else None,
        rules={line["clause"]: (line["title"], line["rule"]) for line in found.lines},
        tariff=found.rules.tariff(SubjectKind.CREATOR),
    )
