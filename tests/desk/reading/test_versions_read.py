"""What staff read of a version of the rulebook: its moves, which are theirs now, its wave, and whom that hit."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from parliament import WEEK, Parliament, begun, parliament, refused
from sqlalchemy import Engine

from activities.rollout import life
from activities.rollout.reach import BatchError
from activities.rulebooks import Rulebooks
from desk.reading.acts import Audit
from desk.reading.explained import Explanations
from desk.reading.subject import Sheets
from desk.reading.version import Life
from desk.reading.versions import Versions
from ops.rehearsal.stage.changes import changed
from rulebook.files import assembled
from rulebook.load import BUNDLED, files_at
from rulebook.model import Rulebook
from states.situation import Actor
from states.terms import Code, Role
from workers.reach import House

WATCH = "agency_compliance.watch"


@pytest.fixture(scope="module")
def built(house: House) -> Iterator[Engine]:
    with begun(house) as engine:
        yield engine


@pytest.fixture
def place(house: House, built: Engine) -> Iterator[Parliament]:
    with parliament(house, built) as made:
        yield made


def everybody_watched() -> Rulebook:
    """At 100, where every agency begins, `watch` begins."""
    changes = {f"scores.agency_compliance.tiers.{WATCH}.threshold": 100}
    return assembled(changed(files_at(BUNDLED / "live"), changes))


def opened(place: Parliament, version: str, name: str, role: Role) -> Life:
    return Versions(place.engine, lambda: place.at).open(Actor(name, role), version)


def test_each_reads_the_moves_that_are_theirs_now_and_what_was_said_with_those_that_were_made(
    place: Parliament,
) -> None:
    book = everybody_watched()
    place.draft(book)
    assert opened(place, book.digest, "edith", Role.POLICY_EDITOR).allowed == ["propose", "withdraw"]
    assert opened(place, book.digest[:8], "emil", Role.POLICY_EDITOR).allowed == []
    foreseen = Versions(place.engine, lambda: place.at).foreseen
    dated = {"in_force_from": place.at + WEEK}
    assert foreseen(None, book.digest, dated)["hit"] == 1
    assert refused(foreseen, None, book.digest, {"in_force_from": place.at - WEEK}).field == "in_force_from"
    place.propose(book.digest, WEEK)
    proposed = opened(place, book.digest, "ada", Role.POLICY_APPROVER)
    assert proposed.allowed == ["reject", "approve"]
    assert proposed.notices["VN"] > proposed.dates["VN"]
    assert [one.allowed for one in opened(place, book.digest, "oli", Role.OPS).moves] == [False] * len(proposed.moves)
    steps = [(one.event, one.actor, one.texts) for one in proposed.timeline]
    assert steps == [("draft", "edith", {}), ("propose", "edith", {"reasons": "It has doubled."})]
    assert proposed.forecast is not None
    assert {name: proposed.forecast[name] for name in ("hit", "seen")} == {"hit": 1, "seen": 1}


def test_a_wave_is_told_by_region_with_whom_it_hit_on_its_way_there_and_back(place: Parliament) -> None:
    version = place.approved(everybody_watched(), timedelta(hours=1))
    place.pass_time(version, timedelta(hours=2))
    told = opened(place, version, "ada", Role.POLICY_APPROVER)
    vn = next(one for one in told.waves if one.region == "VN")
    assert (vn.living, vn.seen, vn.hit, vn.released, vn.through) == (1, 1, 1, 0, True)
    assert told.allowed == ["take_back"]
    assert [one.event for one in told.timeline] == ["draft", "propose", "approve", "take_force", "complete"]
    versions = Versions(place.engine, lambda: place.at)
    (hit,) = versions.hit(None, version).rows
    assert (hit["subject"], hit["key"], hit["lifted_at"]) == ("lotus", WATCH, None)
    place.do(version, "take_back", "ada", reasons="It hits too many.")
    place.pass_time(version, timedelta(minutes=1))
    vn = next(one for one in opened(place, version, "ada", Role.POLICY_APPROVER).waves if one.region == "VN")
    assert (vn.seen, vn.released, vn.through) == (1, 1, True)
    assert versions.hit(None, version).rows[0]["lifted_at"] is not None


def test_whom_a_version_hits_or_fails_at_is_named_to_moderators_of_the_region_and_to_who_judges_versions(
    place: Parliament,
) -> None:
    """So is which version governs somebody; the score is not."""
    readers = [moderator("VN"), moderator("EU"), Actor("edith", Role.POLICY_EDITOR), Actor("ada", Role.POLICY_APPROVER)]
    versions, explained = Versions(place.engine, lambda: place.at), Explanations(place.engine, lambda: place.at)
    book, dated = everybody_watched(), {"in_force_from": place.at + WEEK}
    place.draft(book)
    foreseen = [versions.foreseen(reader, book.digest, dated) for reader in readers]
    version = place.approved(book, timedelta(hours=1))
    place.at += timedelta(hours=2)
    place.time(version)  # its wave sets out
    with place.engine.begin() as connection:
        life.break_down(connection, Rulebooks(), version, place.at, BatchError("lotus", ValueError()))
    place.do(version, "resume", "ada")
    place.pass_time(version)
    for reader, would_be in zip(readers, foreseen, strict=True):
        shown = versions.open(reader, version)
        assert shown.forecast is not None
        forecasts = would_be, shown.forecast, versions.forecast(reader, version)
        assert [one["hit"] for one in forecasts] == [1] * 3
        lists = [*(one["subjects"] for one in forecasts), versions.hit(reader, version).rows]
        named = [{one["subject"] for one in found} for found in lists]
        named.append({value for one in shown.timeline if (value := one.facts.get("subject"))})
        if reader == moderator("EU"):
            assert named == [set()] * 5
            assert refused(explained.of, reader, WATCH, subject="lotus").code is Code.NOT_FOUND
        else:
            assert named == [{"lotus"}] * 5
            assert {one.version.digest for one in explained.of(reader, WATCH, subject="lotus").values} == {version}
    for reader in readers[1:]:
        assert refused(Sheets(place.engine, lambda: place.at).show, reader, "lotus").code is Code.NOT_FOUND


def moderator(region: str) -> Actor:
    return Actor("mia", Role.MODERATOR, regions=frozenset({region}))


def test_overseers_read_what_somebody_did_to_a_version_and_through_what(place: Parliament) -> None:
    version = place.approved(everybody_watched())
    audit = Audit(place.engine, lambda: place.at)
    found = audit.acts(Actor("oli", Role.OPS), "edith")
    assert [(row["event"], row["case"], row["version"], row["through"]) for row in found.page.rows] == [
        ("propose", None, version, "session"),
        ("draft", None, version, "session"),
    ]
    assert {one["event"] for one in found.counts} == {"draft", "propose"}
