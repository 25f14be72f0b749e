"""What does a verdict do? It is proposed, pronounced, seconded or dropped; charging it is `charges.py`."""

from activities.input import ReportDecision
from activities.scene import Move, Scene
from states.terms import Finding
from store import verdict
from store.case import Case
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
    proposal = await last(scene, case)
    await verdict.change(scene.connection, proposal.id, standing=Standing.LAPSED)
    case.proposer = case.approval_due_at = None


async def judge(_scene: Scene, case: Case, move: Move) -> None:
    """Note an appeal's verdict; what it does to the report follows at once."""
    move.facts |= {"outcome": move.wish.outcome, "reasons": move.text("reasons")}
    case.deciders = sorted({*case.deciders, move.actor.id})


async def last(scene: Scene, case: Case) -> Verdict:
    """The verdict that the case has reached last; it is known that there is one."""
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
    proposal = await last(scene, case)
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
