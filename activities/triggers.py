"""Which repetition brings an additional penalty, and which still carries it? (`domain.md` §2.7, ruling 10).

A violation brings a trigger's penalty if, of those decided until then that stand, it is among the ones that complete
the trigger. The same question, asked again when something falls, says whether the penalty still stands.
"""

from datetime import datetime, timedelta

from sqlalchemy import Connection, RowMapping

from rulebook import calendar, trigger
from rulebook.clause import CreatorTrigger, Trigger, ViolationTrigger
from rulebook.policy import Policy
from rulebook.terms import PenaltyKind
from store import penalty, verdict

# Days that are counted over a change of the clocks are longer or shorter; `trigger.within` looks exactly.
_AN_HOUR_OR_TWO = timedelta(hours=2)


def bring(connection: Connection, policy: Policy, digest: str, violation: RowMapping, at: datetime) -> list[str]:
    """Impose what the new violation completes; give the penalties' keys. The agency must be locked."""
    brought = []
    for rule in concerned(policy, violation):
        if not completes(connection, policy, rule, violation):
            continue
        terms = policy.penalties[rule.penalty]
        penalty.impose(
            connection,
            subject=violation["agency"],
            kind=PenaltyKind.ADDITIONAL,
            key=rule.penalty,
            rulebook=digest,
            case=violation["case"],
            violation=violation["id"],
            starts_at=at,
            ends_at=terms.lasts.after(at, policy.zone) if terms.lasts else None,
            restricts=bool(terms.restrictions),
        )
        brought.append(rule.penalty)
    return brought


def keep(connection: Connection, policy: Policy, fallen: RowMapping, at: datetime) -> list[str]:
    """Lift the agency's additional penalties that are no longer carried without the fallen violation; give the keys."""
    if fallen["agency"] is None:
        return []
    lifted = []
    for row in penalty.additional(connection, fallen["agency"]):
        bringer = verdict.violation(connection, row["violation"])
        rules = [rule for rule in policy.triggers if rule.penalty == row["key"]]
        carried = [bringer["stands"] and completes(connection, policy, rule, bringer) for rule in rules]
        if not any(carried):
            lifted += penalty.lift(connection, [row["id"]], at)
    return lifted


def concerned(policy: Policy, violation: RowMapping) -> list[Trigger]:
    """The triggers that count a violation like this one."""
    if violation["agency"] is None:
        return []
    family = policy.clauses[violation["clause"]].family
    return [
        rule
        for rule in policy.triggers
        if (rule.clause == violation["clause"] if isinstance(rule, ViolationTrigger) else rule.family == family)
    ]


def completes(connection: Connection, policy: Policy, rule: Trigger, violation: RowMapping) -> bool:
    """Whether the violation completed the trigger, of those decided until then that stand now."""
    if isinstance(rule, CreatorTrigger):
        return _completes_creators(connection, policy, rule, violation)
    at = violation["occurred_at"]
    reach = rule.within.after(at, policy.zone) - at + _AN_HOUR_OR_TWO
    acts = verdict.alike_near(connection, violation, at - reach, at + reach)
    completed = trigger.within(acts, rule.count, rule.within, policy.zone)
    return any(violation["id"] in tuple_ for tuple_ in completed.values())


def _completes_creators(connection: Connection, policy: Policy, rule: CreatorTrigger, violation: RowMapping) -> bool:
    first, end = calendar.month_bounds(calendar.month(violation["occurred_at"], policy.zone), policy.zone)
    near = verdict.subjects_near(connection, violation, first, end)
    subjects = {subject for subject, clause in near if policy.clauses[clause].family == rule.family}
    return violation["stands"] and len(subjects) >= rule.count
