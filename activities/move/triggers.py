"""Which repetition brings an additional penalty, and does it stand after an appeal? (`docs/domain.md` §2.7, ruling 10).

A violation brings a trigger's penalty if, of those decided until then that stand, it is among the ones that complete
the trigger. The same check, made again when a violation is overturned, says whether the penalty still stands.
"""

from datetime import datetime, timedelta

from sqlalchemy import Connection, RowMapping

from activities.move.scene import Scene
from rulebook import calendar, trigger
from rulebook.clause import CreatorTrigger, Trigger, ViolationTrigger
from rulebook.policy import Policy
from rulebook.terms import PenaltyKind
from store import penalty, verdict

# A margin for what is read: a span over a change of the clocks is longer or shorter; `trigger.within` is exact.
_AN_HOUR_OR_TWO = timedelta(hours=2)


def bring(scene: Scene, violation: RowMapping, at: datetime) -> list[str]:
    """Impose on the agency the penalties that the new violation completes; give the keys.

    It goes by the version that was in force in the agency's own region when the violation happened.
    """
    if violation["agency"] is None:
        return []
    rulebook, policy = scene.at_the_act(violation["agency"], violation["occurred_at"])
    brought = []
    for rule in concerned(policy, violation):
        if not completes(scene.connection, policy, rule, violation):
            continue
        terms = policy.penalties[rule.penalty]
        penalty.impose(
            scene.connection,
            scene.penalties,
            subject=violation["agency"],
            kind=PenaltyKind.ADDITIONAL,
            key=rule.penalty,
            rulebook=rulebook,
            case=violation["case"],
            violation=violation["id"],
            starts_at=at,
            ends_at=terms.lasts.after(at, policy.zone) if terms.lasts else None,
            restricts=bool(terms.restrictions),
        )
        brought.append(rule.penalty)
    return brought


def lift_uncarried(scene: Scene, fallen: RowMapping, at: datetime) -> list[RowMapping]:
    """Lift the agency's additional penalties that an overturned violation was needed for; give their rows."""
    if fallen["agency"] is None:
        return []
    lifted: list[RowMapping] = []
    for row in penalty.additional(scene.connection, fallen["agency"], at):
        bringer = verdict.violation(scene.connection, row["violation"])
        policy = scene.timeline.policy(row["rulebook"], scene.subjects(fallen["agency"])[fallen["agency"]].region)
        rules = [rule for rule in policy.triggers if rule.penalty == row["key"]]
        carried = [bringer["stands"] and completes(scene.connection, policy, rule, bringer) for rule in rules]
        if not any(carried):
            lifted += penalty.lift(scene.connection, scene.penalties, [row["id"]], at)
    return lifted


def concerned(policy: Policy, violation: RowMapping) -> list[Trigger]:
    """The triggers of an agency's policy that count a violation like this one."""
    clause = violation["clause"]
    return [
        rule
        for rule in policy.triggers
        if (rule.clause == clause if isinstance(rule, ViolationTrigger) else _of_family(policy, clause, rule))
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
    subjects = {subject for subject, clause in near if _of_family(policy, clause, rule)}
    return violation["stands"] and len(subjects) >= rule.count


def _of_family(policy: Policy, clause: str, rule: CreatorTrigger) -> bool:
    """Whether the trigger counts violations of the clause; another region's or version's may be unknown here."""
    return clause in policy.clauses and policy.clauses[clause].family == rule.family
