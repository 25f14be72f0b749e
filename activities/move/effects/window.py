"""The window in which a verdict can be appealed, as long as the rulebook says of its clause (`domain.md` §5.4)."""

from activities.move.effects.verdicts import last
from activities.move.scene import Move, Scene
from store.case import Case


def open_window(scene: Scene, case: Case, move: Move) -> None:
    """Open the window: it starts with the notice of this very commit."""
    span = move.policy.appeals_window(last(scene, case).clause)
    case.window_ends_at = span.after(move.at, move.policy.zone)
    move.facts["window_ends"] = case.window_ends_at.isoformat()
