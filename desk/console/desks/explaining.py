"""Which value of the rulebook takes effect for a region or a subject at a time: by which version, and since when."""

from collections import defaultdict

from starlette.responses import Response

from desk.console.page import page
from desk.console.problem import problems, status_of
from desk.console.visit import Visit
from desk.reading.explained import Explanation
from states.terms import RefusedError

_FIELDS = ("key", "region", "subject", "at")


def show(visit: Visit) -> Response:
    """The values of a key; without one the question alone."""
    said = {name: visit.asked(name) or "" for name in _FIELDS}
    regions = visit.desk.rules.regions(visit.actor)
    region = said["region"] or visit.desk.preferences.region(visit.actor) or regions[0]
    found: Explanation | None = None
    refused: RefusedError | None = None
    try:
        found = _explained(visit, region, said) if said["key"] else None
    except RefusedError as error:
        refused = error
    return page(
        visit,
        "explained.html",
        status=status_of(refused),
        found=found,
        said=said,
        region=region,
        regions=regions,
        problems=defaultdict(str, problems(visit.words, refused, _FIELDS)),
    )


def _explained(visit: Visit, region: str, said: dict[str, str]) -> Explanation:
    """Of a subject it is the subject's region that counts."""
    at = visit.moment("at", said["at"]) if said["at"] else None
    subject = said["subject"] or None
    return visit.desk.explanations.of(
        visit.actor, said["key"], region=None if subject else region, subject=subject, at=at
    )
