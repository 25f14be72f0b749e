"""What may happen to an appeal? `docs/domain.md` §5; `docs/scenarios.md`, rulings 3 to 7, 18, 22 and 25."""

from states.law import CASES, CaseRow, CaseTable, Who
from states.report import by_ops, is_escalated, not_escalated
from states.situation import Situation
from states.terms import Kind, Outcome, Stage, Status


def under_review(s: Situation) -> bool:
    """The report has no verdict in force yet: the appeal waits for it (ruling 16)."""
    return s.window is not None and s.window.status.to_parties.stage is Stage.UNDER_REVIEW


def upheld(s: Situation) -> bool:
    """The verdict stays as it is."""
    return s.wish.outcome is Outcome.UPHELD


def modified(s: Situation) -> bool:
    """The verdict is made milder."""
    return s.wish.outcome is Outcome.MODIFIED


def overturned(s: Situation) -> bool:
    """The verdict is set aside."""
    return s.wish.outcome is Outcome.OVERTURNED


NEW, SUBMITTED, HELD, QUEUED = Status.NEW, Status.SUBMITTED, Status.HELD, Status.QUEUED
CLAIMED, ASKED, ESCALATED = Status.CLAIMED, Status.AWAITING_ANSWER, Status.ESCALATED
DECIDED, CLOSED = Status.DECIDED, Status.CLOSED

# fmt: off
APPEAL: CaseTable = CaseTable(Kind.APPEAL, Status.NEW, CASES, [
    #   event               from        to          who                 only if                  does
    CaseRow("submit",           NEW,        HELD,       Who.ENTITLED,       (under_review,),         ("file_appeal", "bring_evidence")),
    CaseRow("submit",           NEW,        SUBMITTED,  Who.ENTITLED,       (),                      ("file_appeal", "bring_evidence", "contest")),
    CaseRow("queue",            SUBMITTED,  QUEUED,     Who.ENGINE,         (),                      ("start_review",)),
    CaseRow("queue",            HELD,       QUEUED,     Who.REPORT,         (),                      ("start_review", "bar", "contest")),
    CaseRow("become_moot",      HELD,       CLOSED,     Who.REPORT,         (),                      ("release_report",),   outcome=Outcome.MOOT),

    CaseRow("claim",            QUEUED,     CLAIMED,    Who.SENIOR,         (),                      ("take",)),
    CaseRow("claim",            ESCALATED,  CLAIMED,    Who.SENIOR,         (),                      ("take",)),
    CaseRow("renew",            CLAIMED,    CLAIMED,    Who.CLAIMER,        (),                      ("take",)),
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

    CaseRow("decide",           CLAIMED,    DECIDED,    Who.SENIOR_CLAIMER, (upheld,),               ("let_go", "judge")),
    CaseRow("decide",           CLAIMED,    DECIDED,    Who.SENIOR_CLAIMER, (),                      ("let_go", "judge"),   grave=True),
    CaseRow("uphold",           DECIDED,    CLOSED,     Who.ENGINE,         (upheld,),               ("answer_report",),    outcome=Outcome.UPHELD),
    CaseRow("modify",           DECIDED,    CLOSED,     Who.ENGINE,         (modified,),             ("answer_report",),    outcome=Outcome.MODIFIED),
    CaseRow("overturn",         DECIDED,    CLOSED,     Who.ENGINE,         (overturned,),           ("answer_report",),    outcome=Outcome.OVERTURNED),

    CaseRow("withdraw",         HELD,       CLOSED,     Who.FILER,          (),                      ("release_report",),   outcome=Outcome.WITHDRAWN),
    CaseRow("withdraw",         QUEUED,     CLOSED,     Who.FILER,          (),                      ("release_report",),   outcome=Outcome.WITHDRAWN),
    CaseRow("withdraw",         CLAIMED,    CLOSED,     Who.FILER,          (),                      ("let_go", "release_report"), outcome=Outcome.WITHDRAWN),
    CaseRow("withdraw",         ASKED,      CLOSED,     Who.FILER,          (),                      ("stop_asking", "release_report"),   outcome=Outcome.WITHDRAWN),
    CaseRow("withdraw",         ESCALATED,  CLOSED,     Who.FILER,          (),                      ("release_report",),   outcome=Outcome.WITHDRAWN),

    CaseRow("note",             HELD,       HELD,       Who.REVIEWER,       (),                      ("note",)),
    CaseRow("note",             QUEUED,     QUEUED,     Who.REVIEWER,       (),                      ("note",)),
    CaseRow("note",             CLAIMED,    CLAIMED,    Who.REVIEWER,       (),                      ("note",)),
    CaseRow("note",             ASKED,      ASKED,      Who.REVIEWER,       (),                      ("note",)),
    CaseRow("note",             ESCALATED,  ESCALATED,  Who.REVIEWER,       (),                      ("note",)),
])
# fmt: on
