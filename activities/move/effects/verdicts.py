"""What does a verdict do? It is proposed, pronounced, seconded, dropped or set aside; charging it is `charges.py`."""

from activities.move.input import ReportDecision
from activities.move.scene import Move, Scene
from states.terms import Finding
from store import verdict
from store.case import Case
from store.schema.verdicts import Validity
from store.verdict import Verdict


def propose(scene: Scene, case: Case, move: Move) -> None:
    """Put the verdict before a second person; nothing is charged yet (ruling 3)."""
    _write(scene, case, move, Validity.PROPOSED)
    case.proposer = move.actor.id
    case.approval_due_at = move.policy.procedure.review_approval_deadline.after(move.at, move.policy.zone)


def pronounce(scene: Scene, case: Case, move: Move) -> None:
    """Put the verdict in force."""
    case.finding = _write(scene, case, move, Validity.IN_FORCE)


def approve(scene: Scene, case: Case, move: Move) -> None:
    """Put the proposed verdict in force with a second vote."""
    case.finding = _second(scene, case, move, Validity.IN_FORCE).finding


def reject(scene: Scene, case: Case, move: Move) -> None:
    """Drop the proposal; the case goes back to review."""
    _second(scene, case, move, Validity.REJECTED)


def lapse(scene: Scene, case: Case, _move: Move) -> None:
    """Drop a proposal that nobody voted on in time, or whose report is withdrawn before (ruling 16)."""
    change(scene, case, standing=Validity.LAPSED)
    case.proposer = case.approval_due_at = None


def judge(_scene: Scene, case: Case, move: Move) -> None:
    """Note an appeal's verdict; what it does to the report follows at once."""
    move.facts |= {"outcome": move.wish.outcome, "reasons": move.text("reasons")}
    case.deciders = sorted({*case.deciders, move.actor.id})


def overturn(scene: Scene, case: Case, _move: Move) -> None:
    """Overturn the verdict, as its appeal was decided."""
    change(scene, case, standing=Validity.OVERTURNED)


def set_aside(scene: Scene, case: Case, move: Move) -> None:
    """Set the verdict aside, as if it were overturned (ruling 19)."""
    change(scene, case, standing=Validity.SET_ASIDE)
    case.deciders = sorted({*case.deciders, move.actor.id})
    move.facts["reasons"] = move.text("reasons")


def last(scene: Scene, case: Case) -> Verdict:
    """The case's last verdict, which must be there."""
    found = _latest(scene, case)
    if found is None:
        raise LookupError(f"case {case.id} has no verdict")
    return found


def change(scene: Scene, case: Case, **values: object) -> Verdict:
    """Change the case's last verdict, and give it as it now is."""
    found = scene.verdicts[case.id] = verdict.change(scene.connection, last(scene, case).id, **values)
    return found


def _latest(scene: Scene, case: Case) -> Verdict | None:
    if case.id not in scene.verdicts:
        scene.verdicts[case.id] = verdict.last(scene.connection, case.id)
    return scene.verdicts[case.id]


def _write(scene: Scene, case: Case, move: Move, standing: Validity) -> Finding:
    if not isinstance(move.said, ReportDecision):
        raise LookupError("a verdict without its command")
    said = move.said
    earlier = _latest(scene, case)
    number = earlier.number + 1 if earlier else 1
    severity = (said.severity or case.severity) if said.finding is Finding.VIOLATION else None
    scene.verdicts[case.id] = verdict.write(
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


def _second(scene: Scene, case: Case, move: Move, standing: Validity) -> Verdict:
    proposal = change(
        scene,
        case,
        standing=standing,
        seconded_by=move.actor.id,
        seconded_at=move.at,
        seconding_reasons=move.text("reasons"),
    )
    case.deciders = sorted({*case.deciders, move.actor.id})
    case.proposer = case.approval_due_at = None
    move.facts["reasons"] = move.text("reasons")
    return proposal
