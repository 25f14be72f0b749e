"""What does a violation bring beside points? (`docs/domain.md` §2.7).

Its base penalty, and the penalties of the triggers that it completes with those decided until then that stand; none of
those that such a penalty stands instead of. What is imposed and lifted for that: `brought.py` beside it. What a clause
or a trigger on trial brings is only counted, and displaces nothing that is enforced.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, RowMapping

from rulebook import calendar, trigger
from rulebook.clause import Clause, CreatorTrigger, Penalty, Trigger
from rulebook.policy import Policy
from rulebook.terms import Severity
from store import verdict

# A margin for what is read: a span over a change of the clocks is longer or shorter; `trigger.within` is exact.
_AN_HOUR_OR_TWO = timedelta(hours=2)


class Owed(NamedTuple):
    """A penalty that a violation brings, as each of the versions says it that answer; `on_trial` it is only counted.

    It restricts what all of them say, for as long as the shortest of them says.
    """

    terms: Sequence[Penalty]
    on_trial: bool

    @property
    def key(self) -> str:
        """The penalty's key."""
        return self.terms[0].key

    @property
    def name(self) -> tuple[str, bool]:
        """What tells it from the others that the violation brings."""
        return self.key, self.on_trial

    @property
    def restrictions(self) -> frozenset[str]:
        """What it restricts."""
        return frozenset.intersection(*(one.restrictions for one in self.terms))

    def ends(self, since: datetime, zone: ZoneInfo) -> datetime | None:
        """When it ends, if it began then; none if it doesn't by itself."""
        return min((one.lasts.after(since, zone) for one in self.terms if one.lasts), default=None)


def owed(connection: Connection, answering: Sequence[Policy], violation: RowMapping, subject: str) -> list[Owed]:
    """What a violation that stands brings to the one it charges, or to the agency, by all the rules that answer for it.

    Those are of one version; where that was taken back, also of the one that it followed (`activities/timeline.py`).
    It brings what all of them know, without what one of those stands instead of by any of them.
    """
    known = [_known(connection, rules, violation, subject) for rules in answering]
    keys = [key for key in known[0] if all(key in other for other in known)]
    on_trial = {key: any(one[key].on_trial for one in known) for key in keys}
    instead = {(other, trial or on_trial[key]) for one in known for key in keys for other, trial in one[key].instead}
    return [
        Owed([rules.penalties[key] for rules in answering], on_trial[key])
        for key in keys
        if (key, False) not in instead and not (on_trial[key] and (key, True) in instead)
    ]


class _Known(NamedTuple):
    """A penalty that a version knows: whether it is on trial, and what it stands instead of, by which kind of rule."""

    on_trial: bool = True
    instead: frozenset[tuple[str, bool]] = frozenset()


def _known(connection: Connection, policy: Policy, violation: RowMapping, subject: str) -> dict[str, _Known]:
    """Its base penalty, and those of the triggers that it completes: on trial where nothing enforced brings them."""
    if not violation["stands"] or violation["clause"] not in policy.clauses:
        return {}
    clause = policy.clauses[violation["clause"]]
    found = dict.fromkeys(_base(clause, violation, subject), _Known(not clause.enforced))
    for rule in _concerned(policy, violation, subject):
        if completes(connection, policy, rule, violation):
            was, instead = found.get(rule.penalty, _Known()), {(key, not rule.enforced) for key in rule.instead_of}
            found[rule.penalty] = _Known(was.on_trial and not rule.enforced, was.instead | instead)
    return found


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


def _base(clause: Clause, violation: RowMapping, subject: str) -> list[str]:
    if subject != violation["subject"]:
        return []
    key = clause.base_penalty.get(Severity(violation["severity"]))
    return [key] if key else []


def _concerned(policy: Policy, violation: RowMapping, subject: str) -> Iterator[Trigger]:
    """The triggers that count a violation like this one, of somebody, and charge the subject."""
    for rule in [] if violation["on_trial"] else policy.triggers:
        if violation[rule.charges] == subject and violation[rule.whose] and violation["clause"] in policy.counted(rule):
            yield rule
