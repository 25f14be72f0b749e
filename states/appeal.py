"""What may happen to an appeal? `docs/domain.md` §5; `docs/scenarios.md`, rulings 3 to 7."""

from states.law import Who
from states.report import is_escalated, not_escalated
from states.situation import Situation
from states.table import Row, Table
from states.terms import Kind, Outcome, Stage, Status


def under_review(s: Situation) -> bool:
    """The report has no verdict yet: the appeal waits for it."""
    return s.window is not None and s.window.status.stage is Stage.UNDER_REVIEW


def upheld(s: Situation) -> bool:
    """The verdict stays as it is."""
    return s.wish.outcome is Outcome.UPHELD


def modified(s: Situation) -> bool:
    """The verdict is made milder."""
    return s.wish.outcome is Outcome.MODIFIED


def overturned(s: Situation) -> bool:
    """The verdict falls."""
    return s.wish.outcome is Outcome.OVERTURNED


NEW, SUBMITTED, HELD, QUEUED = Status.NEW, Status.SUBMITTED, Status.HELD, Status.QUEUED
CLAIMED, ASKED, ESCALATED = Status.CLAIMED, Status.AWAITING_ANSWER, Status.ESCALATED
DECIDED, CLOSED = Status.DECIDED, Status.CLOSED

# fmt: off
APPEAL = Table(Kind.APPEAL, [
    #   event               from        to          who                 only if                  does
    Row("submit",           NEW,        HELD,       Who.ENTITLED,       (under_review,),         ("file_appeal",)),
    Row("submit",           NEW,        SUBMITTED,  Who.ENTITLED,       (),                      ("file_appeal", "contest")),
    Row("queue",            SUBMITTED,  QUEUED,     Who.ENGINE,         (),                      ("start_review",)),
    Row("queue",            HELD,       QUEUED,     Who.REPORT,         (),                      ("start_review", "bar", "contest")),
    Row("become_moot",      HELD,       CLOSED,     Who.REPORT,         (),                      ("release_report",),   outcome=Outcome.MOOT),

    Row("claim",            QUEUED,     CLAIMED,    Who.SENIOR,         (),                      ("take",)),
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

    Row("decide",           CLAIMED,    DECIDED,    Who.SENIOR_CLAIMER, (),                      ("let_go", "judge")),
    Row("uphold",           DECIDED,    CLOSED,     Who.ENGINE,         (upheld,),               ("answer_report",),    outcome=Outcome.UPHELD),
    Row("modify",           DECIDED,    CLOSED,     Who.ENGINE,         (modified,),             ("answer_report",),    outcome=Outcome.MODIFIED),
    Row("overturn",         DECIDED,    CLOSED,     Who.ENGINE,         (overturned,),           ("answer_report",),    outcome=Outcome.OVERTURNED),

    Row("withdraw",         HELD,       CLOSED,     Who.FILER,          (),                      ("release_report",),   outcome=Outcome.WITHDRAWN),
    Row("withdraw",         QUEUED,     CLOSED,     Who.FILER,          (),                      ("release_report",),   outcome=Outcome.WITHDRAWN),
    Row("withdraw",         CLAIMED,    CLOSED,     Who.FILER,          (),                      ("let_go", "release_report"), outcome=Outcome.WITHDRAWN),
    Row("withdraw",         ASKED,      CLOSED,     Who.FILER,          (),                      ("stop_asking", "release_report"),   outcome=Outcome.WITHDRAWN),
    Row("withdraw",         ESCALATED,  CLOSED,     Who.FILER,          (),                      ("release_report",),   outcome=Outcome.WITHDRAWN),
])
# fmt: on
