"""What happens during review? Claims, questions, escalation and their deadlines (`docs/scenarios.md`, ruling 4)."""

from activities.move.effects.announce import accusation
from activities.move.effects.filing import keep_words
from activities.move.input import Ask
from activities.move.notify import notify
from activities.move.scene import Move, Scene
from states.terms import Kind, Side
from store import notice
from store.case import Case


def start_review(_scene: Scene, case: Case, move: Move) -> None:
    """Set the deadline of the review (`review.deadline`, `appeals.review_deadline`)."""
    steps = move.policy.procedure
    span = steps.review_deadline if case.kind is Kind.REPORT else steps.appeals_review_deadline
    case.review_due_at = span.after(move.at, move.policy.zone)


def take(_scene: Scene, case: Case, move: Move) -> None:
    """Give the actor the case on a lease."""
    case.claimed_by = move.actor.id
    case.ever_claimed = True
    case.lease_until = move.policy.procedure.review_claim_lease.after(move.at, move.policy.zone)


def let_go(_scene: Scene, case: Case, _move: Move) -> None:
    """End the claim and its lease; the deadline of the review stays."""
    case.claimed_by = case.lease_until = None


def escalate(_scene: Scene, case: Case, move: Move) -> None:
    """Put the case before seniors, with a deadline of its own, set at the first escalation."""
    if move.command is not None:
        move.facts["reasons"] = move.text("reasons")
    if case.escalated_due_at is None:
        case.escalated_due_at = move.policy.procedure.review_escalated_deadline.after(move.at, move.policy.zone)
    case.escalated = True


def raise_incident(scene: Scene, case: Case, move: Move) -> None:
    """Raise an incident: no senior has claimed the escalated case. Nothing is decided; the deadline is set again."""
    notice.raise_incident(scene.connection, "escalated_unattended", move.at, case=case.id, facts={})
    case.escalated_due_at = move.policy.procedure.review_escalated_deadline.after(scene.at, move.policy.zone)
    move.facts["until"] = case.escalated_due_at.isoformat()


def ask(scene: Scene, case: Case, move: Move) -> None:
    """Ask one side; the other deadlines of the review are paused until it answers."""
    side = move.said.to if isinstance(move.said, Ask) else None
    own = case.filed_side if case.kind is Kind.APPEAL else None
    side = side or own or Side.REPORTER
    case.asked, case.asked_at = side, move.at
    case.answer_due_at = move.policy.procedure.review_answer_deadline.after(move.at, move.policy.zone)
    move.facts |= {"to": side.value, "question": move.text("question")}
    asked: dict[str, object] = {"question": move.text("question"), "until": case.answer_due_at}
    if case.kind is Kind.REPORT and side is Side.RESPONDENT:
        notify(scene, case, side, "case.accused", move.at, **asked, **accusation(case, case.clause))
    else:
        notify(scene, case, side, "case.question", move.at, **asked)


def answer(scene: Scene, case: Case, move: Move) -> None:
    """Go on with the review, with or without an answer; the paused deadlines move on by the time waited."""
    if move.command is not None:
        move.facts |= dict(move.command.texts)
    if case.asked_at is not None:
        waited = move.at - case.asked_at
        case.review_due_at = case.review_due_at + waited if case.review_due_at else None
        case.escalated_due_at = case.escalated_due_at + waited if case.escalated_due_at else None
    stop_asking(scene, case, move)


def stop_asking(_scene: Scene, case: Case, _move: Move) -> None:
    """End the question and its deadline."""
    case.asked = case.asked_at = case.answer_due_at = None


def note(scene: Scene, case: Case, move: Move) -> None:
    """Leave a note for reviewers; the parties' version of the case doesn't count it (ruling 25)."""
    keep_words(scene, case, move)
    case.notes = (case.notes or 0) + 1


def summarise(_scene: Scene, case: Case, move: Move) -> None:
    """Tell the respondent what it is accused of; the last summary is the one that counts (ruling 24)."""
    case.summarised = move.text("text")


def review_again(_scene: Scene, case: Case, _move: Move) -> None:
    """Review the report anew, by somebody who had no part in it (rulings 7, 18 and 19)."""
    case.barred = sorted({*case.barred, *case.deciders})
    case.finding = case.window_ends_at = case.escalated_due_at = None
    case.escalated = False
