"""What somebody did on a day: for leads, of their own people; for ops and auditors, of everybody."""

from datetime import date, timedelta

from starlette.responses import Response

from desk.console.page import page
from desk.console.visit import Visit
from states.terms import Code, RefusedError


def listed(visit: Visit) -> Response:
    """The people whose acts one may read."""
    ended = visit.asked("ended") is not None
    found = visit.desk.parties.people(visit.actor, cursor=visit.asked("cursor"), ended=ended)
    return page(visit, "people.html", people=found.rows, next=found.next, ended=ended)


def acts(visit: Visit) -> Response:
    """One person's day."""
    found = visit.desk.audit.acts(
        visit.actor, visit.named("person"), _day(visit.asked("day")), visit.words.zone, visit.asked("cursor")
    )
    return page(
        visit,
        "acts.html",
        found=found,
        before=found.day - timedelta(days=1),
        after=found.day + timedelta(days=1) if found.day < visit.now.astimezone(found.zone).date() else None,
        paged=visit.asked("cursor") is not None,
    )


def _day(said: str | None) -> date | None:
    try:
        return date.fromisoformat(said) if said else None
    except ValueError:
        raise RefusedError(Code.INVALID, "input.date", "day") from None
