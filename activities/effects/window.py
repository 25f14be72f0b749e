"""How long can a verdict be appealed? (`domain.md` §5.4)."""

from activities.scene import Move, Scene
from states.terms import Finding
from store.case import Case


async def open_window(scene: Scene, case: Case, move: Move) -> None:
    """Open the window with the notice to the respondent; the other side hears the outcome alone."""
    case.window_ends_at = move.policy.procedure.appeals_window.after(move.at, move.policy.zone)
    move.facts["window_ends"] = case.window_ends_at.isoformat()
    template = "verdict.violation" if case.finding is Finding.VIOLATION else "verdict.none"
    recipient = case.respondent if case.finding is Finding.VIOLATION else case.filed_agency or case.filed_by
    scene.notify(recipient, case, template, move.at, clause=case.clause, until=case.window_ends_at)
