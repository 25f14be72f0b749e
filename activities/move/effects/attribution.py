"""What does a creator's violation cost the agency that managed them? Its score, where its clause says so (§2.9).

The agency's additional penalties are brought by the creator's own violation (`activities/move/triggers.py`).
"""

from sqlalchemy import RowMapping

from activities.move import recipients
from activities.move.notify import tell
from activities.move.scene import Move, Scene
from activities.score.pricing import Change
from activities.score.rescore import NOTHING, Told
from rulebook import calendar
from rulebook.terms import SubjectKind
from store import verdict
from store.case import Case

# The columns that the agency's violation has from the creator's, also after an appeal.
SHARED = ("case", "clause", "occurred_at", "decided_at", "severity", "extra", "stands")


def attribute(scene: Scene, case: Case, move: Move, origin: RowMapping) -> None:
    """Charge the creator's violation to the agency too, if there was one and its rules say so; it alone is told."""
    if case.agency is None:
        return
    agency = scene.subjects(case.agency)[case.agency]
    rulebook = origin["agency_rulebook"] or origin["rulebook"]
    policy = scene.timeline.policy(rulebook, agency.region)
    clause = policy.clauses.get(origin["clause"])
    if clause is None or "creator" not in clause.attributed_via:
        return
    scheme = policy.scheme_of(SubjectKind.AGENCY)
    of_period = calendar.period(scheme.period, case.occurred_at, policy.zone) if scheme else None
    row = verdict.charge(
        scene.connection,
        {name: origin[name] for name in SHARED}
        | {"id": f"{origin['id']}@{agency.id}", "origin": origin["id"], "price": 0}
        | {"subject": agency.id, "scheme": scheme.key if scheme else None, "period": of_period, "rulebook": rulebook}
        | {"on_trial": not clause.enforced},
    )
    brought = _rescore(scene, case, move, row, "verdict")
    about = {"creator": case.subject, "clause": row["clause"], "severity": row["severity"]}
    told = {"penalties": brought.imposed, "score": brought.points}
    tell(scene, recipients.agency(agency.id), case, "attribution.charged", move.at, **about, **told)


def follow(scene: Scene, case: Case, move: Move, theirs: RowMapping, what: str) -> None:
    """Let the agency's score follow when a violation is `overturned`, `set_aside` or `modified`; only it is told."""
    after = _rescore(scene, case, move, theirs, what)
    told = {"creator": case.subject, "penalties": after.lifted, "score": after.points}
    tell(scene, recipients.agency(theirs["subject"]), case, f"attribution.{what}", move.at, **told)


def _rescore(scene: Scene, case: Case, move: Move, theirs: RowMapping, reason: str) -> Told:
    agency = scene.subjects(theirs["subject"])[theirs["subject"]]
    rescored = scene.rescore(agency, theirs["period"], Change(move.at, reason, case.id, theirs["id"]))
    return rescored.told if rescored else NOTHING
