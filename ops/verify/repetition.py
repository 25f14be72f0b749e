"""Which triggers did a violation complete? Counted over all that stand, apart from `activities/move/triggers.py`."""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import RowMapping

from rulebook.calendar import month
from rulebook.clause import CreatorTrigger, Trigger, ViolationTrigger
from rulebook.policy import Policy
from rulebook.terms import Severity

_WEEK = timedelta(days=7)


class Standing:
    """The violations that stand, in order of occurrence: by the agency concerned, and by their own subject.

    None of a clause that was on trial.
    """

    def __init__(self, violations: Iterable[RowMapping]) -> None:
        self._of: dict[str, dict[str, list[RowMapping]]] = {"agency": defaultdict(list), "subject": defaultdict(list)}
        for row in sorted(violations, key=lambda one: (one["occurred_at"], one["number"])):
            if row["stands"] and not row["origin"] and not row["on_trial"]:
                for whose, rows in self._of.items():
                    rows[row[whose] or ""].append(row)

    def owed(self, answering: list[Policy], violation: RowMapping, subject: str) -> set[tuple[str, bool]]:
        """The penalties that a violation brings a subject: those by all the rules, less what one stands instead of.

        Each with whether it is on trial: where one of the rules has nothing enforced that brings it.
        """
        if not violation["stands"] or violation["origin"]:
            return set()
        brought = [self._brought(rules, violation, subject) for rules in answering]
        keys = set.intersection(*({key for key, _, _ in one} for one in brought))
        enforced = keys.intersection(*({key for key, carried_out, _ in one if carried_out} for one in brought))
        rules = [(key, carried_out, instead) for one in brought for key, carried_out, instead in one if key in keys]
        displaced = {
            other for key, carried_out, instead in rules if carried_out and key in enforced for other in instead
        }
        beside = {other for _, _, instead in rules for other in instead}
        return {(key, False) for key in enforced - displaced} | {(key, True) for key in keys - enforced - beside}

    def _brought(self, rules: Policy, violation: RowMapping, subject: str) -> list[tuple[str, bool, frozenset[str]]]:
        """By one version: each penalty, whether what brings it is enforced, and what it stands instead of."""
        clause = rules.clauses.get(violation["clause"])
        if clause is None:
            return []
        charging = (rule for rule in rules.triggers if violation[rule.charges] == subject)
        done = [(r.penalty, r.enforced, r.instead_of) for r in charging if self._done(rules, r, violation)]
        base = clause.base_penalty.get(Severity(violation["severity"]))
        own = base is not None and subject == violation["subject"]
        return [*done, *([(base, clause.enforced, frozenset[str]())] if base and own else [])]

    def _done(self, rules: Policy, rule: Trigger, violation: RowMapping) -> bool:
        clauses = (clause for clause in rules.clauses.values() if clause.enforced)
        counted = {clause.key for clause in clauses if _counts(rule, clause.key, clause.family)}
        if violation["on_trial"] or violation[rule.whose] is None or violation["clause"] not in counted:
            return False
        rows = self._of[rule.whose][violation[rule.whose]]
        if isinstance(rule, CreatorTrigger):
            found = _near(rows, violation["occurred_at"], 5 * _WEEK, counted, violation["number"])
            same = [
                one
                for one in found
                if month(one["occurred_at"], rules.zone) == month(violation["occurred_at"], rules.zone)
            ]
            return len({one["subject"] for one in same if one["subject"] != one["agency"]}) >= rule.count
        return _in_a_window(rows, rule, rules, violation, counted)


def _in_a_window(
    rows: list[RowMapping], rule: ViolationTrigger, rules: Policy, violation: RowMapping, counted: set[str]
) -> bool:
    """Whether some `count` in a row, the violation among them, begin and end inside the span."""
    at = violation["occurred_at"]
    length = rule.within.after(at, rules.zone) - at + _WEEK
    found = _near(rows, at, None if rule.spares else length, counted, violation["number"])[rule.spares :]
    for first, last in zip(found, found[rule.count - 1 :], strict=False):
        among = (
            (first["occurred_at"], first["number"])
            <= (at, violation["number"])
            <= (last["occurred_at"], last["number"])
        )
        if among and last["occurred_at"] < rule.within.after(first["occurred_at"], rules.zone):
            return True
    return False


def _near(
    rows: list[RowMapping], at: datetime, length: timedelta | None, counted: set[str], number: int
) -> list[RowMapping]:
    """Those of the clauses that were decided no later, from so long before a moment to so long after it; or all."""
    if length is not None:
        first = bisect_left(rows, at - length, key=lambda row: row["occurred_at"])
        rows = rows[first : bisect_right(rows, at + length, key=lambda row: row["occurred_at"])]
    return [row for row in rows if row["clause"] in counted and row["number"] <= number]


def _counts(rule: Trigger, clause: str, family: str) -> bool:
    if rule.every_clause:
        return True
    return clause == rule.clause if rule.clause else family == rule.family
