"""May a closed report be filed again? So two people mend a mistake of the staff (`docs/domain.md` §4.5, ruling 20)."""

from sqlalchemy import Connection

from activities.move.scene import Scene
from states.terms import Code, Finding, Kind, RefusedError
from store import case as cases
from store import verdict
from store.case import Case
from store.schema.verdicts import Validity

_STANDS = frozenset({Validity.IN_FORCE, Validity.MODIFIED})


def check(scene: Scene, case: Case, first: str) -> None:
    """Hold the report that files `first` again against it; `first` is locked, so that it is filed again once.

    Raises:
        RefusedError: `invalid`, field `again`: it is no closed report against the same respondent, it was filed again
            already (that newer report can be filed again), or its violation stands.
    """
    found = scene.open(first)
    if found is None or found.kind is not Kind.REPORT or found.respondent != case.respondent:
        raise RefusedError(Code.INVALID, "no_other_report", "again", case=first, name=case.respondent)
    if found.outcome is None:
        raise RefusedError(Code.INVALID, "not_closed_yet", "again", case=first)
    newer = cases.filed_again(scene.connection, first)
    if newer is not None:
        raise RefusedError(Code.INVALID, "filed_again_already", "again", case=first, newer=newer)
    if stands(scene.connection, first):
        raise RefusedError(Code.INVALID, "act_stands", "again", case=first)


def stands(connection: Connection, report: str) -> bool:
    """Whether a violation that was found on the report stands."""
    last = verdict.last(connection, report)
    return last is not None and last.finding is Finding.VIOLATION and last.standing in _STANDS
