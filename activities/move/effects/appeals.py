"""How do a report and its appeal move each other? Both rows change in one transaction (`docs/domain.md` §5)."""

from activities.move.notify import notify
from activities.move.scene import Move, Scene
from states.terms import Finding, Outcome, Status
from store.case import Case


def contest(scene: Scene, case: Case, move: Move) -> None:
    """Put the report under appeal."""
    scene.move(_report(scene, case), "appeal", at=move.at)


def bar(scene: Scene, case: Case, _move: Move) -> None:
    """Bar those who had a part in the report from its appeal: its verdicts, and that it was filed again (§5.5)."""
    report = _report(scene, case)
    case.barred = sorted({*report.deciders, *report.barred})


def start_held_appeal(scene: Scene, case: Case, move: Move) -> None:
    """Start the appeal that was held until the verdict, as a violation was found."""
    appeal = _held(scene, case)
    if appeal is not None:
        scene.move(appeal, "queue", at=move.at)


def end_held_appeal(scene: Scene, case: Case, move: Move) -> None:
    """Close the held appeal as moot: there is no violation to appeal."""
    appeal = _held(scene, case)
    if appeal is not None:
        scene.move(appeal, "become_moot", at=move.at)


def release_report(scene: Scene, case: Case, move: Move) -> None:
    """Without the appeal the report is open again until its window ends (ruling 5)."""
    report = _report(scene, case)
    if report.status is Status.UNDER_APPEAL:
        scene.move(report, "appeal_withdrawn", at=move.at)
    ends = report.window_ends_at
    inside = report.status is Status.OPEN and ends is not None and move.at < ends
    until = ends if inside else None
    notify(scene, case, case.filed_side, f"appeal.{move.row.outcome}", move.at, report=report.id, until=until)


def answer_report(scene: Scene, case: Case, move: Move) -> None:
    """Notify who filed the appeal, and carry its outcome out on the report."""
    report = _report(scene, case)
    report.deciders = sorted({*report.deciders, *case.deciders})  # who decided has a part in the report (ruling 18)
    outcome, reasons = move.row.outcome, move.text("reasons")
    again = report.id if outcome is Outcome.OVERTURNED and report.finding is Finding.NONE else None
    notify(scene, case, case.filed_side, f"appeal.{outcome}", move.at, reasons=reasons, again=again)
    scene.move(report, f"appeal_{outcome}", at=move.at, after=move)


def _report(scene: Scene, appeal: Case) -> Case:
    if appeal.of_case is None:
        raise LookupError(f"{appeal.id} is no appeal")
    return scene.require(appeal.of_case)


def _held(scene: Scene, report: Case) -> Case | None:
    found = scene.live_appeal(report)
    return scene.require(found) if found else None
