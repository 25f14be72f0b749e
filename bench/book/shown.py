"""What Temporal shows of a case: by the search attributes that Casework's cases have, too."""

from temporalio.common import SearchAttributePair, SearchAttributeUpdate, TypedSearchAttributes

from activities.shown import CLAUSE, KIND, REGION, STAGE, STATUS
from bench.book.job import Report
from bench.life import REGION as ONE_REGION
from states.terms import Status


def opened(report: Report) -> TypedSearchAttributes:
    """What is shown of a report when its workflow starts."""
    values = {KIND: "report", REGION: ONE_REGION, CLAUSE: report.clause, STATUS: Status.QUEUED.value}
    pairs = [SearchAttributePair(key, value) for key, value in values.items()]
    return TypedSearchAttributes([*pairs, SearchAttributePair(STAGE, Status.QUEUED.stage.value)])


def moved(status: str) -> list[SearchAttributeUpdate[str]]:
    """What changes when it moves."""
    return [STATUS.value_set(status), STAGE.value_set(Status(status).stage.value)]
