"""The table of a version's moves: whatever nobody thought of is refused, and no version gets stuck."""

from copy import deepcopy
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from states.situation import Actor
from states.tables import EVERY
from states.terms import Code, RefusedError, Role
from states.version import BY_PEOPLE, VERSION, Maker, VersionSituation
from states.version_terms import CHAINED, WAVES, VersionStatus

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
# `docs/domain.md` §7 by role; who wrote and who proposed is asked separately.
ROLES: dict[Maker, frozenset[Role]] = {
    Maker.EDITOR: frozenset({Role.POLICY_EDITOR}),
    Maker.AUTHOR: frozenset({Role.POLICY_EDITOR}),
    Maker.SECOND: frozenset({Role.POLICY_APPROVER}),
    Maker.APPROVER: frozenset({Role.POLICY_APPROVER}),
    Maker.HALTER: frozenset({Role.POLICY_APPROVER, Role.OPS}),
    Maker.CLOCK: frozenset({Role.CLOCK}),
    Maker.ENGINE: frozenset({Role.ENGINE}),
    Maker.FOLLOWER: frozenset({Role.ENGINE}),
}
FINAL = {VersionStatus.WITHDRAWN, VersionStatus.TAKEN_BACK}
# What waits for people alone: nothing happens to a draft, nor to a halted wave, until somebody acts.
FOR_PEOPLE = {VersionStatus.NEW, VersionStatus.DRAFT, VersionStatus.HALTED}
# What stands until another version, or somebody, moves it.
STANDS = {VersionStatus.IN_FORCE, VersionStatus.RETIRED}


def place(status: VersionStatus, role: Role, who: str = "me") -> VersionSituation:
    """A situation in which an editor has all that the author has, and an approver no part."""
    author = who if role is Role.POLICY_EDITOR else "edith"
    return VersionSituation(
        status,
        Actor(who, role),
        NOW,
        author=author,
        proposer=author,
        follows="v1",
        newest="v1",
        since=NOW + timedelta(days=1),
        left=True,
    )


def refusal(situation: VersionSituation, event: str) -> RefusedError:
    """Try the move, hold that it is refused and changes nothing, and give why."""
    before = deepcopy(situation)
    with pytest.raises(RefusedError) as caught:
        VERSION.move(situation, event)
    assert situation == before
    return caught.value


@pytest.mark.parametrize("status", VersionStatus)
@pytest.mark.parametrize("left", [True, False])
def test_what_the_table_does_not_say_is_refused_and_what_it_says_is_done(status: VersionStatus, *, left: bool) -> None:
    for event, role in product(VERSION.events, Role):
        situation = replace(place(status, role), left=left)
        rows = [r for r in VERSION.rows if (r.event, r.source) == (event, status) and r.applies(situation)]
        if rows and role in ROLES[Maker(rows[0].who)]:
            assert VERSION.move(situation, event) is rows[0]
            assert situation.status is rows[0].target
        else:
            expected = {Code.FORBIDDEN, Code.SAME_PERSON} if rows else {Code.ILLEGAL_MOVE}
            assert refusal(situation, event).code in expected, (event, role)


def test_a_move_of_cases_is_none_of_a_version() -> None:
    foreign = {e for name, table in EVERY.items() if name != VERSION.kind for e in table.events} - {*VERSION.events}
    for event, status, role in product(("fly", "", "initial", *foreign), VersionStatus, Role):
        assert refusal(place(status, role), event).code is Code.ILLEGAL_MOVE


def test_every_status_is_reachable_and_only_what_was_undone_is_a_dead_end() -> None:
    reached, new = set[VersionStatus](), {VersionStatus.NEW}
    while new:
        reached |= new
        new = {r.target for r in VERSION.rows if r.source in reached} - reached
    assert reached == set(VersionStatus)
    assert {s for s in VersionStatus if not any(r.source is s for r in VERSION.rows)} == FINAL


@pytest.mark.parametrize("status", sorted(set(VersionStatus) - FINAL - FOR_PEOPLE - STANDS))
def test_whatever_waits_has_a_clock(status: VersionStatus) -> None:
    situation = place(status, Role.CLOCK)
    situation.dues = {row.due: NOW for row in VERSION.rows if row.due}
    due = VERSION.next_due(situation)
    assert due is not None
    assert VERSION.move(situation, due[1].event) is due[1]


def test_nobody_approves_or_rejects_what_they_wrote_or_proposed() -> None:
    for event, part in product(("approve", "reject"), ({"author": "ada"}, {"proposer": "ada"})):
        own = replace(place(VersionStatus.PROPOSED, Role.POLICY_APPROVER, "ada"), **part)  # type: ignore[arg-type]
        assert refusal(own, event).key == "approves_own"
        assert refusal(own, event).code is Code.SAME_PERSON
        assert VERSION.choose(replace(own, author="edith", proposer="edith"), event).event == event


def test_what_the_product_brought_is_any_editor_s_to_propose_and_what_a_person_wrote_only_theirs() -> None:
    for event in ("propose", "withdraw"):
        draft = place(VersionStatus.DRAFT, Role.POLICY_EDITOR)
        assert VERSION.choose(replace(draft, author=None), event).target is not VersionStatus.DRAFT
        assert refusal(replace(draft, author="you"), event).key == "only_author"


def test_what_the_product_brings_is_in_force_at_once_where_there_is_no_rulebook_and_a_draft_elsewhere() -> None:
    bundled = replace(place(VersionStatus.NEW, Role.ENGINE), author=None)
    for newest, target in ((None, VersionStatus.IN_FORCE), ("v1", VersionStatus.DRAFT)):
        found = VERSION.follow_on(replace(bundled, newest=newest))
        assert found is not None
        assert found.target is target


def test_only_what_follows_the_newest_is_approved_and_the_refusal_names_it() -> None:
    older = replace(place(VersionStatus.PROPOSED, Role.POLICY_APPROVER), newest="v3")
    refused = refusal(older, "approve")
    assert (refused.code, refused.facts) == (Code.STALE, {"newest": "v3"})
    assert VERSION.choose(older, "reject").target is VersionStatus.DRAFT


@pytest.mark.parametrize("event", ["withdraw", "take_back"])
def test_a_version_that_another_follows_stays_where_it_is(event: str) -> None:
    role = Role.POLICY_EDITOR if event == "withdraw" else Role.POLICY_APPROVER
    for status in (r.source for r in VERSION.rows if r.event == event and r.source in CHAINED):
        followed = replace(place(status, role), newest="v3", follower="v3")
        assert refusal(followed, event).key == "is_followed"
        assert event not in VERSION.allowed(followed)


def test_an_approved_version_is_withdrawn_until_its_date_and_not_from_then_on() -> None:
    approved = place(VersionStatus.APPROVED, Role.POLICY_EDITOR)
    assert VERSION.choose(approved, "withdraw").target is VersionStatus.WITHDRAWN
    assert refusal(replace(approved, since=NOW), "withdraw").code is Code.ILLEGAL_MOVE


def test_a_version_waits_for_the_wave_before_it() -> None:
    waiting = replace(place(VersionStatus.APPROVED, Role.CLOCK), turn_has_come=False, dues={"in_force_from": NOW})
    assert VERSION.next_due(waiting) is None
    assert VERSION.next_due(replace(waiting, turn_has_come=True)) is not None


def test_a_wave_that_hits_more_than_was_forecast_stops_itself_also_at_its_end() -> None:
    wave = replace(place(VersionStatus.ROLLING_OUT, Role.ENGINE), hit=3, most_hit=2)
    for left in (True, False):
        found = VERSION.follow_on(replace(wave, left=left))
        assert found is not None
        assert found.event == "stop_itself"
    ended = VERSION.follow_on(replace(wave, left=False, most_hit=3))
    assert ended is not None
    assert ended.event == "complete"


@pytest.mark.parametrize("status", sorted(WAVES))
def test_a_wave_is_stopped_or_taken_back_from_every_state_of_it(status: VersionStatus) -> None:
    """Unlike a rollout that is paused and can't be aborted."""
    allowed = set(VERSION.allowed(place(status, Role.POLICY_APPROVER)))
    wanted = {
        VersionStatus.ROLLING_OUT: {"halt", "take_back"},
        VersionStatus.HALTED: {"resume", "take_back"},
    }
    assert allowed == wanted[status]


def test_grave_is_what_brings_others_under_a_version_or_takes_it_from_them() -> None:
    assert {e for e in VERSION.events if VERSION.may_be_grave(e)} == {"approve", "take_back"}
    assert all(row.grave == (row.event in {"approve", "take_back"}) for row in VERSION.rows)


def test_only_people_send_what_people_send() -> None:
    assert {row.event for row in VERSION.rows if row.who in BY_PEOPLE} == {"draft", *VERSION.by_people}
    for role in set(Role) - {Role.CLOCK, Role.ENGINE} - frozenset().union(*(ROLES[who] for who in BY_PEOPLE)):
        assert all(VERSION.allowed(place(status, role)) == [] for status in VersionStatus)
