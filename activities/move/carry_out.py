"""How is a command carried out in a scene? The commit does it for good, a preview to see what would happen."""

from activities.command import Command
from activities.move.consider import Considered, consider
from activities.move.input import Input
from activities.move.scene import Scene
from store.case import Case


def carry_out(scene: Scene, command: Command, case: Case | None, said: Input) -> Considered:
    """Make the moves that are due, then the command's, and all that follows at once; the cases are not written yet.

    Raises:
        RefusedError: the command is refused; the transaction must be rolled back.
    """
    if case is not None:
        scene.lapse(case)
    found = consider(scene, command, case, said)
    scene.introduce(found.case)
    scene.carry_out(found.case, command.event, found.situation, command, found.said)
    scene.settle(found.case.id)
    return found
