"""What may happen to a report? `docs/domain.md` §4 and §6; `docs/scenarios.md`, rulings 3 to 7."""

from states.law import Who
from states.situation import Situation
from states.table import Row, Table
from states.terms import Finding, Kind, Outcome, Status


def is_escalated(s: Situation) -> bool:
    """The case was escalated once: whatever puts it back puts it there."""
    return s.escalated


def not_escalated(s: Situation) -> bool:
    """The case was never escalated."""
    return not s.escalated


def has_extra(s: Situation) -> bool:
    """The verdict takes more than the standard (`docs/domain.md` §2.4)."""
    return s.wish.extra > 0


def needs_second_vote(s: Situation) -> bool:
    """The rulebook's `review.second_vote` asks for one."""
    return s.wish.severe_agency_verdict


def found_duplicate(s: Situation) -> bool:
    """The verdict names another report."""
    return s.finding is Finding.DUPLICATE


def reporter_may_appeal(s: Situation) -> bool:
    """No violation was found, and the rulebook lets the reporter appeal that (`appeals.by_reporter`)."""
    return s.finding is Finding.NONE and s.window is not None and s.window.by_reporter


def dismissed(s: Situation) -> bool:
    """No violation was found."""
    return s.finding is Finding.NONE


def violation(s: Situation) -> bool:
    """A violation was found."""
    return s.finding is Finding.VIOLATION


NEW, SUBMITTED, QUEUED, CLAIMED = Status.NEW, Status.SUBMITTED, Status.QUEUED, Status.CLAIMED
ASKED, ESCALATED, APPROVAL = Status.AWAITING_ANSWER, Status.ESCALATED, Status.AWAITING_APPROVAL
DECIDED, OPEN, APPEALED, CLOSED = Status.DECIDED, Status.OPEN, Status.UNDER_APPEAL, Status.CLOSED

# fmt: off
REPORT = Table(Kind.REPORT, [
    #   event               from        to          who                 only if                  does
    Row("submit",           NEW,        SUBMITTED,  Who.REPORTER,       (),                      ("file_report", "take_slot")),
    Row("queue",            SUBMITTED,  QUEUED,     Who.ENGINE,         (),                      ("start_review",)),

    Row("claim",            QUEUED,     CLAIMED,    Who.MODERATOR,      (),                      ("take",)),
    Row("claim",            ESCALATED,  CLAIMED,    Who.SENIOR,         (),                      ("take",)),
    Row("release",          CLAIMED,    QUEUED,     Who.CLAIMER,        (not_escalated,),        ("let_go",)),
    Row("release",          CLAIMED,    ESCALATED,  Who.CLAIMER,        (is_escalated,),         ("let_go",)),
    Row("lease_ran_out",    CLAIMED,    QUEUED,     Who.CLOCK,          (not_escalated,),        ("let_go",),           due="lease_until"),
    Row("lease_ran_out",    CLAIMED,    ESCALATED,  Who.CLOCK,          (is_escalated,),         ("let_go",),           due="lease_until"),
    Row("escalate",         CLAIMED,    ESCALATED,  Who.CLAIMER,        (),                      ("let_go", "escalate")),
    Row("overdue",          QUEUED,     ESCALATED,  Who.CLOCK,          (),                      ("escalate",),         due="review_due_at"),
    Row("unattended",       ESCALATED,  ESCALATED,  Who.CLOCK,          (),                      ("raise_incident",),   due="escalated_due_at"),

    Row("ask",              CLAIMED,    ASKED,      Who.CLAIMER,        (),                      ("let_go", "ask")),
    Row("answer",           ASKED,      QUEUED,     Who.ASKED,          (not_escalated,),        ("answer",)),
    Row("answer",           ASKED,      ESCALATED,  Who.ASKED,          (is_escalated,),         ("answer",)),
    Row("answer_missed",    ASKED,      QUEUED,     Who.CLOCK,          (not_escalated,),        ("answer",),           due="answer_due_at"),
    Row("answer_missed",    ASKED,      ESCALATED,  Who.CLOCK,          (is_escalated,),         ("answer",),           due="answer_due_at"),

    Row("decide",           CLAIMED,    APPROVAL,   Who.SENIOR_CLAIMER, (has_extra,),            ("let_go", "propose")),
    Row("decide",           CLAIMED,    APPROVAL,   Who.CLAIMER,        (needs_second_vote,),    ("let_go", "propose")),
    Row("decide",           CLAIMED,    DECIDED,    Who.CLAIMER,        (),                      ("let_go", "pronounce")),
    Row("approve",          APPROVAL,   DECIDED,    Who.SECOND_SENIOR,  (),                      ("approve",)),
    Row("reject",           APPROVAL,   QUEUED,     Who.SECOND_SENIOR,  (not_escalated,),        ("reject",)),
    Row("reject",           APPROVAL,   ESCALATED,  Who.SECOND_SENIOR,  (is_escalated,),         ("reject",)),
    Row("approval_lapsed",  APPROVAL,   QUEUED,     Who.CLOCK,          (not_escalated,),        ("lapse",),            due="approval_due_at"),
    Row("approval_lapsed",  APPROVAL,   ESCALATED,  Who.CLOCK,          (is_escalated,),         ("lapse",),            due="approval_due_at"),

    Row("conclude",         DECIDED,    CLOSED,     Who.ENGINE,         (found_duplicate,),      ("give_slot_back", "announce", "end_held_appeal"), outcome=Outcome.DUPLICATE),
    Row("open_window",      DECIDED,    OPEN,       Who.ENGINE,         (violation,),            ("charge", "open_window", "announce", "start_held_appeal")),
    Row("open_window",      DECIDED,    OPEN,       Who.ENGINE,         (reporter_may_appeal,),  ("open_window", "announce", "end_held_appeal")),
    Row("conclude",         DECIDED,    CLOSED,     Who.ENGINE,         (dismissed,),            ("announce", "end_held_appeal"),  outcome=Outcome.DISMISSED),

    Row("appeal",           OPEN,       APPEALED,   Who.APPEAL,         ()),
    Row("appeal_withdrawn", APPEALED,   OPEN,       Who.APPEAL,         ()),
    Row("appeal_upheld",    APPEALED,   CLOSED,     Who.APPEAL,         (),                      (),                    outcome=Outcome.UPHELD),
    Row("appeal_modified",  APPEALED,   CLOSED,     Who.APPEAL,         (violation,),            ("modify",),           outcome=Outcome.MODIFIED),
    Row("appeal_overturned", APPEALED,  CLOSED,     Who.APPEAL,         (violation,),            ("overturn",),         outcome=Outcome.OVERTURNED),
    Row("appeal_overturned", APPEALED,  QUEUED,     Who.APPEAL,         (dismissed,),            ("review_again", "start_review")),

    Row("window_over",      OPEN,       CLOSED,     Who.CLOCK,          (violation,),            (),                    due="window_ends_at", outcome=Outcome.WINDOW_OVER),
    Row("window_over",      OPEN,       CLOSED,     Who.CLOCK,          (dismissed,),            (),                    due="window_ends_at", outcome=Outcome.DISMISSED),

    Row("withdraw",         QUEUED,     CLOSED,     Who.FILER,          (),                      ("give_slot_back", "end_held_appeal"), outcome=Outcome.WITHDRAWN),
    Row("withdraw",         CLAIMED,    CLOSED,     Who.FILER,          (),                      ("let_go", "give_slot_back", "end_held_appeal"), outcome=Outcome.WITHDRAWN),
    Row("withdraw",         ASKED,      CLOSED,     Who.FILER,          (),                      ("stop_asking", "give_slot_back", "end_held_appeal"), outcome=Outcome.WITHDRAWN),
    Row("withdraw",         ESCALATED,  CLOSED,     Who.FILER,          (),                      ("give_slot_back", "end_held_appeal"), outcome=Outcome.WITHDRAWN),
])
# fmt: on
