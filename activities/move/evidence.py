"""Which files does a move bring, and may it? Uploads of its actor that no case has yet (ruling 27).

Who has changed to another agency since brings nothing of the old one's: it would be seen by the new one's people.
"""

from activities.entered import MOST_FILES
from activities.move.input import Input, Proven, Report
from activities.move.scene import Scene
from rulebook.clause import Clause
from states.situation import Actor
from states.terms import Code, RefusedError, Side
from store import evidence
from store.case import Case

_MEGABYTE = 1024 * 1024
# Of one side of a case.
MOST_BYTES = 200 * _MEGABYTE


def check(scene: Scene, case: Case, said: Input, actor: Actor, side: Side | None) -> None:
    """Check the files that a move brings for the actor's side, and lock them; who has no side brings nothing.

    Raises:
        RefusedError: `invalid`; field `evidence`, or `evidence.2` of the third file.
    """
    if not isinstance(said, Proven) or not said.files:
        return
    found = evidence.free(scene.connection, said.files, actor.id, scene.at, locks=scene.locks)
    for place, file in enumerate(said.files):
        if file not in found:
            raise RefusedError(Code.INVALID, "no_upload", f"evidence.{place}", file=file)
        if found[file].agency != actor.agency:
            raise RefusedError(Code.INVALID, "upload_of_agency", f"evidence.{place}", file=file)
    count, size = evidence.totals(scene.connection, case.id, side) if side else (0, 0)
    if count + len(found) > MOST_FILES:
        raise RefusedError(Code.INVALID, "too_many_files", "evidence", most=MOST_FILES, count=count)
    if size + sum(file.size for file in found.values()) > MOST_BYTES:
        raise RefusedError(Code.INVALID, "files_too_large", "evidence", most=MOST_BYTES // _MEGABYTE)


def must_have(clause: Clause, said: Report) -> None:
    """Refuse a report without a file where its clause requires one; one that is filed again has the first one's.

    Raises:
        RefusedError: `invalid`, field `evidence`.
    """
    if clause.evidence == "required" and not said.files and said.again is None:
        raise RefusedError(Code.INVALID, "evidence_required", "evidence", clause=clause.key)
