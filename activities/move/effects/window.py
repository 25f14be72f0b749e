"""The window in which a verdict can be appealed, as long as the rulebook says, and the notices of the verdict."""

from activities.move.effects.verdicts import last
from activities.move.notify import notify
from activities.move.scene import Move, Scene
from states.terms import Finding, Side
from store.case import Case


def open_window(_scene: Scene, case: Case, move: Move) -> None:
    """Open the window: it starts with the notice of this very commit."""
    case.window_ends_at = move.policy.procedure.appeals_window.after(move.at, move.policy.zone)
    move.facts["window_ends"] = case.window_ends_at.isoformat()


def announce(scene: Scene, case: Case, move: Move) -> None:
    """Notify the respondent of a violation, with reasons, penalties and window; the reporter only of the finding."""
    found = last(scene, case)
    by_reporter = case.window_ends_at if found.finding is Finding.NONE else None
    notify(scene, case, Side.REPORTER, f"report.{found.finding}", move.at, until=by_reporter)
    if found.finding is Finding.VIOLATION:
        notify(
            scene,
            case,
            Side.RESPONDENT,
            "verdict.violation",
            move.at,
            clause=found.clause,
            severity=found.severity,
            reasons=found.reasons,
            penalties=move.facts.get("penalties", []),
            score=move.facts.get("score"),
            until=case.window_ends_at,
        )
