"""Can a trigger mean what it says? Whom it counts, whom it hits, and what its penalty stands instead of (§2.7)."""

from collections.abc import Iterator

from rulebook.clause import Clause, CreatorTrigger, Trigger
from rulebook.complaint import Complaint, named
from rulebook.layer import Path
from rulebook.mistake import Mistake
from rulebook.rules import Rules
from rulebook.terms import PenaltyKind, Severity, SubjectKind


def repetitions(rules: Rules) -> Iterator[Complaint]:
    """Give each statement of a trigger that doesn't fit."""
    penalties = {penalty.key: penalty for penalty in rules.penalties}
    for trigger in rules.triggers:
        at = ("triggers", trigger.key)
        yield from named(trigger.penalty, PenaltyKind.ADDITIONAL, penalties, (*at, "penalty"))
        yield from _counted(trigger, rules, at)
        yield from _whom(trigger, rules, at)
        yield from _instead(trigger, rules, at)


def _counted(trigger: Trigger, rules: Rules, at: Path) -> Iterator[Complaint]:
    """It counts one clause, one family or every clause, and there is such a one."""
    said = [name for name in ("clause", "family", "every_clause") if getattr(trigger, name)]
    if len(said) != 1:
        yield (*at, "clause"), trigger.clause, Mistake("counts_one")
    elif not of(trigger, rules):
        wrong = Mistake("no_clause" if trigger.clause else "no_family")
        yield (*at, said[0]), trigger.clause or (trigger.family and trigger.family.value), wrong


def _whom(trigger: Trigger, rules: Rules, at: Path) -> Iterator[Complaint]:
    """What an agency's creators do together is nobody's alone, and creators are only counted for their agency."""
    if isinstance(trigger, CreatorTrigger):
        for name in ("whose", "charges"):
            if getattr(trigger, name) != "agency":
                yield (*at, name), getattr(trigger, name), Mistake("counts_creators")
        if of(trigger, rules) and not any(one.charged_to is SubjectKind.CREATOR for one in of(trigger, rules)):
            yield (*at, "counts"), "creators", Mistake("counts_no_creator")
    elif (trigger.whose, trigger.charges) == ("agency", "subject"):
        yield (*at, "charges"), "subject", Mistake("charges_one")


def _instead(trigger: Trigger, rules: Rules, at: Path) -> Iterator[Complaint]:
    """What it stands instead of must be able to come with it, on the same one, at whatever severity."""
    here, brought = (*at, "instead_of"), _brought_beside(trigger, rules)
    if _turns_back(trigger, rules):
        yield here, sorted(trigger.instead_of), Mistake("instead_of_itself")
    for key in sorted(trigger.instead_of - brought):
        yield here, key, Mistake("not_brought", charged=trigger.charges)
    for clause in of(trigger, rules):
        by_severity = [clause.base_penalty.get(severity) for severity in Severity]
        stays = [key for key in by_severity if key not in trigger.instead_of]
        if any(
            key in trigger.instead_of and set(by_severity[:n]) & set(stays) - {None}
            for n, key in enumerate(by_severity)
        ):
            yield here, sorted(trigger.instead_of), Mistake("milder", clause=clause.key)


def _brought_beside(trigger: Trigger, rules: Rules) -> set[str]:
    """The penalties that a violation which completes the trigger can bring to the one that the trigger charges."""
    counted = of(trigger, rules)
    base = {key for clause in counted if _hits(trigger, clause) for key in clause.base_penalty.values()}
    others = (one for one in rules.triggers if one.key != trigger.key and one.charges == trigger.charges)
    return base | {one.penalty for one in others if {c.key for c in of(one, rules)} & {c.key for c in counted}}


def _hits(trigger: Trigger, clause: Clause) -> bool:
    return trigger.charges == "subject" or clause.charged_to is SubjectKind.AGENCY


def _turns_back(trigger: Trigger, rules: Rules) -> bool:
    """Whether its penalty stands, by however many steps, instead of itself."""
    seen, left = set[str](), set(trigger.instead_of)
    while left:
        seen |= left
        left = {key for one in rules.triggers if one.penalty in left for key in one.instead_of} - seen
    return trigger.penalty in seen


def of(trigger: Trigger, rules: Rules) -> list[Clause]:
    """The clauses whose violations it counts."""
    return [clause for clause in rules.clauses if trigger.counts_of(clause)]
