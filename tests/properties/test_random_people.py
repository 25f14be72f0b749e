"""Whatever anybody tries on a report and its appeals, the laws of the texts hold; they are told here without the table."""

from random import Random

import pytest
from chance import DEPTH, dice
from docket import LEADS, PEOPLE, REVIEWING, SIDES, Docket, Made
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from states.situation import CLOCK, ENGINE
from states.tables import TABLES
from states.terms import REVIEWERS, Finding, Kind, Role, Stage, Status

many = settings(max_examples=500 * DEPTH, deadline=None, suppress_health_check=list(HealthCheck))
BY_CLAIMER = {"ask", "decide", "escalate", "release", "renew", "summarise"}
# Without a verdict in force (ruling 16).
UNDECIDED = REVIEWING | {Status.AWAITING_APPROVAL}
DEADLINES = {
    "lease_ran_out": {Status.CLAIMED},
    "overdue": {Status.QUEUED},
    "unattended": {Status.ESCALATED},
    "answer_missed": {Status.AWAITING_ANSWER},
    "approval_lapsed": {Status.AWAITING_APPROVAL},
    "window_over": {Status.OPEN},
}


def held(by_reporter: bool, tries: list[Random]) -> Docket:
    docket = Docket(by_reporter=by_reporter)
    for die in tries:
        docket.attempt(die)
    return docket


@pytest.mark.parametrize("by_reporter", [False, True], ids=["base", "EU"])
@given(tries=st.lists(dice, max_size=80))
@many
def test_the_laws_hold_whoever_tries_whatever(tries: list[Random], *, by_reporter: bool) -> None:
    for made in held(by_reporter, tries).made:
        assert [law.__name__ for law in LAWS if not law(made)] == [], made


def test_chance_goes_through_every_row_of_the_tables() -> None:
    seeds = [list(range(start, start + 80)) for start in range(0, 40_000, 80)]
    dockets = [held(number % 2 == 0, [Random(seed) for seed in tries]) for number, tries in enumerate(seeds)]  # noqa: S311  # chance, not secrets
    seen = {id(made.row) for docket in dockets for made in docket.made}
    rows = [row for table in TABLES.values() for row in table.rows]
    assert [(row.event, row.source.value, row.target.value) for row in rows if id(row) not in seen] == []


def closed_is_final(made: Made) -> bool:
    return made.before.status is not Status.CLOSED


def nobody_moves_what_they_do_not_see(made: Made) -> bool:
    return made.before.standpoint.sees


def only_reviewers_of_the_region_claim(made: Made) -> bool:
    return made.row.event != "claim" or (made.actor.role in REVIEWERS and made.before.region in made.actor.regions)


def nobody_claims_what_they_are_barred_from(made: Made) -> bool:
    return made.row.event != "claim" or made.actor.id not in made.before.barred


def who_took_part_in_a_verdict_never_decides_its_appeal(made: Made) -> bool:
    decides = made.row.event in {"claim", "decide"} and made.before.kind is Kind.APPEAL
    return not decides or made.actor.id not in made.deciders


def nobody_claims_what_is_claimed(made: Made) -> bool:
    return made.row.event != "claim" or made.before.claimed_by is None


def seniors_alone_claim_appeals_and_what_was_escalated(made: Made) -> bool:
    senior = made.before.kind is Kind.APPEAL or made.before.escalated
    return made.row.event != "claim" or not senior or made.actor.role is Role.SENIOR_MODERATOR


def only_the_claimer_decides_asks_escalates_and_releases(made: Made) -> bool:
    return made.row.event not in BY_CLAIMER or made.before.claimed_by == made.actor.id or puts_back(made)


def puts_back(made: Made) -> bool:
    """Ops put back what an absent colleague had claimed."""
    return made.row.event == "release" and made.actor.role is Role.OPS


def a_grave_verdict_waits_for_a_second_vote(made: Made) -> bool:
    if made.row.event != "decide" or made.before.kind is Kind.APPEAL:
        return True
    senior = made.actor.role is Role.SENIOR_MODERATOR or not made.before.wish.extra
    return senior and (made.row.target is Status.AWAITING_APPROVAL) == made.before.wish.second_vote


def the_second_vote_is_another_senior_s(made: Made) -> bool:
    if made.row.event not in {"approve", "reject"}:
        return True
    another = made.actor.id != made.before.proposer
    return another and made.actor.role is Role.SENIOR_MODERATOR and made.before.region in made.actor.regions


def only_a_second_vote_ends_the_waiting_for_one_well(made: Made) -> bool:
    waited = made.before.status is Status.AWAITING_APPROVAL
    return not waited or (made.row.target is Status.DECIDED) == (made.row.event == "approve")


def who_filed_or_leads_its_agency_withdraws_before_the_decision(made: Made) -> bool:
    if made.row.event != "withdraw":
        return True
    filer = PEOPLE[made.file.filer]
    may = made.actor == filer or (made.actor.role in LEADS and made.actor.agency == filer.agency is not None)
    return may and made.before.status in UNDECIDED | {Status.HELD}


def somebody_else_of_the_seniors_sets_a_verdict_aside(made: Made) -> bool:
    if made.row.event != "set_aside":
        return True
    another = made.actor.id not in made.deciders and made.actor.role is Role.SENIOR_MODERATOR
    return another and made.before.status is Status.OPEN and made.before.region in made.actor.regions


def a_second_review_is_by_others_than_the_first(made: Made) -> bool:
    again = made.row.event == "claim" and made.before.kind is Kind.REPORT and made.before.barred
    return not again or made.actor.id not in made.before.barred


def notes_are_of_reviewers_of_the_region(made: Made) -> bool:
    return made.row.event != "note" or (made.actor.role in REVIEWERS and made.before.region in made.actor.regions)


def the_side_that_was_asked_answers(made: Made) -> bool:
    return made.row.event != "answer" or SIDES.get(made.actor.agency or "") is made.before.asked


def time_alone_passes_deadlines_and_decides_nothing(made: Made) -> bool:
    if made.row.event not in DEADLINES:
        return made.actor != CLOCK
    decided = made.row.target in {Status.DECIDED, Status.AWAITING_APPROVAL}
    return made.actor == CLOCK and made.before.status in DEADLINES[made.row.event] and not decided


def who_has_no_part_in_a_case_moves_nothing(made: Made) -> bool:
    parties = made.actor.agency in SIDES or made.actor.role in REVIEWERS or made.actor in (CLOCK, ENGINE)
    platform = made.actor.role is Role.PLATFORM and made.row.event in {"submit", "withdraw"}
    return parties or platform or puts_back(made)


def what_was_escalated_does_not_go_back_to_the_queue(made: Made) -> bool:
    again = made.row.event in {"appeal_overturned", "set_aside"}
    return not made.before.escalated or again or made.row.target is not Status.QUEUED


def stages_come_in_their_order(made: Made) -> bool:
    order = list(Stage)
    back = made.row.event in {"reject", "approval_lapsed", "appeal_overturned", "set_aside"}
    return back or order.index(made.before.status.stage) <= order.index(made.row.target.stage)


def an_appeal_is_of_a_party_in_time_and_the_only_one(made: Made) -> bool:
    if made.before.kind is Kind.REPORT or made.row.event != "submit":
        return True
    window, jade = made.before.window, made.actor.agency == "jade"
    if window is None or window.live_appeal or made.before.now is None:
        return False
    if window.status in UNDECIDED:
        return jade and made.row.target is Status.HELD
    inside = window.status is Status.OPEN and window.ends_at is not None and made.before.now < window.ends_at
    reporter = made.actor.agency == "lotus" and window.by_reporter and window.finding is Finding.NONE
    return inside and (reporter or (jade and window.finding is Finding.VIOLATION))


def an_appeal_ends_with_the_outcome_that_was_decided(made: Made) -> bool:
    wished = {"uphold": "upheld", "modify": "modified", "overturn": "overturned"}.get(made.row.event)
    return wished is None or made.before.wish.outcome == made.row.outcome == wished


def no_agency_reports_itself(made: Made) -> bool:
    return made.before.kind is Kind.APPEAL or made.row.event != "submit" or made.actor.agency != "jade"


LAWS = [
    closed_is_final,
    nobody_moves_what_they_do_not_see,
    only_reviewers_of_the_region_claim,
    nobody_claims_what_they_are_barred_from,
    who_took_part_in_a_verdict_never_decides_its_appeal,
    nobody_claims_what_is_claimed,
    seniors_alone_claim_appeals_and_what_was_escalated,
    only_the_claimer_decides_asks_escalates_and_releases,
    a_grave_verdict_waits_for_a_second_vote,
    the_second_vote_is_another_senior_s,
    only_a_second_vote_ends_the_waiting_for_one_well,
    who_filed_or_leads_its_agency_withdraws_before_the_decision,
    somebody_else_of_the_seniors_sets_a_verdict_aside,
    a_second_review_is_by_others_than_the_first,
    notes_are_of_reviewers_of_the_region,
    the_side_that_was_asked_answers,
    time_alone_passes_deadlines_and_decides_nothing,
    who_has_no_part_in_a_case_moves_nothing,
    what_was_escalated_does_not_go_back_to_the_queue,
    stages_come_in_their_order,
    an_appeal_is_of_a_party_in_time_and_the_only_one,
    an_appeal_ends_with_the_outcome_that_was_decided,
    no_agency_reports_itself,
]
