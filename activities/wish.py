"""What does this command ask of this case? Its facts held against the case, before the table is asked (`invalid`)."""

from activities.input import AppealDecision, Input, ReportDecision
from activities.scene import Scene
from rulebook.policy import Policy
from rulebook.terms import Severity, SubjectKind
from states.situation import NO_WISH, Wish
from states.terms import Code, Finding, Kind, Outcome, RefusedError
from store import case as cases
from store import verdict
from store.case import Case

_GRAVITY = list(Severity)


def weigh(scene: Scene, case: Case, said: Input, policy: Policy) -> Wish:
    """The wish that the table must know.

    Raises:
        RefusedError: `invalid`, naming the field.
    """
    if isinstance(said, ReportDecision):
        return _report(scene, case, said, policy)
    if isinstance(said, AppealDecision):
        _appeal(scene, case, said)
        return Wish(outcome=said.outcome)
    return NO_WISH


def _report(scene: Scene, case: Case, said: ReportDecision, policy: Policy) -> Wish:
    filed, clause = policy.clauses[case.clause], policy.clauses.get(said.clause or case.clause)
    if clause is None or clause.charged_to is not filed.charged_to:
        raise RefusedError(Code.INVALID, f"`clause`: {said.clause} does not fit this report.", "clause")
    if said.finding is not Finding.VIOLATION:
        if said.severity is not None or said.extra:
            field = "extra" if said.extra else "severity"
            raise RefusedError(Code.INVALID, f"`{field}` belongs to a violation.", field)
    elif said.severity is None and case.severity is None:
        raise RefusedError(Code.INVALID, "`severity`: a violation has one.", "severity")
    if said.extra and clause.charged_to is not SubjectKind.AGENCY:
        raise RefusedError(Code.INVALID, "`extra`: an extra deduction is for agencies.", "extra")
    _duplicate(scene, case, said)
    votes = policy.procedure.review_second_vote
    severe = (said.severity or case.severity) in votes.severities and clause.charged_to is SubjectKind.AGENCY
    return Wish(said.finding, severe and said.finding is Finding.VIOLATION, said.extra if votes.any_extra else 0)


def _duplicate(scene: Scene, case: Case, said: ReportDecision) -> None:
    if (said.finding is Finding.DUPLICATE) != (said.of is not None):
        raise RefusedError(Code.INVALID, "`of`: a duplicate names the report that came first.", "of")
    if said.of is None:
        return
    other = cases.read(scene.connection, said.of)
    if other is None or other.kind is not Kind.REPORT or other.id == case.id or other.subject != case.subject:
        raise RefusedError(Code.INVALID, f"`of`: {said.of} is no other report on {case.respondent}.", "of")
    found = verdict.last(scene.connection, other.id)
    if found is not None and found.duplicate_of == case.id:
        raise RefusedError(Code.INVALID, f"`of`: {said.of} is itself a duplicate of this one.", "of")


def _appeal(scene: Scene, case: Case, said: AppealDecision) -> None:
    if said.outcome is not Outcome.MODIFIED:
        if said.severity is not None or said.extra is not None:
            field = "severity" if said.severity is not None else "extra"
            raise RefusedError(Code.INVALID, f"`{field}` belongs to a modification.", field)
        return
    found = verdict.last(scene.connection, case.of_case or "")
    if found is None or found.severity is None:
        raise RefusedError(Code.INVALID, "`outcome`: there is no violation to modify.", "outcome")
    if said.severity is not None and _GRAVITY.index(said.severity) > _GRAVITY.index(found.severity):
        raise RefusedError(Code.INVALID, "`severity` can only be lowered.", "severity")
    if said.extra is not None and said.extra > found.extra:
        raise RefusedError(Code.INVALID, "`extra` can only be lowered.", "extra")
    same = (said.severity or found.severity, found.extra if said.extra is None else said.extra)
    if same == (found.severity, found.extra):
        field = "severity" if said.severity is not None or said.extra is None else "extra"
        raise RefusedError(Code.INVALID, f"`{field}`: nothing is lowered.", field)
