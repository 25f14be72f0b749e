"""What does a process count of the moves that it committed? Kinds, clauses and times: no person, and no word."""

from prometheus_client import Counter, Histogram

from activities.move.scene import Scene
from states.situation import CLOCK, ENGINE
from states.terms import Kind, Status

_MINUTE, _HOUR, _DAY = 60, 3600, 86400
_AGES = (
    5 * _MINUTE,
    15 * _MINUTE,
    _HOUR,
    4 * _HOUR,
    12 * _HOUR,
    _DAY,
    2 * _DAY,
    4 * _DAY,
    7 * _DAY,
    14 * _DAY,
    30 * _DAY,
)
MOVES = Counter(
    "casework_moves",
    "Moves of cases; `by` is clock, engine or a person. What the clock moved was a deadline that somebody let pass.",
    ["kind", "event", "by", "region"],
)
DECISIONS = Counter(
    "casework_decisions",
    "Verdicts of reports by finding, and decisions of appeals by outcome.",
    ["kind", "clause", "found"],
)
DECIDED_AFTER = Histogram(
    "casework_decided_after_seconds", "From a case's filing to its decision.", ["kind"], buckets=_AGES
)
CLAIMED_AFTER = Histogram("casework_claimed_after_seconds", "From a case's filing to a claim.", ["kind"], buckets=_AGES)
_JUDGED = {"uphold", "modify", "overturn"}


def count(scene: Scene) -> None:
    """Count the moves of a scene, once it is committed."""
    for case, line in scene.made:
        kind, event = case.kind.value, line["event"]
        by = line["actor"] if line["actor"] in {CLOCK.id, ENGINE.id} else "person"
        MOVES.labels(kind, event, by, case.region).inc()
        after = (line["at"] - case.filed_at).total_seconds()
        if event == "claim":
            CLAIMED_AFTER.labels(kind).observe(after)
        if line["target"] == Status.DECIDED:
            DECIDED_AFTER.labels(kind).observe(after)
            if case.kind is Kind.REPORT:
                DECISIONS.labels(kind, case.clause, case.finding).inc()
        if case.kind is Kind.APPEAL and event in _JUDGED:
            DECISIONS.labels(kind, case.clause, case.outcome).inc()
