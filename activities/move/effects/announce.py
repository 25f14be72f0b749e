"""Who is told how a case ended? Everybody concerned (`docs/domain.md` §7, last line; ruling 15 of duplicates).

The reporter hears what was found and what an appeal made of it; so does who reported the same again, and of a report
that is filed again who reported it first (ruling 20). The respondent is told of a violation; of anything else where it
knows of the case, because it was asked, appeals or was told before.
"""

from activities.move import recipients
from activities.move.effects.verdicts import last
from activities.move.notify import lasting, notify
from activities.move.scene import Move, Scene
from rulebook import calendar
from states.terms import Finding, Outcome, Side
from store import case as cases
from store import notice, verdict
from store.case import Case
from store.verdict import Verdict


def announce(scene: Scene, case: Case, move: Move) -> None:
    """Tell of a verdict that is in force."""
    found = last(scene, case)
    _tell[found.finding](scene, case, move, found)
    if found.finding is not Finding.DUPLICATE:
        _tell_joined(scene, case, move, found.finding.value)


def announce_withdrawal(scene: Scene, case: Case, move: Move) -> None:
    """Tell that the report was withdrawn; of one that was filed again, that all stays as it was."""
    notify(scene, case, Side.REPORTER, "report.withdrawn", move.at)
    for one in (*_first(scene, case), *_joined(scene, case)):
        notify(scene, one, Side.REPORTER, "report.kept", move.at)
    _tell_if_known(scene, case, move, "verdict.withdrawn")


def announce_appeal(scene: Scene, case: Case, move: Move) -> None:
    """Tell those who did not file the appeal what it made of the report's verdict."""
    if case.finding is Finding.VIOLATION:
        _tell_reporters(scene, case, move, f"report.{move.row.outcome}")
    _tell_joined(scene, case, move, str(move.row.outcome))


def announce_again(scene: Scene, case: Case, move: Move) -> None:
    """Tell who reported it first, and who reported the same, that a closed report is filed again."""
    for one in _first(scene, case):
        notify(scene, one, Side.REPORTER, "report.again", move.at)
    _tell_joined(scene, case, move, "again")


def announce_review(scene: Scene, case: Case, move: Move) -> None:
    """Tell that the report is under review again."""
    _tell_if_known(scene, case, move, "verdict.again")
    _tell_joined(scene, case, move, "again")


def announce_set_aside(scene: Scene, case: Case, move: Move) -> None:
    """Tell both sides that the verdict was set aside, and why (ruling 19)."""
    reasons = move.text("reasons")
    charged = case.subject if last(scene, case).finding is Finding.VIOLATION else None
    notify(scene, case, Side.RESPONDENT, "verdict.set_aside", move.at, reasons=reasons, charged=charged)
    notify(scene, case, Side.REPORTER, "report.set_aside", move.at, reasons=reasons)
    for one in _first(scene, case):
        notify(scene, one, Side.REPORTER, "report.again", move.at)
    _tell_joined(scene, case, move, "again")


def accusation(case: Case, clause: str) -> dict[str, object]:
    """What the respondent is accused of: in the reviewers' words (ruling 24), never in the reporter's own."""
    return {"clause": clause, "occurred": case.occurred_at, "creators": case.about, "summary": case.summarised}


def _violation(scene: Scene, case: Case, move: Move, found: Verdict) -> None:
    _tell_reporters(scene, case, move, "report.violation")
    held = scene.live_appeal(case)
    notify(
        scene,
        case,
        Side.RESPONDENT,
        "verdict.violation",
        move.at,
        **accusation(case, found.clause),
        severity=found.severity,
        reasons=found.reasons,
        trial=None if move.policy.clauses[found.clause].enforced else found.clause,
        penalties=lasting(scene.penalties.of(case.subject), move.facts.get("penalties", [])),
        score=move.facts.get("score"),
        appeal=held,
        until=None if held else case.window_ends_at,
    )


def _none(scene: Scene, case: Case, move: Move, found: Verdict) -> None:
    _tell_reporters(scene, case, move, "report.none", reasons=found.reasons, until=case.window_ends_at)
    _tell_if_known(scene, case, move, "verdict.none")


def _duplicate(scene: Scene, case: Case, move: Move, found: Verdict) -> None:
    back = case.filed_agency if "slot" in move.facts else None
    month = calendar.month(case.filed_at, scene.policy_now(back).zone) if back else None
    _tell_reporters(scene, case, move, "report.duplicate", month=month)
    _tell_if_known(scene, case, move, "verdict.duplicate")
    original = cases.read(scene.connection, found.duplicate_of or "")
    if original is not None and original.finding is not None:
        overturned = original.outcome is Outcome.OVERTURNED
        stands = Finding.NONE if overturned else original.finding
        for one in (case, *_joined(scene, case)):
            notify(scene, one, Side.REPORTER, f"original.{stands}", move.at)


_tell = {Finding.VIOLATION: _violation, Finding.NONE: _none, Finding.DUPLICATE: _duplicate}


def _tell_if_known(scene: Scene, case: Case, move: Move, template: str) -> None:
    readers = [reader.id for reader in recipients.of_side(scene, case, Side.RESPONDENT)]
    if notice.known(scene.connection, case.id, readers):
        notify(scene, case, Side.RESPONDENT, template, move.at)


def _tell_reporters(scene: Scene, case: Case, move: Move, template: str, **values: object) -> None:
    """Tell the reporter, and without the values, which are of a case that they don't see, who reported it first."""
    notify(scene, case, Side.REPORTER, template, move.at, **values)
    for one in _first(scene, case):
        notify(scene, one, Side.REPORTER, template, move.at)


def _tell_joined(scene: Scene, case: Case, move: Move, what: str) -> None:
    for one in _joined(scene, case):
        notify(scene, one, Side.REPORTER, f"original.{what}", move.at)


def _first(scene: Scene, case: Case) -> list[Case]:
    """The reports that this one files again, the newest first; they are closed, and need no lock."""
    found = cases.read(scene.connection, case.again) if case.again else None
    return [found, *_first(scene, found)] if found is not None else []


def _joined(scene: Scene, case: Case) -> list[Case]:
    """The reports that were found to be duplicates of this one, or of what it files again; they need no lock either."""
    act = (case, *_first(scene, case))
    names = dict.fromkeys(name for one in act for name in verdict.duplicates(scene.connection, one.id))
    found = (cases.read(scene.connection, name) for name in names)
    return [one for one in found if one is not None and one.id != case.id]
