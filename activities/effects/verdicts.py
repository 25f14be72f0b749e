"""What does a verdict do? It is proposed or pronounced, charged, and made milder or overturned by an appeal."""

from typing import Any

from activities.input import AppealDecision, ReportDecision
from activities.scene import Move, Scene
from activities.score import Change, rescore
from rulebook import calendar
from rulebook.terms import PenaltyKind, Severity, SubjectKind
from states.terms import Finding
from store import party, penalty, verdict
from store.case import Case
from store.party import Subject
from store.schema.verdicts import Standing
from store.verdict import Verdict


async def propose(scene: Scene, case: Case, move: Move) -> None:
    """Put the verdict before a second person; nothing is charged yet (ruling 3)."""
    await _write(scene, case, move, Standing.PROPOSED)
    case.proposer = move.actor.id
    case.approval_due_at = move.policy.procedure.review_approval_deadline.after(move.at, move.policy.zone)


async def pronounce(scene: Scene, case: Case, move: Move) -> None:
    """Put the verdict in force."""
    case.finding = await _write(scene, case, move, Standing.IN_FORCE)


async def approve(scene: Scene, case: Case, move: Move) -> None:
    """Put the proposed verdict in force with a second vote."""
    case.finding = (await _second(scene, case, move, Standing.IN_FORCE)).finding


async def reject(scene: Scene, case: Case, move: Move) -> None:
    """Drop the proposal; the case goes back to review."""
    await _second(scene, case, move, Standing.REJECTED)


async def lapse(scene: Scene, case: Case, _move: Move) -> None:
    """Drop a proposal that nobody voted on in time."""
    proposal = await _last(scene, case)
    await verdict.change(scene.connection, proposal.id, standing=Standing.LAPSED)
    case.proposer = case.approval_due_at = None


async def judge(_scene: Scene, case: Case, move: Move) -> None:
    """Note an appeal's verdict; what it does to the report follows at once."""
    move.facts |= {"outcome": move.wish.outcome, "reasons": move.text("reasons")}
    case.deciders = sorted({*case.deciders, move.actor.id})


async def charge(scene: Scene, case: Case, move: Move) -> None:
    """Charge the violation: the score, the base penalty (`domain.md` §2, §3)."""
    subject = await _subject(scene, case)
    found = await _last(scene, case)
    if found.severity is None:
        raise LookupError(f"verdict {found.id} has no severity")
    scheme = move.policy.scheme_of(subject.kind)
    profile = None
    if subject.kind is SubjectKind.CREATOR:
        profile = await party.profile(scene.connection, subject.id, case.occurred_at)
    of_period = calendar.period(scheme.period, case.occurred_at, move.policy.zone)
    await verdict.charge(
        scene.connection,
        {
            "id": found.id,
            "case": case.id,
            "subject": subject.id,
            "scheme": scheme.key,
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
        },
    )
    key = move.policy.clauses[found.clause].base_penalty.get(found.severity)
    if key is not None:
        await _impose(scene, case, move, found.id, key, start=None)
    move.facts["score"] = await _rescore(scene, case, move, subject, of_period, found.id, "verdict")


async def overturn(scene: Scene, case: Case, move: Move) -> None:
    """Take the violation back: what it took comes back exactly, and the rest is priced again (`domain.md` §5.6)."""
    subject, found = await _subject(scene, case), await _last(scene, case)
    await verdict.change(scene.connection, found.id, standing=Standing.OVERTURNED)
    await verdict.change_violation(scene.connection, found.id, stands=False)
    brought = await penalty.of_violation(scene.connection, found.id)
    await penalty.lift(scene.connection, [row["id"] for row in brought], move.at)
    row = await verdict.violation(scene.connection, found.id)
    move.facts["score"] = await _rescore(scene, case, move, subject, row["period"], found.id, "overturned")


async def modify(scene: Scene, case: Case, move: Move) -> None:
    """Make the violation milder; clause, time of verdict and start of penalties stay (ruling 7)."""
    if not isinstance(move.said, AppealDecision):
        raise LookupError("a modification without its command")
    subject, found = await _subject(scene, case), await _last(scene, case)
    if found.severity is None:
        raise LookupError(f"verdict {found.id} has no severity")
    severity = move.said.severity or found.severity
    extra = found.extra if move.said.extra is None else move.said.extra
    await verdict.change(scene.connection, found.id, standing=Standing.MODIFIED, severity=severity, extra=extra)
    await verdict.change_violation(scene.connection, found.id, severity=severity, extra=extra)
    await _swap_base(scene, case, move, found, severity)
    row = await verdict.violation(scene.connection, found.id)
    move.facts |= {"severity": severity, "extra": extra}
    move.facts["score"] = await _rescore(scene, case, move, subject, row["period"], found.id, "modified")


async def _swap_base(scene: Scene, case: Case, move: Move, found: Verdict, severity: Severity) -> None:
    wanted = move.policy.clauses[found.clause].base_penalty.get(severity)
    brought = [r for r in await penalty.of_violation(scene.connection, found.id) if r["kind"] == PenaltyKind.BASE]
    if [row["key"] for row in brought] == [wanted]:
        return
    await penalty.lift(scene.connection, [row["id"] for row in brought], move.at)
    if wanted is not None:
        decided = (await verdict.violation(scene.connection, found.id))["decided_at"]
        await _impose(scene, case, move, found.id, wanted, start=decided)


async def _impose(scene: Scene, case: Case, move: Move, violation: str, key: str, start: Any) -> None:
    lasts = move.policy.penalties[key].lasts
    begins = start or move.at
    await penalty.impose(
        scene.connection,
        subject=case.subject,
        kind=PenaltyKind.BASE,
        key=key,
        rulebook=case.rulebook,
        case=case.id,
        violation=violation,
        starts_at=begins,
        ends_at=lasts.after(begins, move.policy.zone) if lasts else None,
    )


async def _rescore(
    scene: Scene, case: Case, move: Move, subject: Subject, of_period: str, violation: str, reason: str
) -> int:
    change = Change(move.at, reason, case.id, violation)
    scene.stirred_subjects.add(subject.id)
    return await rescore(scene.connection, subject, of_period, move.policy, case.rulebook, change)


async def _subject(scene: Scene, case: Case) -> Subject:
    await party.lock(scene.connection, {case.subject})
    found = await party.subject(scene.connection, case.subject)
    if found is None:
        raise LookupError(f"subject {case.subject} is gone")
    return found


async def _last(scene: Scene, case: Case) -> Verdict:
    found = await verdict.last(scene.connection, case.id)
    if found is None:
        raise LookupError(f"case {case.id} has no verdict")
    return found


async def _write(scene: Scene, case: Case, move: Move, standing: Standing) -> Finding:
    if not isinstance(move.said, ReportDecision):
        raise LookupError("a verdict without its command")
    said = move.said
    earlier = await verdict.last(scene.connection, case.id)
    number = earlier.number + 1 if earlier else 1
    severity = (said.severity or case.severity) if said.finding is Finding.VIOLATION else None
    await verdict.write(
        scene.connection,
        {
            "id": f"{case.id}.{number}",
            "case": case.id,
            "number": number,
            "standing": standing,
            "finding": said.finding,
            "clause": said.clause or case.clause,
            "severity": severity,
            "extra": said.extra,
            "duplicate_of": said.of,
            "reasons": move.text("reasons"),
            "decided_by": move.actor.id,
            "decided_at": move.at,
        },
    )
    case.deciders = sorted({*case.deciders, move.actor.id})
    move.facts |= {"finding": said.finding, "severity": severity, "extra": said.extra}
    move.facts |= {"clause": said.clause or case.clause, "of": said.of, "reasons": move.text("reasons")}
    return said.finding


async def _second(scene: Scene, case: Case, move: Move, standing: Standing) -> Verdict:
    proposal = await _last(scene, case)
    await verdict.change(
        scene.connection,
        proposal.id,
        standing=standing,
        seconded_by=move.actor.id,
        seconded_at=move.at,
        seconding_reasons=move.text("reasons"),
    )
    case.deciders = sorted({*case.deciders, move.actor.id})
    case.proposer = case.approval_due_at = None
    move.facts["reasons"] = move.text("reasons")
    return proposal
