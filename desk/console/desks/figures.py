"""What was decided in a month, how soon, and what appeals made of it; by region, clause and moderator."""

from datetime import UTC, date, timedelta
from http import HTTPStatus
from itertools import groupby

from starlette.responses import RedirectResponse, Response

from desk.console.page import HERE, page
from desk.console.visit import Visit
from desk.reading.month import Month
from rulebook.calendar import MONTH


def lead(visit: Visit) -> Response:
    """To this month's."""
    return RedirectResponse(f"{HERE}/figures/{_now(visit)}", HTTPStatus.SEE_OTHER)


def show(visit: Visit) -> Response:
    """The month's figures, in the reader's zone."""
    found = _of(visit)
    first = date.fromisoformat(f"{found.month}-01")
    following = f"{first + timedelta(days=31):%Y-%m}"
    return page(
        visit,
        "figures.html",
        found=found,
        groups=[(by, list(rows)) for by, rows in groupby(found.rows, lambda row: row["by"])],
        first=first,
        before=f"{first - timedelta(days=1):%Y-%m}",
        after=following if following <= _now(visit) else None,
    )


def sheet(visit: Visit) -> Response:
    """The same as a table for other programs."""
    found = _of(visit)
    named = {"Content-Disposition": f'attachment; filename="figures-{found.month}.csv"'}
    return Response(found.sheet, headers=named, media_type="text/csv")


def _of(visit: Visit) -> Month:
    return visit.desk.months.of(visit.actor, visit.named_like("month", MONTH), visit.words.zone)


def _now(visit: Visit) -> str:
    return f"{visit.now.astimezone(visit.words.zone or UTC):%Y-%m}"
