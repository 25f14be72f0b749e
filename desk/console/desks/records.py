"""What was written outside of cases: feeds, what the platform and receivers were told, rulebooks; and through what."""

from urllib.parse import urlencode

from starlette.responses import Response

from desk.console.page import page
from desk.console.visit import Visit

# So many names of rows are shown at once.
FEW = 6


def listed(visit: Visit) -> Response:
    """The records of a topic, or of what came through something."""
    topic, through, cursor = visit.asked("topic"), visit.asked("through"), visit.asked("cursor")
    return page(
        visit,
        "records.html",
        found=visit.desk.audit.records(visit.actor, topic, through, cursor),
        topic=topic,
        through=through,
        query=urlencode({"topic": topic or "", "through": through or ""}),
        paged=cursor is not None,
        few=FEW,
    )
