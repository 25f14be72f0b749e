"""What did each effect of a table do to the case's row? By their names there; those that did nothing are not here.

Computed independently of `activities/move/effects/`, from what the journal says and the rules that the case pins.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from rulebook.policy import Policy
from rulebook.span import Span
from states.terms import Finding, Kind, Side
from store.case import Case


@dataclass
class Told(Case):
    """A case as its journal tells it; `proposed` is the finding that waits for its second vote."""

    proposed: Finding | None = None


@dataclass(frozen=True)
class Played:
    """A line of the journal: the case that it moved, those beside it by their ids, who made it, and what it says."""

    case: Told
    beside: Mapping[str, Told]
    actor: str
    at: datetime
    facts: Mapping[str, Any]
    policy: Policy

    def after(self, span: Span) -> datetime:
        return span.after(self.at, self.policy.zone)

    @property
    def report(self) -> Told:
        """The report that an appeal is about."""
        return self.beside[self.case.of_case or ""]


def _file_appeal(p: Played) -> None:
    p.case.barred = sorted({*p.report.deciders, *p.report.barred})


def _bar_deciders(p: Played) -> None:
    first = p.beside[p.case.again or ""]
    deciders = {name for one in p.beside.values() if first.id in {one.id, one.of_case} for name in one.deciders}
    p.case.barred = sorted({p.actor, *first.barred, *deciders})


def _start_review(p: Played) -> None:
    steps = p.policy.procedure
    p.case.review_due_at = p.after(
        steps.review_deadline if p.case.kind is Kind.REPORT else steps.appeals_review_deadline
    )


def _take(p: Played) -> None:
    p.case.claimed_by, p.case.ever_claimed = p.actor, True
    p.case.lease_until = p.after(p.policy.procedure.review_claim_lease)


def _let_go(p: Played) -> None:
    p.case.claimed_by = p.case.lease_until = None


def _escalate(p: Played) -> None:
    p.case.escalated = True
    p.case.escalated_due_at = p.case.escalated_due_at or p.after(p.policy.procedure.review_escalated_deadline)


def _raise_incident(p: Played) -> None:
    said = p.facts.get("until")  # lines of older releases don't say it
    again = datetime.fromisoformat(said) if said else p.after(p.policy.procedure.review_escalated_deadline)
    p.case.escalated_due_at = again


def _ask(p: Played) -> None:
    p.case.asked, p.case.asked_at = Side(p.facts["to"]), p.at
    p.case.answer_due_at = p.after(p.policy.procedure.review_answer_deadline)


def _answer(p: Played) -> None:
    waited = p.at - p.case.asked_at if p.case.asked_at else None
    for name in ("review_due_at", "escalated_due_at"):
        due = getattr(p.case, name)
        if waited and due:
            setattr(p.case, name, due + waited)
    _stop_asking(p)


def _stop_asking(p: Played) -> None:
    p.case.asked = p.case.asked_at = p.case.answer_due_at = None


def _note(p: Played) -> None:
    p.case.notes = (p.case.notes or 0) + 1


def _summarise(p: Played) -> None:
    p.case.summarised = p.facts["text"]


def _review_again(p: Played) -> None:
    p.case.barred = sorted({*p.case.barred, *p.case.deciders})
    p.case.finding = p.case.window_ends_at = p.case.escalated_due_at = None
    p.case.escalated = False


def _propose(p: Played) -> None:
    _take_part(p)
    p.case.proposer, p.case.proposed = p.actor, Finding(p.facts["finding"])
    p.case.approval_due_at = p.after(p.policy.procedure.review_approval_deadline)


def _pronounce(p: Played) -> None:
    _take_part(p)
    p.case.finding = Finding(p.facts["finding"])


def _lapse(p: Played) -> None:
    p.case.proposer = p.case.approval_due_at = None


def _reject(p: Played) -> None:
    _take_part(p)
    _lapse(p)


def _approve(p: Played) -> None:
    p.case.finding = p.case.proposed
    _reject(p)


def _take_part(p: Played) -> None:
    p.case.deciders = sorted({*p.case.deciders, p.actor})


def _open_window(p: Played) -> None:
    p.case.window_ends_at = datetime.fromisoformat(p.facts["window_ends"])


def _answer_report(p: Played) -> None:
    p.report.deciders = sorted({*p.report.deciders, *p.case.deciders})


EFFECTS: dict[str, Callable[[Played], None]] = {
    "file_appeal": _file_appeal,
    "bar": _file_appeal,
    "bar_deciders": _bar_deciders,
    "start_review": _start_review,
    "take": _take,
    "let_go": _let_go,
    "escalate": _escalate,
    "raise_incident": _raise_incident,
    "ask": _ask,
    "answer": _answer,
    "stop_asking": _stop_asking,
    "note": _note,
    "summarise": _summarise,
    "review_again": _review_again,
    "propose": _propose,
    "pronounce": _pronounce,
    "approve": _approve,
    "reject": _reject,
    "lapse": _lapse,
    "judge": _take_part,
    "set_aside": _take_part,
    "open_window": _open_window,
    "answer_report": _answer_report,
}
