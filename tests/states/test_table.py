"""The tables of moves: whatever nobody thought of is refused, and no case gets stuck."""

from copy import deepcopy
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from activities.move.effects import EFFECTS
from states.law import CaseRow as Row
from states.law import CaseTable as Table
from states.law import Who
from states.situation import Actor, Situation, Standpoint, Window, Wish
from states.tables import TABLES
from states.terms import AGENCY_ROLES, Code, Finding, Kind, Outcome, RefusedError, Role, Side, Stage, Status
from store.case import Case

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
REGION = "VN"
REVIEW = frozenset({Role.MODERATOR, Role.SENIOR_MODERATOR})
SENIORS = frozenset({Role.SENIOR_MODERATOR})
ANYBODY = frozenset(Role)
# `docs/domain.md` §7 by role; sides, filing and claims are asked separately.
ROLES: dict[Who, frozenset[Role]] = {
    Who.REPORTER: AGENCY_ROLES | {Role.PLATFORM},
    Who.MODERATOR: REVIEW,
    Who.SENIOR: SENIORS,
    Who.CLAIMER: REVIEW,
    Who.SENIOR_CLAIMER: SENIORS,
    Who.SECOND_SENIOR: SENIORS,
    Who.OPS: frozenset({Role.OPS}),
    Who.OTHER_SENIOR: SENIORS,
    Who.REVIEWER: REVIEW,
    Who.MENDER: SENIORS,
    Who.ASKED: ANYBODY,
    Who.FILER: ANYBODY,
    Who.ENTITLED: AGENCY_ROLES | {Role.CREATOR},
    Who.CLOCK: frozenset({Role.CLOCK}),
    Who.ENGINE: frozenset({Role.ENGINE}),
    Who.REPORT: frozenset({Role.ENGINE}),
    Who.APPEAL: frozenset({Role.ENGINE}),
    Who.FEED: frozenset({Role.ENGINE}),
}
# What waits for time, and what waits for a case that is named by its row.
WAITS = (
    Status.QUEUED,
    Status.CLAIMED,
    Status.AWAITING_ANSWER,
    Status.ESCALATED,
    Status.AWAITING_APPROVAL,
    Status.OPEN,
)
WAITS_FOR = {Status.HELD: Who.REPORT, Status.UNDER_APPEAL: Who.APPEAL}
PLACES = [(table, status) for table in TABLES.values() for status in table.statuses]


def place(kind: Kind, status: Status, role: Role, *, window: Window | None = None) -> Situation:
    """A situation in which the actor may do all that the role may: on each side, claimer, filer, unbarred."""
    standpoint = Standpoint(side=Side.RESPONDENT, filer=True)
    claimed = "me" if status is Status.CLAIMED else None
    asked = Side.RESPONDENT if status is Status.AWAITING_ANSWER else None
    if window is None and kind is Kind.APPEAL and status is Status.NEW:
        window = Window(Status.OPEN, Finding.VIOLATION, ends_at=NOW + timedelta(days=1))
    return Situation(
        kind=kind,
        status=status,
        region=REGION,
        claimed_by=claimed,
        asked=asked,
        window=window,
        now=NOW,
        slots_left=1,
        actor=Actor("me", role, regions=frozenset({REGION})),
        standpoint=standpoint,
        finding=Finding.VIOLATION if status in {Status.DECIDED, Status.OPEN, Status.UNDER_APPEAL} else None,
        wish=Wish(outcome=Outcome.UPHELD),
    )


def refusal(table: Table, situation: Situation, event: str) -> RefusedError:
    """Try the move, hold that it is refused and changes nothing, and give why."""
    before = deepcopy(situation)
    with pytest.raises(RefusedError) as caught:
        table.move(situation, event)
    assert situation == before
    return caught.value


@pytest.mark.parametrize(("table", "status"), PLACES, ids=lambda value: getattr(value, "kind", value))
def test_what_the_table_does_not_say_is_refused_and_what_it_says_is_done(table: Table, status: Status) -> None:
    for event, role in product(table.events, Role):
        situation = place(Kind(table.kind), status, role)
        rows = [r for r in table.rows if (r.event, r.source) == (event, status) and r.applies(situation)]
        if rows and role in ROLES[Who(rows[0].who)]:
            assert table.move(situation, event) is rows[0]
            assert situation.status is rows[0].target
        else:
            code = refusal(table, situation, event).code
            expected = {Code.FORBIDDEN} if rows else {Code.ILLEGAL_MOVE, Code.NOT_CLAIMED_BY_YOU, Code.ALREADY_CLAIMED}
            assert code in expected, (event, role)


@pytest.mark.parametrize("table", TABLES.values(), ids=TABLES)
def test_a_move_that_no_table_knows_is_refused(table: Table) -> None:
    foreign = {event for other in TABLES.values() for event in other.events} - set(table.events)
    for event, status, role in product(("fly", "", "initial", "to_closed", *foreign), table.statuses, Role):
        assert refusal(table, place(Kind(table.kind), status, role), event).code is Code.ILLEGAL_MOVE


@pytest.mark.parametrize("table", TABLES.values(), ids=TABLES)
def test_every_status_is_reachable_and_only_closed_is_a_dead_end(table: Table) -> None:
    assert reached(table, Status.NEW) == set(table.statuses)
    assert all(Status.CLOSED in reached(table, status) for status in table.statuses)
    assert {s for s in table.statuses if not any(r.source is s for r in table.rows)} == {Status.CLOSED}


def reached(table: Table, start: Status) -> set[Status]:
    found: set[Status] = set()
    new = {start}
    while new:
        found |= new
        new = {r.target for r in table.rows if r.source in found} - found
    return found


@pytest.mark.parametrize("table", TABLES.values(), ids=TABLES)
def test_every_deadline_is_a_time_of_the_case(table: Table) -> None:
    clock = [row for row in table.rows if row.who is Who.CLOCK]
    assert all(row.due in Case.__dataclass_fields__ for row in clock)
    assert {row.due for row in clock} <= {"lease_until", *(n for n in Case.__dataclass_fields__ if n.endswith("_at"))}
    assert all(row.due is None for row in table.rows if row.who is not Who.CLOCK)


@pytest.mark.parametrize(("table", "status"), PLACES, ids=lambda value: getattr(value, "kind", value))
def test_whatever_waits_has_a_clock_or_waits_for_a_named_case(table: Table, status: Status) -> None:
    clock = [row for row in table.rows if row.source is status and row.who is Who.CLOCK]
    assert bool(clock) == (status in WAITS)
    if status in WAITS_FOR:
        assert any(row.source is status and row.who is WAITS_FOR[status] for row in table.rows)


@pytest.mark.parametrize(
    ("table", "status"), [(t, s) for t, s in PLACES if s in WAITS], ids=lambda value: getattr(value, "kind", value)
)
def test_whatever_waits_has_a_deadline_in_each_of_its_conditions(table: Table, status: Status) -> None:
    findings = (Finding.VIOLATION, Finding.NONE) if status is Status.OPEN else (None, Finding.VIOLATION)
    for escalated, finding in product((False, True), findings):
        situation = place(Kind(table.kind), status, Role.CLOCK)
        situation.escalated, situation.finding = escalated, finding
        situation.dues = {row.due: NOW for row in table.rows if row.due}
        due = table.next_due(situation)
        assert due is not None
        assert table.move(situation, due[1].event) is due[1]


@pytest.mark.parametrize("table", TABLES.values(), ids=TABLES)
def test_exactly_one_row_follows_each_verdict_and_each_filing(table: Table) -> None:
    for finding, outcome in product(Finding, (Outcome.UPHELD, Outcome.MODIFIED, Outcome.OVERTURNED)):
        for status in (Status.SUBMITTED, Status.DECIDED):
            situation = place(Kind(table.kind), status, Role.ENGINE)
            situation.finding, situation.wish = finding, Wish(outcome=outcome)
            assert table.follow_on(situation) is not None


def test_a_closed_case_has_an_outcome_and_no_other_has() -> None:
    for row in rows():
        assert (row.outcome is not None) == (row.target is Status.CLOSED), row


def test_every_effect_that_is_named_exists_and_every_one_that_exists_is_named() -> None:
    assert {name for row in rows() for name in row.does} == set(EFFECTS)


def test_no_row_starts_anywhere() -> None:
    assert {str(end) for row in rows() for end in (row.source, row.target)} <= {status.value for status in Status}


def rows() -> list[Row]:
    return [row for table in TABLES.values() for row in table.rows]


def under_review(role: Role, **facts: object) -> Situation:
    return replace(place(Kind.REPORT, Status.QUEUED, role), **facts)  # type: ignore[arg-type]


STRANGER = frozenset({"DE"})
BARRED = frozenset({"me"})
# Ruling 1: of several reasons the first one is given. Each line fails for its code and for all that follow it.
ORDER: list[tuple[str, Kind, Code, str, Situation]] = [
    (
        "unseen before claimed",
        Kind.REPORT,
        Code.NOT_FOUND,
        "claim",
        under_review(Role.OWNER, standpoint=Standpoint(sees=False), status=Status.CLAIMED, claimed_by="you"),
    ),
    (
        "claimed before everything else",
        Kind.REPORT,
        Code.ALREADY_CLAIMED,
        "claim",
        under_review(Role.OWNER, status=Status.CLAIMED, claimed_by="you", barred=BARRED),
    ),
    (
        "not the claimer before illegal",
        Kind.REPORT,
        Code.NOT_CLAIMED_BY_YOU,
        "decide",
        under_review(Role.OWNER),
    ),
    (
        "illegal before forbidden",
        Kind.REPORT,
        Code.ILLEGAL_MOVE,
        "claim",
        place(Kind.REPORT, Status.OPEN, Role.OWNER),
    ),
    (
        "one that others were joined to before somebody else's",
        Kind.REPORT,
        Code.ILLEGAL_MOVE,
        "withdraw",
        under_review(Role.OWNER, standpoint=Standpoint(), joined=True),
    ),
    (
        "a part in the verdict before forbidden",
        Kind.REPORT,
        Code.SAME_PERSON,
        "set_aside",
        replace(place(Kind.REPORT, Status.OPEN, Role.MODERATOR), deciders=BARRED),
    ),
    (
        "illegal before the same person",
        Kind.REPORT,
        Code.ILLEGAL_MOVE,
        "approve",
        under_review(Role.OWNER, proposer="me"),
    ),
    (
        "the same person before forbidden",
        Kind.REPORT,
        Code.SAME_PERSON,
        "approve",
        replace(place(Kind.REPORT, Status.AWAITING_APPROVAL, Role.MODERATOR), proposer="me"),
    ),
    (
        "forbidden before a conflict",
        Kind.APPEAL,
        Code.FORBIDDEN,
        "claim",
        replace(place(Kind.APPEAL, Status.QUEUED, Role.MODERATOR), barred=BARRED),
    ),
    (
        "another region before a conflict",
        Kind.APPEAL,
        Code.FORBIDDEN,
        "claim",
        replace(
            place(Kind.APPEAL, Status.QUEUED, Role.SENIOR_MODERATOR),
            barred=BARRED,
            actor=Actor("me", Role.SENIOR_MODERATOR, regions=STRANGER),
        ),
    ),
    (
        "forbidden before the quota",
        Kind.REPORT,
        Code.FORBIDDEN,
        "submit",
        replace(place(Kind.REPORT, Status.NEW, Role.OPS), slots_left=0, standpoint=Standpoint(own_agency=True)),
    ),
    (
        "a conflict before the quota",
        Kind.REPORT,
        Code.CONFLICT_OF_INTEREST,
        "submit",
        replace(place(Kind.REPORT, Status.NEW, Role.OWNER), slots_left=0, standpoint=Standpoint(own_agency=True)),
    ),
    (
        "already appealed before expired",
        Kind.APPEAL,
        Code.ALREADY_APPEALED,
        "submit",
        place(
            Kind.APPEAL,
            Status.NEW,
            Role.OWNER,
            window=Window(Status.OPEN, Finding.VIOLATION, ends_at=NOW, live_appeal=True),
        ),
    ),
    (
        "expired before not eligible",
        Kind.APPEAL,
        Code.APPEAL_EXPIRED,
        "submit",
        place(Kind.APPEAL, Status.NEW, Role.OWNER, window=Window(Status.OPEN, Finding.VIOLATION, ends_at=NOW)),
    ),
    (
        "not eligible",
        Kind.APPEAL,
        Code.APPEAL_NOT_ELIGIBLE,
        "submit",
        place(Kind.APPEAL, Status.NEW, Role.OWNER, window=Window(Status.CLOSED, Finding.NONE)),
    ),
    (
        "the quota is used up",
        Kind.REPORT,
        Code.QUOTA_EXHAUSTED,
        "submit",
        replace(place(Kind.REPORT, Status.NEW, Role.OWNER), slots_left=0),
    ),
]


@pytest.mark.parametrize(("kind", "code", "event", "situation"), [c[1:] for c in ORDER], ids=[c[0] for c in ORDER])
def test_of_several_reasons_the_first_is_given(kind: Kind, code: Code, event: str, situation: Situation) -> None:
    assert refusal(TABLES[kind], situation, event).code is code


def test_one_who_claims_their_own_case_again_is_told_so() -> None:
    found = {by: refusal(TABLES[Kind.REPORT], claimed_by(by), "claim") for by in ("me", "you")}
    assert {by: one.code for by, one in found.items()} == dict.fromkeys(found, Code.ALREADY_CLAIMED)
    assert {by: one.key for by, one in found.items()} == {"me": "claimed_by_yourself", "you": "already_claimed"}


def claimed_by(name: str) -> Situation:
    return replace(place(Kind.REPORT, Status.CLAIMED, Role.MODERATOR), claimed_by=name)


def test_grave_is_whatever_weighs_on_somebody() -> None:
    """So much so that a browser shows its second factor anew: severe, extra, voted, set aside, or what an appeal undoes."""
    report, appeal = TABLES[Kind.REPORT], TABLES[Kind.APPEAL]
    always = {e for t in (report, appeal) for e in t.events if all(r.grave for r in t.rows if r.event == e)}
    assert always == {"approve", "reject", "set_aside"}
    assert {e for t in (report, appeal) for e in t.events if t.may_be_grave(e)} == always | {"decide"}
    verdicts = [(Wish(), False), (Wish(severe=True), True), (Wish(extra=1), True), (Wish(second_vote=True), True)]
    for wish, grave in verdicts:
        situation = replace(place(Kind.REPORT, Status.CLAIMED, Role.SENIOR_MODERATOR), wish=wish)
        assert report.choose(situation, "decide").grave is grave, wish
    for outcome, grave in ((Outcome.UPHELD, False), (Outcome.MODIFIED, True), (Outcome.OVERTURNED, True)):
        situation = replace(place(Kind.APPEAL, Status.CLAIMED, Role.SENIOR_MODERATOR), wish=Wish(outcome=outcome))
        assert appeal.choose(situation, "decide").grave is grave, outcome


@pytest.mark.parametrize("second_vote", [False, True])
def test_an_extra_deduction_is_a_senior_s_whether_the_rulebook_wants_a_second_vote_or_not(*, second_vote: bool) -> None:
    table, wish = TABLES[Kind.REPORT], Wish(Finding.VIOLATION, second_vote, 5)
    plain = replace(place(Kind.REPORT, Status.CLAIMED, Role.MODERATOR), wish=wish)
    assert refusal(table, plain, "decide").code is Code.FORBIDDEN
    senior = replace(place(Kind.REPORT, Status.CLAIMED, Role.SENIOR_MODERATOR), wish=wish)
    assert table.move(senior, "decide").target is (Status.AWAITING_APPROVAL if second_vote else Status.DECIDED)


@pytest.mark.parametrize("table", TABLES.values(), ids=TABLES)
def test_what_stays_where_it_is_closes_nothing_and_is_no_deadline_s_but_an_incident_s(table: Table) -> None:
    staying = {row.event for row in table.rows if row.stays}
    assert staying == {"unattended", "renew", "note"} | ({"summarise"} if table.kind is Kind.REPORT else set())
    assert all(row.stays for row in table.rows if row.event in staying)


def test_a_used_up_quota_says_when_it_opens_again() -> None:
    situation = replace(place(Kind.REPORT, Status.NEW, Role.OWNER), slots_left=0, quota_opens=NOW)
    assert refusal(TABLES[Kind.REPORT], situation, "submit").facts == {"opens_at": NOW.isoformat()}


@pytest.mark.parametrize(("table", "status"), PLACES, ids=lambda value: getattr(value, "kind", value))
def test_the_list_of_allowed_moves_is_what_the_table_does(table: Table, status: Status) -> None:
    wishes = [Wish(outcome=Outcome.UPHELD), Wish(extra=5), Wish(second_vote=True), Wish(again=True)]
    for role in Role:
        if role in {Role.CLOCK, Role.ENGINE}:
            continue
        done = {e for e in table.events for wish in wishes if may(table, status, role, e, wish)}
        assert set(table.allowed(place(Kind(table.kind), status, role))) == done, role


@pytest.mark.parametrize("role", [*sorted(AGENCY_ROLES), Role.CREATOR, Role.PLATFORM])
def test_while_a_second_vote_is_awaited_a_party_may_what_it_may_of_a_claimed_report(role: Role) -> None:
    waiting, claimed = (
        TABLES[Kind.REPORT].allowed(place(Kind.REPORT, status, role))
        for status in (Status.AWAITING_APPROVAL, Status.AWAITING_APPROVAL.to_parties)
    )
    assert waiting == claimed == ["withdraw"]


def may(table: Table, status: Status, role: Role, event: str, wish: Wish) -> bool:
    try:
        table.choose(replace(place(Kind(table.kind), status, role), wish=wish), event)
    except RefusedError:
        return False
    return True


actors = st.builds(
    Actor,
    st.sampled_from(["ann", "mia", "sam", "sue"]),
    st.sampled_from(list(Role)),
    st.none(),
    st.sampled_from([frozenset({REGION}), STRANGER]),
)
standpoints = st.builds(
    Standpoint,
    st.booleans(),
    st.sampled_from([None, *Side]),
    st.booleans(),
    st.booleans(),
    st.booleans(),
)
wishes = st.builds(
    Wish,
    st.sampled_from([None, *Finding]),
    st.booleans(),
    st.sampled_from([0, 5]),
    st.sampled_from([None, Outcome.UPHELD, Outcome.MODIFIED, Outcome.OVERTURNED]),
    st.booleans(),
    st.booleans(),
)
EVENTS = sorted({event for table in TABLES.values() for event in table.events})
attempts = st.lists(st.tuples(st.sampled_from(EVENTS), actors, standpoints, wishes), max_size=60)


@given(st.sampled_from(list(Kind)), attempts)
def test_no_sequence_of_wishes_leaves_the_table(kind: Kind, tries: list[tuple[str, Actor, Standpoint, Wish]]) -> None:
    table, situation, version = TABLES[kind], place(kind, Status.NEW, Role.OWNER), 0
    for event, actor, standpoint, wish in tries:
        situation.actor, situation.standpoint, situation.wish = actor, standpoint, wish
        before = deepcopy(situation)
        try:
            row = table.move(situation, event)
        except RefusedError:
            assert situation == before
            continue
        version += 1
        assert row in table.rows
        assert (row.event, row.source, row.target) == (event, before.status, situation.status)
        assert replace(situation, status=before.status) == before
        settle(situation, row, actor, wish)
        assert situation.status in table.statuses
    assert (version == 0) == (situation.status is Status.NEW)


def settle(situation: Situation, row: Row, actor: Actor, wish: Wish) -> None:
    """What the effects would note, as far as the table looks at it."""
    if row.stays:
        return
    situation.claimed_by = actor.id if row.target is Status.CLAIMED else None
    situation.asked = Side.REPORTER if row.target is Status.AWAITING_ANSWER else None
    situation.proposer = actor.id if row.target is Status.AWAITING_APPROVAL else None
    situation.escalated = situation.escalated or row.target is Status.ESCALATED
    if row.event == "decide":
        situation.finding = wish.finding


def test_the_five_stages_come_in_their_order() -> None:
    assert [s.value for s in Stage] == ["submitted", "under_review", "verdict", "appealable", "closed"]
