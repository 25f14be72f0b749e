"""The window in which a verdict can be appealed, as long as the rulebook says."""

from activities.move.scene import Move, Scene
from store.case import Case


def open_window(_scene: Scene, case: Case, move: Move) -> None:
    """Open the window: it starts with the notice of this very commit."""
    case.window_ends_at = move.policy.procedure.appeals_window.after(move.at, move.policy.zone)
    move.facts["window_ends"] = case.window_ends_at.isoformat()
