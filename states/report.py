"""What may happen to a report? `docs/domain.md` §4 and §6; `docs/scenarios.md`, rulings 3 to 7, 15, 16, 19 to 25."""

from states.law import CASES, CaseRow, CaseTable, Who
from states.situation import Situation
from states.terms import Finding, Kind, Outcome, Role, Status


def is_escalated(s: Situation) -> bool:
    """The case was escalated before: what would go back to the queue goes back to `escalated`."""
    return s.escalated


def not_escalated(s: Situation) -> bool:
    """The case was never escalated."""
    return not s.escalated


def by_ops(s: Situation) -> bool:
    """Ops put back what an absent colleague had claimed (`docs/domain.md` §7)."""
    return s.actor.role is Role.OPS


def has_extra(s: Situation) -> bool:
    """The verdict has an extra deduction (`docs/domain.md` §2.4)."""
    return s.wish.extra > 0


def needs_second_vote(s: Situation) -> bool:
    """The rulebook's `review.second_vote` requires one for this verdict; `activities/move/wish.py` holds it against it."""
    return s.wish.second_vote


def severe(s: Situation) -> bool:
    """The verdict finds a severe violation."""
    return s.wish.severe


def filed_again(s: Situation) -> bool:
    """A closed report is filed again (ruling 20)."""
    return s.wish.again


def found_duplicate(s: Situation) -> bool:
    """The verdict finds a duplicate of another report."""
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
REPORT: CaseTable = CaseTable(Kind.REPORT, Status.NEW, CASES, [
    #   event               from        to          who                 only if                  does
    CaseRow("submit",           NEW,        SUBMITTED,  Who.MENDER,         (filed_again,),          ("file_report", "bring_evidence", "bar_deciders", "announce_again")),
    CaseRow("submit",           NEW,        SUBMITTED,  Who.REPORTER,       (),                      ("file_report", "bring_evidence", "take_slot")),
    CaseRow("queue",            SUBMITTED,  QUEUED,     Who.ENGINE,         (),                      ("start_review",)),

    CaseRow("claim",            QUEUED,     CLAIMED,    Who.MODERATOR,      (),                      ("take",)),
    CaseRow("claim",            ESCALATED,  CLAIMED,    Who.SENIOR,         (),                      ("take",)),
    CaseRow("renew",            CLAIMED,    CLAIMED,    Who.CLAIMER,        (),                      ("take",)),
    CaseRow("summarise",        CLAIMED,    CLAIMED,    Who.CLAIMER,        (),                      ("keep_words", "summarise")),
    CaseRow("release",          CLAIMED,    QUEUED,     Who.OPS,            (by_ops, not_escalated), ("let_go", "keep_words")),
    CaseRow("release",          CLAIMED,    ESCALATED,  Who.OPS,            (by_ops, is_escalated),  ("let_go", "keep_words")),
    CaseRow("release",          CLAIMED,    QUEUED,     Who.CLAIMER,        (not_escalated,),        ("let_go", "keep_words")),
    CaseRow("release",          CLAIMED,    ESCALATED,  Who.CLAIMER,        (is_escalated,),         ("let_go", "keep_words")),
    CaseRow("lease_ran_out",    CLAIMED,    QUEUED,     Who.CLOCK,          (not_escalated,),        ("let_go",),           due="lease_until"),
    CaseRow("lease_ran_out",    CLAIMED,    ESCALATED,  Who.CLOCK,          (is_escalated,),         ("let_go",),           due="lease_until"),
    CaseRow("claimer_left",     CLAIMED,    QUEUED,     Who.FEED,           (not_escalated,),        ("let_go",)),
    CaseRow("claimer_left",     CLAIMED,    ESCALATED,  Who.FEED,           (is_escalated,),         ("let_go",)),
    CaseRow("escalate",         CLAIMED,    ESCALATED,  Who.CLAIMER,        (),                      ("let_go", "escalate")),
    CaseRow("overdue",          QUEUED,     ESCALATED,  Who.CLOCK,          (),                      ("escalate",),         due="review_due_at"),
    CaseRow("unattended",       ESCALATED,  ESCALATED,  Who.CLOCK,          (),                      ("raise_incident",),   due="escalated_due_at"),

    CaseRow("ask",              CLAIMED,    ASKED,      Who.CLAIMER,        (),                      ("let_go", "ask")),
    CaseRow("answer",           ASKED,      QUEUED,     Who.ASKED,          (not_escalated,),        ("bring_evidence", "answer")),
    CaseRow("answer",           ASKED,      ESCALATED,  Who.ASKED,          (is_escalated,),         ("bring_evidence", "answer")),
    CaseRow("answer_missed",    ASKED,      QUEUED,     Who.CLOCK,          (not_escalated,),        ("answer",),           due="answer_due_at"),
    CaseRow("answer_missed",    ASKED,      ESCALATED,  Who.CLOCK,          (is_escalated,),         ("answer",),           due="answer_due_at"),

    CaseRow("decide",           CLAIMED,    APPROVAL,   Who.SENIOR_CLAIMER, (has_extra, needs_second_vote), ("let_go", "propose"), grave=True),
    CaseRow("decide",           CLAIMED,    APPROVAL,   Who.CLAIMER,        (needs_second_vote,),    ("let_go", "propose"), grave=True),
    CaseRow("decide",           CLAIMED,    DECIDED,    Who.SENIOR_CLAIMER, (has_extra,),            ("let_go", "pronounce"), grave=True),
    CaseRow("decide",           CLAIMED,    DECIDED,    Who.CLAIMER,        (severe,),               ("let_go", "pronounce"), grave=True),
    CaseRow("decide",           CLAIMED,    DECIDED,    Who.CLAIMER,        (),                      ("let_go", "pronounce")),
    CaseRow("approve",          APPROVAL,   DECIDED,    Who.SECOND_SENIOR,  (),                      ("approve",),          grave=True),
    CaseRow("reject",           APPROVAL,   QUEUED,     Who.SECOND_SENIOR,  (not_escalated,),        ("reject",),           grave=True),
    CaseRow("reject",           APPROVAL,   ESCALATED,  Who.SECOND_SENIOR,  (is_escalated,),         ("reject",),           grave=True),
    CaseRow("approval_lapsed",  APPROVAL,   QUEUED,     Who.CLOCK,          (not_escalated,),        ("lapse",),            due="approval_due_at"),
    CaseRow("approval_lapsed",  APPROVAL,   ESCALATED,  Who.CLOCK,          (is_escalated,),         ("lapse",),            due="approval_due_at"),

    CaseRow("conclude",         DECIDED,    CLOSED,     Who.ENGINE,         (found_duplicate,),      ("give_slot_back", "announce", "end_held_appeal"), outcome=Outcome.DUPLICATE),
    CaseRow("open_window",      DECIDED,    OPEN,       Who.ENGINE,         (violation,),            ("charge", "open_window", "announce", "start_held_appeal")),
    CaseRow("open_window",      DECIDED,    OPEN,       Who.ENGINE,         (reporter_may_appeal,),  ("open_window", "announce", "end_held_appeal")),
    CaseRow("conclude",         DECIDED,    CLOSED,     Who.ENGINE,         (dismissed,),            ("announce", "end_held_appeal"),  outcome=Outcome.DISMISSED),

    CaseRow("appeal",           OPEN,       APPEALED,   Who.APPEAL,         ()),
    CaseRow("appeal_withdrawn", APPEALED,   OPEN,       Who.APPEAL,         ()),
    CaseRow("appeal_upheld",    APPEALED,   CLOSED,     Who.APPEAL,         (),                      ("announce_appeal",),  outcome=Outcome.UPHELD),
    CaseRow("appeal_modified",  APPEALED,   CLOSED,     Who.APPEAL,         (violation,),            ("modify", "announce_appeal"), outcome=Outcome.MODIFIED),
    CaseRow("appeal_overturned", APPEALED,  CLOSED,     Who.APPEAL,         (violation,),            ("overturn", "take_back", "announce_appeal"), outcome=Outcome.OVERTURNED),
    CaseRow("appeal_overturned", APPEALED,  QUEUED,     Who.APPEAL,         (dismissed,),            ("overturn", "review_again", "start_review", "announce_review")),
    CaseRow("set_aside",        OPEN,       QUEUED,     Who.OTHER_SENIOR,   (violation,),            ("set_aside", "take_back", "review_again", "start_review", "announce_set_aside"), grave=True),
    CaseRow("set_aside",        OPEN,       QUEUED,     Who.OTHER_SENIOR,   (dismissed,),            ("set_aside", "review_again", "start_review", "announce_set_aside"), grave=True),

    CaseRow("window_over",      OPEN,       CLOSED,     Who.CLOCK,          (violation,),            (),                    due="window_ends_at", outcome=Outcome.WINDOW_OVER),
    CaseRow("window_over",      OPEN,       CLOSED,     Who.CLOCK,          (dismissed,),            (),                    due="window_ends_at", outcome=Outcome.DISMISSED),

    CaseRow("withdraw",         QUEUED,     CLOSED,     Who.FILER,          (),                      ("give_slot_back", "end_held_appeal", "announce_withdrawal"), outcome=Outcome.WITHDRAWN),
    CaseRow("withdraw",         CLAIMED,    CLOSED,     Who.FILER,          (),                      ("let_go", "give_slot_back", "end_held_appeal", "announce_withdrawal"), outcome=Outcome.WITHDRAWN),
    CaseRow("withdraw",         ASKED,      CLOSED,     Who.FILER,          (),                      ("stop_asking", "give_slot_back", "end_held_appeal", "announce_withdrawal"), outcome=Outcome.WITHDRAWN),
    CaseRow("withdraw",         ESCALATED,  CLOSED,     Who.FILER,          (),                      ("give_slot_back", "end_held_appeal", "announce_withdrawal"), outcome=Outcome.WITHDRAWN),
    CaseRow("withdraw",         APPROVAL,   CLOSED,     Who.FILER,          (),                      ("lapse", "give_slot_back", "end_held_appeal", "announce_withdrawal"), outcome=Outcome.WITHDRAWN),

    CaseRow("note",             QUEUED,     QUEUED,     Who.REVIEWER,       (),                      ("note",)),
    CaseRow("note",             CLAIMED,    CLAIMED,    Who.REVIEWER,       (),                      ("note",)),
    CaseRow("note",             ASKED,      ASKED,      Who.REVIEWER,       (),                      ("note",)),
    CaseRow("note",             ESCALATED,  ESCALATED,  Who.REVIEWER,       (),                      ("note",)),
    CaseRow("note",             APPROVAL,   APPROVAL,   Who.REVIEWER,       (),                      ("note",)),
    CaseRow("note",             OPEN,       OPEN,       Who.REVIEWER,       (),                      ("note",)),
    CaseRow("note",             APPEALED,   APPEALED,   Who.REVIEWER,       (),                      ("note",)),
])
# fmt: on
