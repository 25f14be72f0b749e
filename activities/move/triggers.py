"""What does a violation bring beside points, and does it still after an appeal? (`docs/domain.md` §2.7, ruling 10).

Its base penalty, and the penalties of the triggers that it completes with those decided until then that stand; none of
those that such a penalty stands instead of. The same is asked again when one of them is overturned, or it is modified.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Connection, RowMapping

from activities.move.scene import Scene
from rulebook import calendar, trigger
from rulebook.clause import CreatorTrigger, Penalty, Trigger
from rulebook.policy import Policy
from rulebook.terms import Severity
from store import penalty, verdict

# A margin for what is read: a span over a change of the clocks is longer or shorter; `trigger.within` is exact.
_AN_HOUR_OR_TWO = timedelta(hours=2)


@dataclass
class Fitted:
    """The penalties that were lifted, and by their subjects the keys of those that stand instead."""

    lifted: list[RowMapping] = field(default_factory=list)
    instead: dict[str, list[str]] = field(default_factory=dict)


def bring(scene: Scene, violation: RowMapping, subject: str, at: datetime) -> list[str]:
    """Impose on the one charged, or on the agency, what the new violation brings; give the keys."""
    rulebook, answering = _rules(scene, violation, subject)
    brought = owed(scene.connection, answering, violation, subject)
    for terms in brought:
        _impose(scene, rulebook, answering[0], violation, subject, terms, at)
    return [terms.key for terms in brought]


def fit(scene: Scene, violation: RowMapping, subject: str, at: datetime, fitted: Fitted) -> None:
    """Lift what the violation no longer brings the subject; what it brings instead runs from the verdict (ruling 7)."""
    rulebook, answering = _rules(scene, violation, subject)
    rows = penalty.of_violation(scene.connection, violation["id"])
    kept = {row["key"]: row["id"] for row in rows if row["subject"] == subject}
    now = {terms.key: terms for terms in owed(scene.connection, answering, violation, subject)}
    gone = [kept[key] for key in kept.keys() - now.keys()]
    fitted.lifted += penalty.lift(scene.connection, scene.penalties, gone, at)
    for terms in (terms for key, terms in now.items() if key not in kept):
        _impose(scene, rulebook, answering[0], violation, subject, terms, violation["decided_at"])
        fitted.instead.setdefault(subject, []).append(terms.key)


def fit_others(scene: Scene, fallen: RowMapping, at: datetime, fitted: Fitted) -> None:
    """Fit what others brought, to the same subject or agency, together with a violation that fell."""
    for subject in sorted({fallen["subject"], fallen["agency"] or fallen["subject"]}):
        for violation in _others(scene, subject, at):
            fit(scene, violation, subject, at, fitted)


def owed(connection: Connection, answering: Sequence[Policy], violation: RowMapping, subject: str) -> list[Penalty]:
    """What a violation that stands brings to the one it charges, or to the agency, by all the rules that answer for it.

    Those are of one version; where that was taken back, also of the one that it followed (`activities/timeline.py`).
    """
    first, *others = (_owed(connection, rules, violation, subject) for rules in answering)
    kept = {terms.key for terms in first}.intersection(*({terms.key for terms in other} for other in others))
    return [terms for terms in first if terms.key in kept]


def _owed(connection: Connection, policy: Policy, violation: RowMapping, subject: str) -> list[Penalty]:
    if not violation["stands"] or violation["clause"] not in policy.clauses:
        return []
    rules = [rule for rule in _concerned(policy, violation, subject) if completes(connection, policy, rule, violation)]
    instead = {key for rule in rules for key in rule.instead_of}
    keys = dict.fromkeys([*_base(policy, violation, subject), *(rule.penalty for rule in rules)])
    return [policy.penalties[key] for key in keys if key not in instead]


def completes(connection: Connection, policy: Policy, rule: Trigger, violation: RowMapping) -> bool:
    """Whether the violation completed the trigger, of those decided until then that stand now."""
    clauses = sorted(policy.counted(rule))
    if isinstance(rule, CreatorTrigger):
        month = calendar.month_bounds(calendar.month(violation["occurred_at"], policy.zone), policy.zone)
        return len(verdict.creators_near(connection, violation, clauses, *month)) >= rule.count
    at = violation["occurred_at"]
    reach = rule.within.after(at, policy.zone) - at + _AN_HOUR_OR_TWO
    since = None if rule.spares else at - reach
    acts = verdict.acts_near(connection, violation, rule.whose, clauses, since, at + reach)
    completed = trigger.within(acts[rule.spares :], rule.count, rule.within, policy.zone)
    return any(violation["id"] in acts_of_it for acts_of_it in completed.values())


def _rules(scene: Scene, violation: RowMapping, subject: str) -> tuple[str, list[Policy]]:
    """The version by which the subject gets what the violation brings, at the act, and the rules that answer for it."""
    one, region = scene.subjects(subject)[subject], scene.region_of(violation["subject"])
    rulebook = scene.timeline.charging(violation["rulebook"], region, one, violation["occurred_at"])
    return rulebook, scene.timeline.answering(rulebook, one)


def _base(policy: Policy, violation: RowMapping, subject: str) -> list[str]:
    if subject != violation["subject"]:
        return []
    key = policy.clauses[violation["clause"]].base_penalty.get(Severity(violation["severity"]))
    return [key] if key else []


def _concerned(policy: Policy, violation: RowMapping, subject: str) -> Iterator[Trigger]:
    """The triggers that count a violation like this one, of somebody, and charge the subject."""
    for rule in policy.triggers:
        if violation[rule.charges] == subject and violation[rule.whose] and violation["clause"] in policy.counted(rule):
            yield rule


def _others(scene: Scene, subject: str, at: datetime) -> list[RowMapping]:
    """The violations whose additional penalties on the subject run, or ran while another one could stand instead."""
    found: dict[str, None] = {}
    for row in penalty.additional(scene.connection, subject):
        rules = scene.timeline.policy(row["rulebook"], scene.subjects(subject)[subject].region).triggers
        over = row["ends_at"] is not None and row["ends_at"] <= at
        if not over or any(rule.instead_of for rule in rules if rule.penalty == row["key"]):
            found[row["violation"]] = None
    return [verdict.violation(scene.connection, violation) for violation in found]


def _impose(
    scene: Scene,
    rulebook: str,
    policy: Policy,
    violation: RowMapping,
    subject: str,
    terms: Penalty,
    starts_at: datetime,
) -> None:
    penalty.impose(
        scene.connection,
        scene.penalties,
        subject=subject,
        kind=terms.kind,
        key=terms.key,
        rulebook=rulebook,
        case=violation["case"],
        violation=violation["id"],
        starts_at=starts_at,
        ends_at=terms.lasts.after(starts_at, policy.zone) if terms.lasts else None,
        restricts=bool(terms.restrictions),
    )
