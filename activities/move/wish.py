"""Does the input fit the case? Checked before the table decides (`invalid`), with what the table must know of it."""

from activities.move.input import AppealDecision, Ask, Input, Release, Report, ReportDecision
from activities.move.scene import Scene
from rulebook.policy import Policy
from rulebook.terms import Severity, SubjectKind
from states.sight import Resource
from states.situation import NO_WISH, Actor, Wish
from states.terms import Code, Finding, Kind, Outcome, RefusedError, Role, Side
from store import case as cases
from store import sight, verdict
from store.case import Case

_GRAVITY = tuple(Severity)


def weigh(scene: Scene, case: Case, said: Input, policy: Policy, actor: Actor) -> Wish:
    """Check the input against the case, and give what the table must know of it.

    Raises:
        RefusedError: `invalid`, naming the field.
    """
    if isinstance(said, ReportDecision):
        return _report(scene, case, said, policy)
    if isinstance(said, Report):
        return Wish(again=said.again is not None)
    if isinstance(said, Ask):
        _asked(scene, case, said, actor)
    if isinstance(said, Release) and said.reasons is None and actor.role is Role.OPS:
        raise RefusedError(Code.INVALID, "ops_say_why", "reasons")
    if isinstance(said, AppealDecision):
        _appeal(scene, case, said)
        return Wish(outcome=said.outcome)
    return NO_WISH


def _asked(scene: Scene, case: Case, said: Ask, actor: Actor) -> None:
    """Check that the side can be asked: of an appeal only the one that filed it, and never the staff."""
    beside = case.kind is Kind.APPEAL and said.to not in {None, case.filed_side}
    # To staff who don't read the case the table's refusal comes first: it says nothing of whose appeal it is.
    if beside and sight.sees(scene.connection, actor, Resource.CASE, case.id, scene.at):
        raise RefusedError(Code.INVALID, "appeal_is_between", "to", side=case.filed_side.value)
    if case.again is not None and said.to is not Side.RESPONDENT:
        raise RefusedError(Code.INVALID, "filed_by_staff", "to")


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
    severity = (said.severity or case.severity) if said.finding is Finding.VIOLATION else None
    votes = policy.procedure.review_second_vote
    grave = severity in votes.severities and clause.charged_to is SubjectKind.AGENCY
    second_vote = grave or (votes.any_extra and said.extra > 0)
    return Wish(said.finding, second_vote, said.extra, severe=severity is Severity.SEVERE)


def _duplicate(scene: Scene, case: Case, said: ReportDecision) -> None:
    if (said.finding is Finding.DUPLICATE) != (said.of is not None):
        raise RefusedError(Code.INVALID, "duplicate_names_first", "of")
    if said.of is None:
        return
    scene.hold_duplicates(case)
    other = cases.read(scene.connection, said.of)
    if other is None or other.kind is not Kind.REPORT or other.id == case.id or other.respondent != case.respondent:
        raise RefusedError(Code.INVALID, "no_other_report", "of", case=said.of, name=case.respondent)
    if other.outcome in {Outcome.WITHDRAWN, Outcome.DUPLICATE}:
        raise RefusedError(Code.INVALID, "is_not_judged", "of", case=said.of, outcome=other.outcome.value)


def milder(found: Severity | None) -> tuple[Severity, ...]:
    """The severities that an appeal can make of the one that was found; none where no violation was."""
    return _GRAVITY[: _GRAVITY.index(found)] if found is not None else ()


def _appeal(scene: Scene, case: Case, said: AppealDecision) -> None:
    if said.outcome is not Outcome.MODIFIED:
        if said.severity is not None or said.extra:  # `extra: 0` is no extra (ruling 26)
            field = "severity" if said.severity is not None else "extra"
            raise RefusedError(Code.INVALID, "of_a_modification", field)
        return
    found = verdict.last(scene.connection, case.of_case or "")
    if found is None or found.severity is None:
        raise RefusedError(Code.INVALID, "nothing_to_modify", "outcome")
    if said.severity is not None and said.severity not in {found.severity, *milder(found.severity)}:
        raise RefusedError(Code.INVALID, "only_lowered", "severity")
    if said.extra is not None and said.extra > found.extra:
        raise RefusedError(Code.INVALID, "only_lowered", "extra")
    same = (said.severity or found.severity, found.extra if said.extra is None else said.extra)
    if same == (found.severity, found.extra):
        field = "severity" if said.severity is not None or said.extra is None else "extra"
        raise RefusedError(Code.INVALID, "nothing_lowered", field)
