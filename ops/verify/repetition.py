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
    """The violations that stand, in order of occurrence: by the agency concerned, and by their own subject."""

    def __init__(self, violations: Iterable[RowMapping]) -> None:
        self._of: dict[str, dict[str, list[RowMapping]]] = {"agency": defaultdict(list), "subject": defaultdict(list)}
        for row in sorted(violations, key=lambda one: (one["occurred_at"], one["number"])):
            if row["stands"] and not row["origin"]:
                for whose, rows in self._of.items():
                    rows[row[whose] or ""].append(row)

    def owed(self, rules: Policy, violation: RowMapping, subject: str) -> set[str]:
        """The penalties that a violation brings a subject, by the subject's rules."""
        if not violation["stands"] or violation["origin"] or violation["clause"] not in rules.clauses:
            return set()
        done = [
            rule for rule in rules.triggers if violation[rule.charges] == subject and self._done(rules, rule, violation)
        ]
        keys = {rule.penalty for rule in done}
        if subject == violation["subject"]:
            keys |= {rules.clauses[violation["clause"]].base_penalty.get(Severity(violation["severity"]), "")} - {""}
        return keys - {key for rule in done for key in rule.instead_of}

    def _done(self, rules: Policy, rule: Trigger, violation: RowMapping) -> bool:
        counted = {clause.key for clause in rules.clauses.values() if _counts(rule, clause.key, clause.family)}
        if violation[rule.whose] is None or violation["clause"] not in counted:
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
