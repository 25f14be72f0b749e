"""What does a violation bring, and what does an appeal take back? Scores and penalties (`domain.md` §2, §3, §5.6)."""

from typing import Any

from sqlalchemy import RowMapping

from activities.move import recipients
from activities.move.brought import Fitted, bring, enforced, fit, fit_others
from activities.move.effects.attribution import attribute, follow
from activities.move.effects.verdicts import change, last
from activities.move.input import AppealDecision
from activities.move.notify import lasting, notify, tell
from activities.move.scene import Move, Scene
from activities.score.pricing import Change
from activities.score.rescore import NOTHING, Told
from rulebook import calendar
from rulebook.terms import SubjectKind
from states.terms import Side
from store import party, penalty, verdict
from store.case import Case
from store.party import Subject
from store.schema.verdicts import Validity


def charge(scene: Scene, case: Case, move: Move) -> None:
    """Charge the violation: the score, the base penalty (`domain.md` §2, §3), and the agency's score too (§2.9)."""
    subject = _subject(scene, case)
    found = last(scene, case)
    if found.severity is None:
        raise LookupError(f"verdict {found.id} has no severity")
    scheme = move.policy.scheme_of(subject.kind)
    profile = None
    if subject.kind is SubjectKind.CREATOR:
        profile = party.profile(scene.connection, subject.id, case.occurred_at)
    of_period = calendar.period(scheme.period, case.occurred_at, move.policy.zone) if scheme else None
    row = verdict.charge(
        scene.connection,
        {
            "id": found.id,
            "case": case.id,
            "subject": subject.id,
            "scheme": scheme.key if scheme else None,
            "period": of_period,
            "clause": found.clause,
            "occurred_at": case.occurred_at,
            "decided_at": move.at,
            "severity": found.severity,
            "extra": found.extra,
            "class": profile.creator_class if profile else None,
            "level": profile.level if profile else None,
            "followers": profile.followers if profile else None,
            "average_viewers": profile.average_viewers if profile else None,
            "agency": case.agency,
            "agent": case.agent,
            "stands": True,
            "price": 0,
            "rulebook": case.rulebook,
            "on_trial": not move.policy.clauses[found.clause].enforced,
            "agency_rulebook": _of_the_agency(scene, case, subject),
        },
    )
    own = bring(scene, row, case.subject, move.at)
    its = bring(scene, row, case.agency, move.at) if case.agency and case.agency != case.subject else []
    told = _rescore(scene, case, move, row, "verdict")
    move.facts["penalties"] = [*(one.key for one in own if not one.on_trial), *told.imposed]
    if counted := [one.key for one in own if one.on_trial]:
        move.facts["on_trial"] = [*counted, *move.facts.get("on_trial", [])]
    if agencys := [one.key for one in its if not one.on_trial]:
        move.facts["agency_imposed"] = agencys
        imposed = lasting(scene.penalties.of(case.agency or case.subject), agencys)
        _tell_agency(scene, case, move, "imposed", penalties=imposed)
    if subject.kind is SubjectKind.CREATOR:
        attribute(scene, case, move, row)


def take_back(scene: Scene, case: Case, move: Move) -> None:
    """Take the violation back, as its verdict was overturned or set aside (`domain.md` §5.6, ruling 19).

    Its points are given back exactly, and the rest is priced again.
    """
    _subject(scene, case)
    found = last(scene, case)
    row, *attributed = verdict.change_violation(scene.connection, found.id, stands=False)
    brought = penalty.of_violation(scene.connection, found.id)
    ended = penalty.lift(scene.connection, scene.penalties, [row["id"] for row in brought], move.at)
    fitted = Fitted(enforced(ended))
    fit_others(scene, row, move.at, fitted)
    told = _rescore(scene, case, move, row, found.standing)
    _tell_fitted(scene, case, move, fitted, told.lifted)
    for theirs in attributed:
        follow(scene, case, move, theirs, found.standing)


def modify(scene: Scene, case: Case, move: Move) -> None:
    """Make the violation milder; clause, time of verdict and start of penalties stay (ruling 7)."""
    if not isinstance(move.said, AppealDecision):
        raise LookupError("a modification without its command")
    _subject(scene, case)
    found = last(scene, case)
    if found.severity is None:
        raise LookupError(f"verdict {found.id} has no severity")
    severity = move.said.severity or found.severity
    extra = found.extra if move.said.extra is None else move.said.extra
    change(scene, case, standing=Validity.MODIFIED, severity=severity, extra=extra)
    row, *attributed = verdict.change_violation(scene.connection, found.id, severity=severity, extra=extra)
    fitted = Fitted()
    fit(scene, row, case.subject, move.at, fitted)
    move.facts |= {"severity": severity, "extra": extra}
    told = _rescore(scene, case, move, row, "modified", lowered=found.extra - extra)
    wanted = move.policy.clauses[found.clause].base_penalty.get(severity)
    base = [one for one in enforced(penalty.of_violation(scene.connection, found.id)) if one["key"] == wanted]
    brings = lasting(base, [one["key"] for one in base])
    milder = {"clause": found.clause, "severity": severity, "penalties": brings}
    notify(scene, case, Side.RESPONDENT, "verdict.modified", move.at, **milder, score=told.points)
    _tell_fitted(scene, case, move, Fitted(fitted.lifted), told.lifted)
    for theirs in attributed:
        follow(scene, case, move, theirs, "modified")


def _rescore(scene: Scene, case: Case, move: Move, violation: RowMapping, reason: str, *, lowered: int = 0) -> Told:
    """Price the score again that the violation is counted in, if it is in one, and tell of one that is enforced."""
    subject = _subject(scene, case)
    why = Change(move.at, reason, case.id, violation["id"], lowered)
    rescored = scene.rescore(subject, violation["period"], why)
    if rescored is None:
        return NOTHING
    move.facts["score" if rescored.scheme.enforced else "score_on_trial"] = rescored.points
    if rescored.counted:
        move.facts["on_trial"] = rescored.counted
    if rescored.repriced:
        move.facts["repriced"] = rescored.repriced
        readers = recipients.of_side(scene, case, Side.RESPONDENT) if rescored.scheme.enforced else []
        for reader in recipients.of_score(scene, case, readers):
            tell(scene, reader, case, "score.repriced", move.at, score=rescored.points)
    return rescored.told


def _of_the_agency(scene: Scene, case: Case, subject: Subject) -> str | None:
    """The version by which an agency of another region gets what its creator's violation brings."""
    if case.agency is None:
        return None
    agency = scene.subjects(case.agency)[case.agency]
    by = scene.timeline.charging(case.rulebook, case.region, agency, case.occurred_at)
    return by if agency.region != subject.region else None


def _tell_fitted(scene: Scene, case: Case, move: Move, fitted: Fitted, of_score: list[str]) -> None:
    """Tell the subject, and the agency of its own, what was lifted and what stands instead."""
    own = {row["key"] for row in fitted.lifted if row["subject"] == case.subject} | set(of_score)
    instead = fitted.instead.get(case.subject, [])
    move.facts["lifted"] = sorted(own)
    if instead:
        move.facts["penalties"] = instead
    if own or instead:
        notify(
            scene, case, Side.RESPONDENT, "penalty.lifted", move.at, **_still(scene, case.subject, own, instead, move)
        )
    theirs = {row["key"] for row in fitted.lifted if row["subject"] != case.subject}
    instead = fitted.instead.get(case.agency or "", []) if case.agency != case.subject else []
    if instead:
        move.facts["agency_imposed"] = instead
    if case.agency is not None and (theirs or instead):
        move.facts["agency_lifted"] = sorted(theirs)
        _tell_agency(scene, case, move, "lifted", **_still(scene, case.agency, theirs, instead, move))


def _still(scene: Scene, subject: str, lifted: set[str], instead: list[str], move: Move) -> dict[str, Any]:
    """Of the penalties lifted: those that apply no longer, and those that apply, with their ends."""
    named = sorted({*lifted, *instead})
    standing = [row for row in enforced(penalty.live(scene.connection, subject, move.at)) if row["key"] in named]
    keys = {row["key"] for row in standing}
    return {
        "penalties": [key for key in sorted(lifted) if key not in keys],
        "remaining": lasting(standing, [key for key in named if key in keys]),
    }


def _tell_agency(scene: Scene, case: Case, move: Move, what: str, **told: Any) -> None:
    """Tell the agency alone which of its additional penalties a creator's violation imposed or lifted."""
    if case.agency is not None:
        agency = recipients.agency(case.agency)
        tell(scene, agency, case, f"repetition.{what}", move.at, creator=case.subject, **told)


def _subject(scene: Scene, case: Case) -> Subject:
    """Lock whom the case charges, and the agency concerned; give the subject."""
    concerned = {case.subject, case.agency or case.subject}
    scene.charged |= concerned
    return scene.subjects(*concerned)[case.subject]
