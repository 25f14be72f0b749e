"""People move versions of the rulebook: drafted, proposed, approved by somebody else, and each move is vouched for."""

import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from parliament import WEEK, Parliament, begun, changed, parliament, refused
from sqlalchemy import Engine

from activities.feed import parties
from activities.install import install
from activities.rulebooks import Rulebooks
from rulebook.load import BUNDLED, load
from rulebook.model import Rulebook
from states.terms import Code, Role
from states.version_terms import VersionStatus
from store import feed, journal, party, text, timeline
from store import version as versions
from workers.reach import House


@pytest.fixture(scope="module")
def built(house: House) -> Iterator[Engine]:
    with begun(house) as engine:
        yield engine


@pytest.fixture
def place(house: House, built: Engine) -> Iterator[Parliament]:
    with parliament(house, built) as made:
        yield made


def test_a_version_is_drafted_proposed_and_approved_by_somebody_else(place: Parliament) -> None:
    book = changed()
    assert place.draft(book).status is VersionStatus.DRAFT
    assert place.draft(book).version == 1  # entered again, it is the same draft
    proposed = place.propose(book.digest, pace=50)
    assert (proposed.follows, proposed.proposed_by, proposed.pace) == (place.first, "edith", 50)
    approved = place.do(book.digest, "approve", "ada")
    assert (approved.status, approved.approved_by) == (VersionStatus.APPROVED, "ada")
    assert approved.deadline_at == place.at + 3 * WEEK
    with place.engine.begin() as connection:
        assert versions.newest(connection) == book.digest
        dated = {one.region: one.since for one in timeline.read(connection) if one.digest == book.digest}
        assert dated == dict.fromkeys(book.regions, place.at + 3 * WEEK)
        moves = versions.moves(connection, book.digest)
        assert [(m["event"], m["actor"], m["target"]) for m in moves] == [
            ("draft", "edith", "draft"),
            ("propose", "edith", "proposed"),
            ("approve", "ada", "approved"),
        ]
        reasons = moves[1]["facts"]["reasons"]
        assert text.bodies(connection, [reasons]) == {reasons: "It has doubled."}
    assert place.proved() == []


def test_who_may_not_make_a_move_is_refused_and_nothing_has_changed(place: Parliament) -> None:
    book = changed()
    for name in ("ada", "oli", "mia"):
        assert refused(place.draft, book, name).key == "only_editors"
    place.draft(book)
    assert refused(place.propose, book.digest, by="emil").key == "only_author"
    place.propose(book.digest)
    before = place.read(book.digest)
    assert refused(place.do, book.digest, "approve", "oli").key == "only_approvers"
    assert refused(place.do, book.digest, "approve", "edith").code is Code.SAME_PERSON
    assert refused(place.do, book.digest, "halt", "ada").code is Code.ILLEGAL_MOVE
    assert refused(place.do, book.digest, "fly", "ada").code is Code.INVALID
    assert refused(place.do, book.digest, "reject", "ada").field == "reasons"
    assert refused(place.do, "0" * 64, "approve", "ada").code is Code.NOT_FOUND
    assert place.read(book.digest) == before
    assert place.proved() == []


def test_an_author_who_became_an_approver_approves_nothing_of_theirs(place: Parliament) -> None:
    place.draft(changed())
    place.propose(changed().digest)
    with place.engine.begin() as connection, journal.recording(connection, "feed", place.at):
        feed.person(connection, "edith", Role.POLICY_APPROVER, regions=["VN"])
    assert refused(place.do, changed().digest, "approve", "edith").key == "approves_own"


def test_a_rejected_or_lapsed_proposal_is_a_draft_again_with_why(place: Parliament) -> None:
    digest = place.draft(changed()).digest
    due = place.propose(digest).approval_due_at
    back = place.do(digest, "reject", "ada", reasons="Not without figures.")
    assert (back.status, back.proposed_by, back.approval_due_at) == (VersionStatus.DRAFT, None, None)
    place.propose(digest)
    assert place.time(digest) == due
    assert due is not None
    place.at = due
    assert refused(place.do, digest, "approve", "ada").code is Code.ILLEGAL_MOVE
    assert place.time(digest) is None
    assert place.read(digest).status is VersionStatus.DRAFT
    place.do(digest, "withdraw", "edith")
    assert place.proved() == []


def test_two_versions_are_never_approved_after_the_same_one(place: Parliament) -> None:
    older = place.draft(changed(3)).digest
    place.propose(older)
    newer = place.approved(changed(4))
    late = refused(place.do, older, "approve", "alan")
    assert (late.code, late.facts) == (Code.STALE, {"newest": newer})
    place.do(older, "reject", "alan", reasons="Another was first.")
    early = refused(place.propose, older)
    assert (early.key, early.field) == ("date_not_later", "in_force_from")
    place.propose(older, 4 * WEEK)
    assert place.do(older, "approve", "alan").follows == newer
    assert refused(place.do, newer, "withdraw", "edith").key == "is_followed"
    place.do(older, "withdraw", "edith")
    assert place.do(newer, "withdraw", "edith").status is VersionStatus.WITHDRAWN


def test_no_date_is_past_nor_within_the_notice_without_a_reason(place: Parliament) -> None:
    digest = place.draft(changed()).digest
    assert refused(place.propose, digest, timedelta(seconds=-1)).key == "date_passed"
    regions = {"DE": place.at + timedelta(days=1)}
    assert refused(place.propose, digest, regions={"XX": place.at}).field == "regions"
    place.propose(digest, regions=regions)
    early = refused(place.do, digest, "approve", "ada")
    assert (early.key, early.field, early.values["region"]) == ("within_notice", "override", "DE")
    approved = place.do(digest, "approve", "ada", override="A court ordered it.")
    assert approved.override is not None
    assert approved.deadline_at == regions["DE"]


def test_a_date_that_passed_while_nobody_approved_is_proposed_again(place: Parliament) -> None:
    digest = place.draft(changed()).digest
    place.propose(digest, timedelta(days=1))
    place.at += timedelta(days=2)
    assert refused(place.do, digest, "approve", "ada", override="soon").key == "date_passed"


def test_no_region_goes_or_changes_its_time_zone_while_somebody_lives_there(place: Parliament) -> None:
    for region, broken in (("VN", "region_lived_in"), ("IN", None)):
        book = without(load("live"), region)
        digest = place.draft(book).digest
        if broken is None:
            assert place.propose(digest).status is VersionStatus.PROPOSED
        else:
            assert refused(place.propose, digest).key == broken
    moved = zoned(load("live"), "VN", "Asia/Tokyo")
    place.draft(moved)
    assert refused(place.propose, moved.digest).key == "zone_lived_in"


def test_a_region_that_an_approved_version_lacks_takes_nobody_in_and_ends_at_its_date(place: Parliament) -> None:
    version = place.approved(without(load("live"), "IN"), 3 * WEEK)
    with place.engine.begin() as connection:
        timeline = Rulebooks().timeline(connection)
        assert timeline.at_the_act("IN", place.at + 3 * WEEK - timedelta(seconds=1)) == place.first
        assert timeline.at_the_act("IN", place.at + 3 * WEEK) is None
        assert timeline.at_the_act("VN", place.at + 3 * WEEK) == version
    with place.engine.begin() as connection:
        found = refused(parties.agency, connection, Rulebooks(), "mumbai", "IN", place.at)
    assert (found.key, found.field) == ("no_region", "region")
    place.do(version, "withdraw", "edith")
    with place.engine.begin() as connection:
        parties.agency(connection, Rulebooks(), "mumbai", "IN", place.at)


def test_a_region_that_is_new_in_a_version_takes_somebody_in_from_its_own_date_on_without_a_notice(
    place: Parliament, tmp_path: Path
) -> None:
    shutil.copytree(BUNDLED / "live", tmp_path / "second")
    stated = "{value: Asia/Tokyo, illustrative: true}\nlanguage: {value: en, illustrative: true}\n"
    (tmp_path / "second" / "JP.yaml").write_text(f"region: JP\nzone: {stated}", encoding="utf-8")
    version, soon = load(tmp_path / "second"), place.at + timedelta(seconds=1)
    place.draft(version)
    place.propose(version.digest, regions={"JP": soon})
    place.do(version.digest, "approve", "ada")
    with place.engine.begin() as connection:
        found = refused(parties.agency, connection, Rulebooks(), "sakura", "JP", place.at)
    assert (found.key, found.field) == ("no_region", "region")
    with place.engine.begin() as connection:
        parties.agency(connection, Rulebooks(), "sakura", "JP", soon)
        sakura, timeline = party.subject(connection, "sakura"), Rulebooks().timeline(connection)
        assert sakura is not None
        assert timeline.governing(sakura, soon)[0] == timeline.at_the_act("JP", soon) == version.digest
        assert timeline.at_the_act("VN", soon) == place.first


def test_nobody_comes_into_a_region_while_it_is_given_up(place: Parliament) -> None:
    book = without(load("live"), "IN")
    place.draft(book)
    with ThreadPoolExecutor(1) as beside:
        with place.engine.begin() as connection:
            parties.agency(connection, Rulebooks(), "mumbai", "IN", place.at)
            proposing = beside.submit(refused, place.propose, book.digest)
            with pytest.raises(TimeoutError):
                proposing.result(0.3)
        assert proposing.result(4).key == "region_lived_in"


def test_a_changed_bundled_rulebook_is_a_draft_that_any_editor_proposes(
    place: Parliament, caplog: pytest.LogCaptureFixture
) -> None:
    book = changed(7)
    for _ in range(2):  # also at the next start
        caplog.clear()
        with place.engine.begin() as connection:
            install(connection, book, place.at)
            assert versions.newest(connection) == place.first
        told = [line.getMessage() for line in caplog.records if line.name == "casework.install"]
        assert [book.digest[:12] in line for line in told] == [True]
    drafted = place.read(book.digest)
    assert (drafted.status, drafted.author, drafted.version) == (VersionStatus.DRAFT, None, 1)
    assert place.propose(book.digest, by="emil").proposed_by == "emil"
    assert place.do(book.digest, "approve", "ada").status is VersionStatus.APPROVED
    assert place.proved() == []


def test_another_rulebook_is_no_version_of_this_one(place: Parliament) -> None:
    document = load("live").document | {"key": "other"}
    from rulebook.load import parse

    assert refused(place.draft, parse(document)).key == "another_rulebook"


def without(book: Rulebook, region: str) -> Rulebook:
    from rulebook.load import parse

    document = book.document
    return parse(document | {"overlays": [o for o in document["overlays"] if o["region"] != region]})


def zoned(book: Rulebook, region: str, zone: str) -> Rulebook:
    from rulebook.load import parse

    document = book.document
    overlays = [
        o if o["region"] != region else o | {"rules": {**o["rules"], "zone": {"value": zone, "illustrative": True}}}
        for o in document["overlays"]
    ]
    return parse(document | {"overlays": overlays})
