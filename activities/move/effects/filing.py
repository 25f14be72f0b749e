"""What do filing and withdrawing do? Notices of receipt, and the month's quota (`docs/domain.md` §4.1)."""

from activities.move.notify import notify
from activities.move.scene import Move, Scene
from rulebook import calendar
from states.terms import Outcome, Side, Status
from store import case as cases
from store import quota
from store.case import Case


def keep_words(_scene: Scene, _case: Case, move: Move) -> None:
    """Keep in the journal the words that the command brought."""
    move.facts |= dict(move.command.texts) if move.command else {}


def file_report(scene: Scene, case: Case, move: Move) -> None:
    """Note the report's texts and facts in the journal, and tell the reporter that it was received."""
    keep_words(scene, case, move)
    move.facts |= {"clause": case.clause, "against": case.respondent, "occurred": case.occurred_at.isoformat()}
    notify(scene, case, Side.REPORTER, "report.received", move.at, clause=case.clause)


def file_appeal(scene: Scene, case: Case, move: Move) -> None:
    """Note the appeal's texts in the journal, and tell who filed it that it was received."""
    keep_words(scene, case, move)
    template = "appeal.held" if move.row.target is Status.HELD else "appeal.received"
    charged = case.subject if case.filed_side is Side.RESPONDENT else None
    notify(scene, case, case.filed_side, template, move.at, report=case.of_case, respondent=charged)


def bar_deciders(scene: Scene, case: Case, move: Move) -> None:
    """Bar from a report that is filed again who had a part in the first one, and who files it (ruling 20)."""
    if case.again is None:
        raise LookupError(f"{case.id} files nothing again")
    first = scene.require(case.again)
    case.barred = sorted({move.actor.id, *first.barred, *cases.took_part(scene.connection, first)})


def take_slot(scene: Scene, case: Case, move: Move) -> None:
    """Take a slot of the reporter's month, in the reporter's time zone. The platform has no quota."""
    if case.filed_agency is None:
        return
    agency, month = case.filed_agency, calendar.month(move.at, scene.policy_now(case.filed_agency).zone)
    quota.take(scene.connection, agency, month, scene.slots(agency, month), case.id, move.at)
    move.facts["quota_month"] = month


def give_slot_back(scene: Scene, case: Case, move: Move) -> None:
    """Give the slot back to its month where `reports.refund_on` says so."""
    refunds = move.policy.procedure.reports_refund_on
    duplicate = move.row.outcome is Outcome.DUPLICATE and "duplicate" in refunds
    unclaimed = not case.ever_claimed and "withdrawn_before_claim" in refunds
    if duplicate or (move.row.outcome is Outcome.WITHDRAWN and unclaimed):
        if case.filed_agency is not None:
            scene.subjects(case.filed_agency)
        quota.give_back(scene.connection, case.id, move.at)
        move.facts["slot"] = "given back"
