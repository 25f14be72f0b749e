"""What does a creator's violation cost the agency that managed them? Its score, where the clause says so (§2.9).

What else the agency has to bear of it, the triggers' penalties, the creator's own violation brings.
"""

from sqlalchemy import RowMapping

from activities.rescore import Rescored, rescore
from activities.scene import Move, Scene
from activities.score import Change
from rulebook import calendar
from rulebook.policy import Policy
from rulebook.terms import SubjectKind
from store import verdict
from store.case import Case
from store.party import Subject


def attribute(scene: Scene, case: Case, move: Move, origin: RowMapping) -> None:
    """Charge the creator's violation to the agency too, if there was one; the agency alone is told."""
    if case.agency is None:
        return
    agency, policy = _rules(scene, case, case.agency)
    scheme = policy.scheme_of(SubjectKind.AGENCY)
    of_period = calendar.period(scheme.period, case.occurred_at, policy.zone)
    same = ("case", "clause", "occurred_at", "decided_at", "severity", "extra", "stands")
    row = verdict.charge(
        scene.connection,
        {name: origin[name] for name in same}
        | {"id": f"{origin['id']}@{agency.id}", "origin": origin["id"], "price": 0}
        | {"subject": agency.id, "scheme": scheme.key, "period": of_period},
    )
    brought = follow(scene, case, move, row, "verdict")
    scene.tell(
        agency.id,
        case,
        "verdict.attributed",
        move.at,
        clause=row["clause"],
        severity=row["severity"],
        creator=case.subject,
        penalties=brought.imposed,
        score=brought.points,
    )


def follow(scene: Scene, case: Case, move: Move, theirs: RowMapping, reason: str) -> Rescored:
    """Let the agency's score follow what its violation has become; the agency alone is told what else changed."""
    agency, policy = _rules(scene, case, theirs["subject"])
    why = Change(move.at, reason, case.id, theirs["id"])
    rescored = rescore(scene.connection, agency, theirs["period"], policy, case.rulebook, why)
    if rescored.repriced:
        scene.tell(agency.id, case, "score.repriced", move.at, score=rescored.points)
    if rescored.lifted:
        scene.tell(agency.id, case, "penalty.lifted", move.at, penalties=rescored.lifted)
    return rescored


def _rules(scene: Scene, case: Case, agency: str) -> tuple[Subject, Policy]:
    """The agency, which is locked, and the rules of its region, by the rulebook that the case pins."""
    subject = scene.subjects(agency)[agency]
    return subject, scene.books.policy(scene.connection, case.rulebook, subject.region)
