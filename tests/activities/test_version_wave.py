"""A version's wave reaches each subject once, stops at once, and walks back over exactly those whom it had reached."""

import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from itertools import product
from pathlib import Path

import pytest
import sqlalchemy as sa
from parliament import SOON, Parliament, begun, changed, parliament, refused
from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError

from activities.rollout.effects import EFFECTS
from activities.rulebooks import Rulebooks
from ops.verify.versions import lives
from rulebook.load import BUNDLED, load
from rulebook.terms import SubjectKind
from states.terms import Code
from states.version import VERSION
from states.version_terms import VersionStatus
from store import party, ring, timeline, wake
from store.party import Subject
from store.ring import Way
from store.timeline import EVERYBODY, NOBODY
from workers.reach import House

AGENCIES = [f"agency.{number}" for number in range(24)]
SECOND = timedelta(seconds=1)


@pytest.fixture(scope="module")
def built(house: House) -> Iterator[Engine]:
    with begun(house) as engine:
        yield engine


@pytest.fixture
def place(house: House, built: Engine) -> Iterator[Parliament]:
    """With 25 agencies in Vietnam."""
    with parliament(house, built) as made:
        made.live(AGENCIES)
        yield made


def governed(place: Parliament) -> dict[str, int]:
    """How many subjects each version governs."""
    with place.engine.begin() as connection:
        found = [one for one in timeline.read(connection) if one.region == "VN" and not one.taken_back]
        subjects = party.read(connection, [*AGENCIES, "lotus"])
    newest = [[one.digest for one in found if one.has_reached(subject)][-1] for subject in subjects]
    return {digest: newest.count(digest) for digest in set(newest)}


def test_a_wave_goes_at_its_pace_and_is_halted_in_its_row(place: Parliament) -> None:
    version = place.approved(changed(), SOON, pace=10)
    assert place.pass_time(version) == place.at + SOON
    assert place.pass_time(version, SOON) == place.at + SECOND
    assert place.read(version).status is VersionStatus.ROLLING_OUT
    assert governed(place) == {version: 10, place.first: 15}
    place.do(version, "halt", "oli")
    assert place.pass_time(version, 5 * SECOND) is None
    assert governed(place) == {version: 10, place.first: 15}
    assert refused(place.do, version, "resume", "oli").code is Code.FORBIDDEN
    place.do(version, "resume", "ada")
    place.pass_time(version)
    assert governed(place) == {version: 20, place.first: 5}
    place.pass_time(version, SECOND)
    place.pass_time(version, SECOND)
    assert governed(place) == {version: 25}
    assert (place.read(version).status, place.read(place.first).status) == (
        VersionStatus.IN_FORCE,
        VersionStatus.RETIRED,
    )
    wave = place.wave(version)
    assert (wave.seen, wave.reached) == (25, (EVERYBODY, ""))
    assert place.proved() == []


def test_a_version_taken_back_in_the_middle_releases_exactly_those_whom_it_had_reached(place: Parliament) -> None:
    version = place.approved(changed(), SOON, pace=10)
    place.pass_time(version)
    place.pass_time(version, SOON)
    place.do(version, "take_back", "ada", reasons="It hits too many.")
    assert place.read(version).status is VersionStatus.TAKING_BACK
    place.pass_time(version)
    assert place.wave(version).released != (NOBODY, "")
    for _ in range(2):
        place.pass_time(version, SECOND)
    ended = place.read(version)
    assert (ended.status, ended.deadline_at, ended.batch_due_at) == (VersionStatus.TAKEN_BACK, None, None)
    assert governed(place) == {place.first: 25}
    assert place.read(place.first).status is VersionStatus.IN_FORCE
    again = place.approved(changed(3), SOON)  # follows the first again
    assert place.read(again).follows == place.first
    assert place.proved() == []


def test_a_version_in_force_is_taken_back_and_the_one_before_is_reinstated(place: Parliament) -> None:
    version = place.approved(changed(), SOON)
    place.pass_time(version, SOON)
    assert place.read(place.first).status is VersionStatus.RETIRED
    place.do(version, "take_back", "alan", reasons="It was a mistake.")
    place.pass_time(version)
    assert place.read(version).status is VersionStatus.TAKEN_BACK
    assert place.read(place.first).status is VersionStatus.IN_FORCE
    assert governed(place) == {place.first: 25}
    assert place.proved() == []


def test_the_next_version_waits_for_the_wave_before_it(place: Parliament) -> None:
    second = place.approved(changed(), SOON, pace=10)
    third = place.approved(changed(3), 2 * SOON)
    place.pass_time(second, SOON)
    place.do(second, "halt", "ada")
    assert place.pass_time(third, 2 * SOON) is None
    assert place.read(third).status is VersionStatus.APPROVED
    assert refused(place.do, second, "take_back", "ada", reasons="x").key == "is_followed"
    place.do(second, "resume", "ada")
    for _ in range(3):
        place.pass_time(second, SECOND)
    with place.engine.begin() as connection:  # its courier is woken, also where the signal was lost
        assert wake.versions_late(connection, place.at + timedelta(minutes=1)) == [third]
    place.pass_time(third)
    statuses = [place.read(one).status for one in (place.first, second, third)]
    assert statuses == [VersionStatus.RETIRED, VersionStatus.RETIRED, VersionStatus.IN_FORCE]
    assert place.proved() == []


def test_a_region_with_a_later_date_is_reached_later(place: Parliament) -> None:
    later = place.at + 3 * SOON
    version = place.approved(changed(), SOON, regions={"DE": later})
    assert place.pass_time(version, SOON) == later
    assert place.read(version).status is VersionStatus.ROLLING_OUT
    assert (place.wave(version).through, place.wave(version, "DE").through) == (True, False)
    place.pass_time(version, 2 * SOON)
    assert place.read(version).status is VersionStatus.IN_FORCE


def test_a_version_that_waits_for_a_halted_wave_is_taken_back_first(place: Parliament) -> None:
    second = place.approved(changed(), SOON, pace=10)
    third = place.approved(changed(3), 2 * SOON)
    place.pass_time(second)
    place.pass_time(second, SOON)
    place.do(second, "halt", "ada")
    assert refused(place.do, third, "take_back", "ada", reasons="Both are wrong.").key == "not_now"
    place.at += SOON
    assert refused(place.do, third, "withdraw", "edith").key == "not_now"
    place.do(third, "take_back", "ada", reasons="Both are wrong.")
    place.pass_time(third)
    assert (place.read(third).status, place.read(second).status) == (VersionStatus.TAKEN_BACK, VersionStatus.HALTED)
    assert governed(place) == {second: 10, place.first: 15}
    place.do(second, "take_back", "ada", reasons="Both are wrong.")
    for _ in range(4):
        place.pass_time(second, SECOND)
    assert (place.read(second).status, governed(place)) == (VersionStatus.TAKEN_BACK, {place.first: 25})
    assert place.proved() == []


def test_nothing_is_approved_to_follow_a_version_that_is_being_taken_back(place: Parliament) -> None:
    second = place.approved(changed(), SOON, pace=10)
    place.pass_time(second, SOON)
    place.do(second, "take_back", "ada", reasons="It was a mistake.")
    third = place.draft(changed(3)).digest
    place.propose(third)
    assert refused(place.do, third, "approve", "ada").key == "not_now"
    for _ in range(4):
        place.pass_time(second, SECOND)
    assert refused(place.do, third, "approve", "ada").key == "follows_older"


def test_the_first_version_is_never_taken_back(place: Parliament) -> None:
    assert refused(place.do, place.first, "take_back", "ada", reasons="Away with it.").key == "not_now"


def test_a_region_that_only_a_version_knew_which_was_taken_back_keeps_its_rules(
    place: Parliament, tmp_path: Path
) -> None:
    shutil.copytree(BUNDLED / "live", tmp_path / "second")
    stated = "{value: Asia/Tokyo, illustrative: true}\nlanguage: {value: en, illustrative: true}\n"
    (tmp_path / "second" / "JP.yaml").write_text(f"region: JP\nzone: {stated}", encoding="utf-8")
    version = place.approved(load(tmp_path / "second"), SOON)
    place.pass_time(version, SOON)
    place.live(["sakura"], "JP")
    place.do(version, "take_back", "ada", reasons="It was a mistake.")
    place.pass_time(version)
    assert place.read(version).status is VersionStatus.TAKEN_BACK
    sakura = Subject("sakura", SubjectKind.AGENCY, "JP")
    with place.engine.begin() as connection:
        versions = Rulebooks().timeline(connection)
        assert versions.governing(sakura, place.at)[0] == versions.at_the_act("JP", place.at) == version
        assert "JP" not in versions.regions(place.at)


@pytest.mark.parametrize(
    ("was", "is_"),
    [("key: agency_compliance\n", "key: agency_points\n"), ("period: calendar year", "period: none")],
    ids=["key", "period"],
)
def test_no_version_lets_a_score_begin_anew(place: Parliament, tmp_path: Path, was: str, is_: str) -> None:
    shutil.copytree(BUNDLED / "live", tmp_path / "second")
    base = tmp_path / "second" / "base.yaml"
    base.write_text(base.read_text(encoding="utf-8").replace(was, is_, 1), encoding="utf-8")
    second = place.draft(load(tmp_path / "second")).digest
    found = refused(place.propose, second)
    assert (found.key, found.values["score"]) == ("score_begins_anew", "agency_compliance")


def test_each_subject_is_next_once_wherever_the_wave_begins(place: Parliament) -> None:
    version = place.approved(changed())
    wave = place.wave(version)
    everybody = sorted([*AGENCIES, "lotus"])
    places = [Subject(name, SubjectKind.AGENCY, "VN").place for name in everybody]
    orders = set()
    for turn, most in product((0, 2**32 - 1, max(places), min(places), wave.turn), (1, 7, 25, 100)):
        there, seen = replace(wave, turn=turn), list[str]()
        with place.engine.begin() as connection:
            while found := ring.after(connection, there, Way.REACHED, most):
                distances = [there.distance(one) for one in found]
                assert distances == sorted(distances)
                assert distances[0] > there.reached
                seen += [one.id for one in found]
                there = replace(there, reached=distances[-1])
        assert sorted(seen) == everybody
        orders.add(tuple(seen))
    assert len(orders) > 1


def test_every_effect_that_the_table_names_exists() -> None:
    assert {name for row in VERSION.rows for name in row.does} == set(EFFECTS)


# What people and programs could try past the engine. `:new` is approved, `:other` is another draft, `:first` in force.
FORBIDDEN = {
    "approve what one wrote": "UPDATE versions SET approved_by = author WHERE digest = :new",
    "approve what one proposed": "UPDATE versions SET approved_by = proposed_by, author = NULL WHERE digest = :new",
    "be in the chain without an approval": "UPDATE versions SET status = 'approved' WHERE digest = :other",
    "be in force before the approval": "UPDATE rollouts SET in_force_from = :past WHERE version = :new",
    "approve it after its date": "UPDATE versions SET approved_at = :future WHERE digest = :new",
    "fork the chain": "UPDATE versions SET status = 'approved', approved_at = :past, approved_by = 'ada',"
    " follows = :first WHERE digest = :other",
    "begin a second chain": "UPDATE versions SET status = 'approved', approved_at = :past, approved_by = 'ada',"
    " follows = NULL WHERE digest = :other",
    "run two waves": "UPDATE versions SET status = 'halted' WHERE digest IN (:new, :first)",
    "change what a version says": "UPDATE rulebooks SET body = '{}' WHERE digest = :new",
    "remove a version": "DELETE FROM rulebooks WHERE digest = :other",
    "change a move": "UPDATE version_moves SET actor = 'alan' WHERE version = :new",
    "remove a move": "DELETE FROM version_moves WHERE version = :new",
    "change a forecast": "UPDATE forecasts SET hit = 0, seen = 1 WHERE version = :new",
    "remove a forecast": "DELETE FROM forecasts WHERE version = :new",
    "be where no version can be": "UPDATE versions SET status = 'paused' WHERE digest = :new",
}


def test_the_database_itself_refuses_what_must_never_be(place: Parliament) -> None:
    new, other = place.approved(changed()), place.draft(changed(3)).digest
    known = {"new": new, "other": other, "first": place.first}
    known |= {"past": place.at - SOON, "future": place.at + timedelta(days=365)}  # type: ignore[dict-item]
    for wish, sql in FORBIDDEN.items():
        asked = sa.text(sql)
        with pytest.raises(DBAPIError) as found, place.engine.begin() as connection:
            connection.execute(asked, {name: known[name] for name in asked.compile().params})
        assert "23" in str(getattr(found.value.orig, "sqlstate", "")), wish
    assert place.proved() == []


@pytest.mark.parametrize("body", ["'{}'", "jsonb_set(body, '{key}', '\"other\"')"], ids=["empty", "another"])
def test_a_version_that_says_something_else_is_named_though_no_trigger_held_it(place: Parliament, body: str) -> None:
    other = place.draft(changed(3)).digest
    with place.engine.begin() as connection:
        connection.execute(sa.text("ALTER TABLE rulebooks DISABLE TRIGGER USER"))
        connection.execute(sa.text(f"UPDATE rulebooks SET body = {body} WHERE digest = :other"), {"other": other})
        found = [one.where for one in lives(connection, Rulebooks())]
    assert found == [f"rulebooks/{other}"]
