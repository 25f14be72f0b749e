"""What does evidence do? The files that a move brings become evidence of its side of the case."""

from activities.move.input import Proven
from activities.move.scene import Move, Scene
from activities.retention import kept
from states.terms import Code, RefusedError
from store import evidence
from store.case import Case
from store.keyring import DestroyedError, of_case, of_party


def bring_evidence(scene: Scene, case: Case, move: Move) -> None:
    """Give the case the files, and note their hashes in the journal: of the side that was asked, or that files."""
    if isinstance(move.said, Proven) and move.said.files:
        side = case.asked or case.filed_side
        owners = [of_party(case.respondent)]
        if kept(move.policy, case.kind) is not None:
            owners.append(of_case(case.id))
        try:
            brought = evidence.bring(scene.connection, move.said.files, case.id, side, case.version, owners)
        except DestroyedError:
            raise RefusedError(Code.FORBIDDEN, "erased") from None
        move.facts["files"] = brought
