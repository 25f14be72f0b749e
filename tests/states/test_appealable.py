"""Can this be appealed? The table of answers, for both sides (`docs/domain.md` §5.3, ruling 6)."""

from datetime import UTC, datetime, timedelta

import pytest

from states.appealable import Appeal, appealable
from states.situation import Window
from states.terms import Finding, Outcome, Side, Stage, Status

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
OVER, LATER = NOW - timedelta(seconds=1), NOW + timedelta(seconds=1)
FOUND, NONE = Finding.VIOLATION, Finding.NONE
AVAILABLE, HIDDEN, EXPIRED = Appeal.AVAILABLE, Appeal.HIDDEN, Appeal.EXPIRED
REVIEW = [status for status in Status if status.stage is Stage.UNDER_REVIEW]


def closed(
    outcome: Outcome, finding: Finding | None, ends_at: datetime | None, *, by_reporter: bool = False, later: int = 0
) -> Window:
    """Closed when its window ended, or so many seconds later."""
    at = ends_at and ends_at + timedelta(seconds=later)
    return Window(Status.CLOSED, finding, outcome, ends_at, at, by_reporter=by_reporter)


# fmt: off
ANSWERS = [
    #                                                                            respondent   reporter
    ("the window is open",            Window(Status.OPEN, FOUND, None, LATER),   AVAILABLE,   HIDDEN),
    ("the window ends now",           Window(Status.OPEN, FOUND, None, NOW),     EXPIRED,     HIDDEN),
    ("the window is over",            closed(Outcome.WINDOW_OVER, FOUND, OVER),  EXPIRED,     HIDDEN),
    ("an appeal outlived it",         closed(Outcome.WINDOW_OVER, FOUND, OVER, later=1), HIDDEN, HIDDEN),
    ("an appeal is alive",            Window(Status.UNDER_APPEAL, FOUND, None, LATER, live_appeal=True), HIDDEN, HIDDEN),
    ("an appeal is held",             Window(Status.CLAIMED, live_appeal=True),  HIDDEN,      HIDDEN),
    ("a second vote is awaited",      Window(Status.AWAITING_APPROVAL),          AVAILABLE,   HIDDEN),
    ("the appeal was rejected",       closed(Outcome.UPHELD, FOUND, LATER),      HIDDEN,      HIDDEN),
    ("the appeal succeeded",          closed(Outcome.OVERTURNED, FOUND, LATER),  HIDDEN,      HIDDEN),
    ("the verdict was made milder",   closed(Outcome.MODIFIED, FOUND, OVER),     HIDDEN,      HIDDEN),
    ("it was withdrawn",              closed(Outcome.WITHDRAWN, None, None),     HIDDEN,      HIDDEN),
    ("it was a duplicate",            closed(Outcome.DUPLICATE, Finding.DUPLICATE, None), HIDDEN, HIDDEN),
    ("nothing was found",             closed(Outcome.DISMISSED, NONE, None),     HIDDEN,      HIDDEN),
    ("nothing was found, in the EU",  Window(Status.OPEN, NONE, None, LATER, by_reporter=True), HIDDEN, AVAILABLE),
    ("that window ends now",          Window(Status.OPEN, NONE, None, NOW, by_reporter=True), HIDDEN, EXPIRED),
    ("that window is over",           closed(Outcome.DISMISSED, NONE, OVER, by_reporter=True), HIDDEN, EXPIRED),
    ("that appeal was rejected",      closed(Outcome.UPHELD, NONE, OVER, by_reporter=True), HIDDEN, HIDDEN),
]
# fmt: on


@pytest.mark.parametrize(("report", "respondent", "reporter"), [a[1:] for a in ANSWERS], ids=[a[0] for a in ANSWERS])
def test_each_side_gets_its_answer(report: Window, respondent: Appeal, reporter: Appeal) -> None:
    assert appealable(report, Side.RESPONDENT, NOW).answer is respondent
    assert appealable(report, Side.REPORTER, NOW).answer is reporter


@pytest.mark.parametrize("status", REVIEW)
def test_under_review_only_the_respondent_can_appeal(status: Status) -> None:
    for ends_at in (None, OVER, LATER):  # a report that is reviewed again has had a window
        report = Window(status, ends_at=ends_at, by_reporter=True)
        assert appealable(report, Side.RESPONDENT, NOW).reason == "held_until_verdict"
        assert appealable(report, Side.RESPONDENT, NOW).answer is AVAILABLE
        assert appealable(report, Side.REPORTER, NOW).answer is HIDDEN


@pytest.mark.parametrize("status", Status)
def test_a_stranger_appeals_nothing_and_learns_nothing(status: Status) -> None:
    found = appealable(Window(status, FOUND, None, LATER, live_appeal=True), None, NOW)
    assert (found.answer, found.reason, found.until) == (HIDDEN, "not_a_party", None)


def test_every_answer_has_a_reason_that_belongs_to_one_answer_alone() -> None:
    answers: dict[str, set[Appeal]] = {}
    for _, report, *_ in ANSWERS:
        for side in (None, *Side):
            found = appealable(report, side, NOW)
            answers.setdefault(found.reason, set()).add(found.answer)
    assert all(len(each) == 1 for each in answers.values())
