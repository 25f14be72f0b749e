"""Does every violation carry its base and additional penalties, and no other?"""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import Connection, RowMapping

from activities.move.triggers import completes, concerned
from activities.rulebooks import Rulebooks
from ops.verify.difference import Difference
from rulebook.policy import Policy
from rulebook.terms import PenaltyKind, Severity
from store import audit


def penalties(connection: Connection, rulebooks: Rulebooks, now: datetime) -> Iterator[Difference]:
    """Recompute the base and additional penalties of every violation, with their starts and ends."""
    violations, timeline = audit.everything(connection, audit.charged()), rulebooks.timeline(connection)
    for violation in violations:
        own, expected = violation["own"], violation["pinned"]
        if violation["origin"]:
            expected = timeline.at_the_act(own, violation["occurred_at"])
        if violation["rulebook"] != expected or not timeline.could_judge(expected, own, violation["occurred_at"]):
            yield Difference(f"violations/{violation['id']}", "rulebook", expected, violation["rulebook"])
        rules = rulebooks.policy(connection, violation["pinned"], violation["region"])
        brought = audit.everything(connection, audit.penalties_of(violation["id"]))
        kept = [row for row in brought if row["lifted_at"] is None]
        running = {row["key"] for row in kept if row["ends_at"] is None or row["ends_at"] > now}
        agencys = rules
        if violation["agency_region"] is not None:
            agencys = timeline.now(violation["agency_region"], violation["occurred_at"])
        expected = _base(rules, violation) | _additional(connection, agencys, violation)
        if not running <= expected <= {row["key"] for row in kept}:
            yield Difference(f"penalties of {violation['id']}", "in force", sorted(expected), sorted(running))
        for row in brought:
            own = rules if row["kind"] == PenaltyKind.BASE else agencys
            lasts = own.penalties[row["key"]].lasts
            ends_at = lasts.after(row["starts_at"], own.zone) if lasts else None
            if row["ends_at"] != ends_at:
                yield Difference(f"penalties/{row['id']}", "end", ends_at, row["ends_at"])
            if row["kind"] == PenaltyKind.BASE and row["starts_at"] != violation["decided_at"]:
                yield Difference(f"penalties/{row['id']}", "start", violation["decided_at"], row["starts_at"])


def _base(rules: Policy, violation: RowMapping) -> set[str]:
    if not violation["stands"] or violation["origin"]:
        return set()
    base = rules.clauses[violation["clause"]].base_penalty.get(Severity(violation["severity"]))
    return {base} if base else set()


def _additional(connection: Connection, rules: Policy, violation: RowMapping) -> set[str]:
    if not violation["stands"] or violation["agency"] is None:
        return set()
    completed = (rule for rule in concerned(rules, violation) if completes(connection, rules, rule, violation))
    return {rule.penalty for rule in completed}
