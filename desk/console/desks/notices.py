"""What somebody was told, the newest first, and what of it is new since they last looked."""

from datetime import UTC, datetime
from http import HTTPStatus

from starlette.responses import Response

from desk.console.page import moved, page
from desk.console.visit import Visit

# Before any notice: of whoever never looked, all are new.
_NEVER = datetime.min.replace(tzinfo=UTC)


def show(visit: Visit) -> Response:
    """A page of notices; from now on they are read, and those of the pages after it, which mark the same as new."""
    desk, actor, cursor = visit.desk, visit.actor, visit.asked("cursor")
    found = desk.notices.page(actor, visit.words, cursor)
    if cursor is None:
        before = desk.notices.read(actor, max((row["at"] for row in found.rows), default=None)) or _NEVER
    else:
        before = visit.time("before") or visit.now
    return page(visit, "notices.html", found=found, before=before)


def pulse(visit: Visit) -> Response:
    """The bar that says that others came; nothing where none did."""
    if not visit.desk.pulses.unread(visit.actor):
        return Response(status_code=HTTPStatus.NO_CONTENT)
    return moved(visit, pulse=None)
