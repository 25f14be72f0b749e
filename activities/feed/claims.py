"""What becomes of cases whose claimer may not review them any more? They are put back at once (ruling 23)."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Connection

from activities.look import Woken
from activities.move import measures, outbox
from activities.move.effects import EFFECTS
from activities.move.scene import Scene
from activities.rulebooks import Rulebooks
from store import case as cases


def put_back(
    connection: Connection, rulebooks: Rulebooks, person: str, regions: Collection[str], at: datetime
) -> Woken:
    """Put back what the person claimed in these regions, to where it was claimed from; give who must be woken.

    The workflows of these cases read their rows then, and wait for the next deadline. The person must be locked, so
    that they claim nothing meanwhile.
    """
    scene = Scene(connection, at, rulebooks, EFFECTS)
    for case_id in cases.claimed(connection, person, regions):
        case = scene.require(case_id)
        scene.lapse(case)
        if case.claimed_by == person:
            scene.move(case, "claimer_left")
    scene.settle("")
    scene.write_cases()
    scene.write_journal()
    measures.count(scene)
    return Woken(scene.must_look, sorted(scene.penalties.to_tell), outbox.tell(scene))
