"""Does the input fit the case? Checked before the table decides (`invalid`), with what the table must know of it."""

from activities.move.input import AppealDecision, Ask, Input, Release, ReportDecision
from activities.move.scene import Scene
from rulebook.policy import Policy
from rulebook.terms import Severity, SubjectKind
from states.situation import NO_WISH, Actor, Wish
from states.terms import Code, Finding, Kind, Outcome, RefusedError, Role
from store import case as cases
from store import verdict
from store.case import Case

_GRAVITY = list(Severity)


def weigh(scene: Scene, case: Case, said: Input, policy: Policy, actor: Actor) -> Wish:
    """Check the input against the case, and give what the table must know of it.

    Raises:
        RefusedError: `invalid`, naming the field.
    """
    if isinstance(said, ReportDecision):
        return _report(scene, case, said, policy)
    if isinstance(said, Ask) and _beside_the_appeal(case, said) and actor.id == case.claimed_by:
        # To anybody else the table's refusal comes first: it says nothing of whose appeal it is.
        raise RefusedError(Code.INVALID, "appeal_is_between", "to", side=case.filed_side.value)
    if isinstance(said, Release) and said.reasons is None and actor.role is Role.OPS:
        raise RefusedError(Code.INVALID, "ops_say_why", "reasons")
    if isinstance(said, AppealDecision):
        _appeal(scene, case, said)
        return Wish(outcome=said.outcome)
    return NO_WISH


def _beside_the_appeal(case: Case, said: Ask) -> bool:
    return case.kind is Kind.APPEAL and said.to not in {None, case.filed_side}


def _report(scene: Scene, case: Case, said: ReportDecision, policy: Policy) -> Wish:
    filed, clause = policy.clauses[case.clause], policy.clauses.get(said.clause or case.clause)
    if clause is None or clause.charged_to is not filed.charged_to:
        raise RefusedError(Code.INVALID, "clause_does_not_fit", "clause", clause=said.clause)
    if said.finding is not Finding.VIOLATION:
        if said.severity is not None or said.extra:
            field = "extra" if said.extra else "severity"
            raise RefusedError(Code.INVALID, "of_a_violation", field)
    elif said.severity is None and case.severity is None:
        raise RefusedError(Code.INVALID, "violation_has_one", "severity")
    if said.extra and clause.charged_to is not SubjectKind.AGENCY:
        raise RefusedError(Code.INVALID, "extra_is_for_agencies", "extra")
    _duplicate(scene, case, said)
    votes = policy.procedure.review_second_vote
    severe = (said.severity or case.severity) in votes.severities and clause.charged_to is SubjectKind.AGENCY
    return Wish(said.finding, severe and said.finding is Finding.VIOLATION, said.extra if votes.any_extra else 0)


def _duplicate(scene: Scene, case: Case, said: ReportDecision) -> None:
    if (said.finding is Finding.DUPLICATE) != (said.of is not None):
        raise RefusedError(Code.INVALID, "duplicate_names_first", "of")
    if said.of is None:
        return
    other = cases.read(scene.connection, said.of)
    if other is None or other.kind is not Kind.REPORT or other.id == case.id or other.subject != case.subject:
        raise RefusedError(Code.INVALID, "no_other_report", "of", case=said.of, name=case.respondent)
    found = verdict.last(scene.connection, other.id)
    if found is not None and found.duplicate_of == case.id:
        raise RefusedError(Code.INVALID, "itself_a_duplicate", "of", case=said.of)


def _appeal(scene: Scene, case: Case, said: AppealDecision) -> None:
    if said.outcome is not Outcome.MODIFIED:
        if said.severity is not None or said.extra is not None:
            field = "severity" if said.severity is not None else "extra"
            raise RefusedError(Code.INVALID, "of_a_modification", field)
        return
    found = verdict.last(scene.connection, case.of_case or "")
    if found is None or found.severity is None:
        raise RefusedError(Code.INVALID, "nothing_to_modify", "outcome")
    if said.severity is not None and _GRAVITY.index(said.severity) > _GRAVITY.index(found.severity):
        raise RefusedError(Code.INVALID, "only_lowered", "severity")
    if said.extra is not None and said.extra > found.extra:
        raise RefusedError(Code.INVALID, "only_lowered", "extra")
    same = (said.severity or found.severity, found.extra if said.extra is None else said.extra)
    if same == (found.severity, found.extra):
        field = "severity" if said.severity is not None or said.extra is None else "extra"
        raise RefusedError(Code.INVALID, "nothing_lowered", field)
