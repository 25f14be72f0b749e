"""Everybody concerned is told of a version of the rulebook, each once: staff, regions, and whom its wave changes."""

import re
import shutil
from collections import defaultdict
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from parliament import SOON, WEEK, Parliament, begun, changed, parliament
from sqlalchemy import Connection, Engine

from activities.rulebooks import Rulebooks
from desk.reading.notices import Notices
from desk.reading.pulse import Pulses
from desk.words import Languages
from ops.verify.chains import seals
from ops.verify.notices import notices as told_rightly
from ops.verify.waves import waves
from rulebook.load import BUNDLED, load, parse
from rulebook.model import Rulebook
from rulebook.terms import CreatorClass
from states.situation import Actor
from states.terms import Role
from states.version import VERSION
from states.version_terms import VersionStatus
from store import feed, journal
from store.party import Profile
from store.schema.journal import notices
from store.schema.webhooks import deliveries
from workers.reach import House

DAY = timedelta(days=1)
AGENCIES = ["jade", "rose"]
LOTUS = Actor("ann", Role.OWNER, "lotus")
HOOK = """INSERT INTO webhooks (id, agency, url, secret, events, created_at, created_by)
VALUES (:id, :agency, 'https://a.b', 's', '{notice.sent}', now(), 'edith')"""
# The moves that nobody is told of: one's own draft, and what only follows or goes on.
QUIET = {"install", "draft", "take_force", "next_batch", "retire", "reinstate", "taken_back"}
Told = dict[str, list[str]]


@pytest.fixture(scope="module")
def built(house: House) -> Iterator[Engine]:
    """Lotus with its agent bob, who manages kim; tom, whom nobody manages; linde in Germany."""
    with begun(house) as engine:
        at = house.clock.now()
        with engine.begin() as connection, journal.recording(connection, "feed", at):
            for name in AGENCIES:
                feed.agency(connection, name, "VN")
            feed.agency(connection, "linde", "DE")
            feed.person(connection, "bob", Role.AGENT, agency="lotus")
            for name in ("kim", "tom"):
                feed.creator(connection, name, "VN", Profile(CreatorClass.STANDARD, 1, 0, 0))
            feed.management(connection, "kim", "lotus", "bob", at)
        yield engine


@pytest.fixture
def place(house: House, built: Engine) -> Iterator[Parliament]:
    with parliament(house, built) as made:
        yield made


STRICTER = (
    ("key: agency_compliance.watch, at: at or below, threshold: 80", "key: agency_compliance.watch, at: at or below, threshold: 100"),
    ("{key: standard, start: 100, cap: 100", "{key: standard, start: 110, cap: 110"),
)  # fmt: skip
ON_TRIAL = tuple(
    (f"  - key: {key}\n    subject", f"  - key: {key}\n    enforced: no\n    subject")
    for key in ("agency_compliance", "creator_health")
)


def book(folder: Path, *changes: tuple[str, str]) -> Rulebook:
    shutil.copytree(BUNDLED / "live", folder)
    file = folder / "base.yaml"
    text = file.read_text(encoding="utf-8")
    for was, is_ in changes:
        assert was in text
        text = text.replace(was, is_)
    file.write_text(text, encoding="utf-8")
    return load(folder)


@pytest.fixture
def stricter(tmp_path: Path) -> Rulebook:
    """Agencies are warned at 100; creators of the standard class begin at 110."""
    return book(tmp_path / "stricter", *STRICTER)


def rows(place: Parliament) -> list[sa.RowMapping]:
    with place.engine.begin() as connection:
        return list(connection.execute(sa.select(notices).order_by(notices.c.id)).mappings())


def told(place: Parliament, template: str) -> Told:
    """Who was told by this template, by the subject or region that it is about."""
    found = defaultdict[str, list[str]](list)
    for row in rows(place):
        if row["template"] == template:
            found[row["about"] or row["region"] or ""].append(row["recipient"] or "everybody")
    return {name: sorted(people) for name, people in found.items()}


def letters(place: Parliament, actor: Actor, language: str = "en") -> list[dict[str, Any]]:
    read = Notices(place.engine, lambda: place.at, Rulebooks())
    return read.page(actor, Languages().words(language)).rows


def wrong(connection: Connection) -> list[str]:
    return [str(found) for found in told_rightly(connection, Rulebooks())]


def proved(place: Parliament) -> list[str]:
    with place.engine.begin() as connection:
        return [*wrong(connection), *(str(found) for found in seals(connection))]


def test_every_move_of_a_version_tells_somebody_or_is_known_to_tell_nobody() -> None:
    loud = {row.event for row in VERSION.rows if {"tell_part", "tell_approvers"} & {*row.does}}
    assert {row.event for row in VERSION.rows} - loud == QUIET


def test_who_has_a_part_in_a_version_or_must_act_is_told_of_its_moves(place: Parliament) -> None:
    digest = place.draft(changed()).digest
    place.propose(digest, by="edith")
    place.do(digest, "reject", "ada", reasons="Not without figures.")
    due = place.propose(digest).approval_due_at
    assert due is not None
    place.pass_time(digest, due - place.at)
    place.propose(digest)
    place.do(digest, "approve", "alan")
    place.do(digest, "withdraw", "edith")
    staff = [(row["template"], row["recipient"]) for row in rows(place) if row["recipient"]]
    asked = [("version.propose", "ada"), ("version.propose", "alan")]
    assert staff == [
        *asked,
        ("version.reject", "edith"),
        *asked,
        ("version.proposal_lapsed", "edith"),
        *asked,
        ("version.approve", "edith"),
        ("version.withdraw", "alan"),
    ]
    newest, *_, first = letters(place, Actor("edith", Role.POLICY_EDITOR))
    assert f"alan approved version {changed().version} ({digest[:12]})" in newest["body"]
    assert first["body"].endswith("Reasons: Not without figures.")
    for who in (Actor("mia", Role.MODERATOR), Actor("oli", Role.OPS)):
        assert letters(place, who) == []
    assert proved(place) == []


def test_what_comes_is_announced_to_everybody_of_a_region_in_one_notice(place: Parliament, stricter: Rulebook) -> None:
    version = place.approved(stricter)
    everywhere = {region: ["everybody"] for region in stricter.regions}
    assert told(place, "version.announced") == everywhere
    ann, kim = Actor("ann", Role.OWNER, "lotus"), Actor("kim", Role.CREATOR)
    for reader, region in ((ann, "VN"), (kim, "VN"), (Actor("lea", Role.TEAM_LEAD, "linde"), "DE")):
        (notice,) = letters(place, reader)
        assert (notice["region"], notice["version"], notice["case"]) == (region, version, None)
        assert "Other than before are: " in notice["body"]
        assert "A warning" in notice["body"] or "agency_compliance" not in notice["body"]
    assert Pulses(place.engine, lambda: place.at).unread(ann) == 1
    place.do(version, "withdraw", "edith")
    assert told(place, "version.called_off") == everywhere
    assert proved(place) == []


def test_a_version_that_says_the_same_in_a_region_is_not_announced_there(place: Parliament) -> None:
    document, quota = load("live").document, {"reports.quota_per_month": {"value": 3, "illustrative": True}}
    overlays = [
        one if one["region"] != "VN" else one | {"rules": one["rules"] | {"procedure": quota}}
        for one in document["overlays"]
    ]
    place.approved(parse(document | {"overlays": overlays}))
    assert told(place, "version.announced") == {"VN": ["everybody"]}
    (notice,) = letters(place, Actor("ann", Role.OWNER, "lotus"))
    assert "Other than before are: reports.quota_per_month." in notice["body"]


def test_whoever_a_wave_changes_something_for_is_told_once_and_once_more_when_it_is_taken_back(
    place: Parliament, stricter: Rulebook
) -> None:
    with place.engine.begin() as connection:
        for owner in ("lotus", "rose", None):
            connection.execute(sa.text(HOOK), {"id": f"hook-{owner}", "agency": owner})
    version = place.approved(stricter, SOON)
    assert told(place, "version.reached") == {}
    place.pass_time(version, SOON)
    assert place.read(version).status is VersionStatus.IN_FORCE
    alone = {name: [name] for name in ("jade", "linde", "lotus", "rose", "tom")}
    assert told(place, "version.reached") == alone | {"kim": ["bob", "kim", "lotus"]}
    assert proved(place) == []
    bodies = [one["body"].splitlines() for one in letters(place, Actor("bob", Role.AGENT, "lotus"))[:1]]
    assert bodies[0][1:] == [
        "The score started at 100 and was 100 at most; now it starts at 110 and is 110 at most.",
        "The score was 100 before and is 110 now.",
    ]
    (_, applies, _), *_ = ([*one["body"].splitlines()] for one in letters(place, Actor("roy", Role.OWNER, "rose")))
    assert applies.startswith("These apply now: ")

    # Kim goes to rose, which may read the score now; lotus and bob may not any more.
    with place.engine.begin() as connection, journal.recording(connection, "feed", place.at):
        feed.management(connection, "kim", "rose", None, place.at)
    place.do(version, "take_back", "ada", reasons="It warns too many.")
    place.pass_time(version, DAY)
    assert place.read(version).status is VersionStatus.TAKEN_BACK
    assert told(place, "version.released") == alone | {"kim": ["bob", "kim", "lotus", "rose"]}
    values = {row["recipient"]: row["values"] for row in rows(place) if row["template"] == "version.released"}
    assert {name for name, said in values.items() if "score" in said} == {"kim", "tom", "rose"} - (
        {"rose"} if "imposed" in values["rose"] or "lifted" in values["rose"] else set()
    )
    assert "score" not in values["bob"]
    assert told(place, "version.recalled") == {region: ["everybody"] for region in stricter.regions}
    for language in ("en", "vi", "zh"):
        for reader in (
            Actor("ann", Role.OWNER, "lotus"),
            Actor("kim", Role.CREATOR),
            Actor("ada", Role.POLICY_APPROVER),
        ):
            for one in letters(place, reader, language):
                assert not set("{}—") & {*one["subject"], *one["body"]}, one
    assert proved(place) == []
    with place.engine.begin() as connection:
        sent = connection.execute(sa.select(deliveries.c.webhook, deliveries.c.payload)).all()
    heard = {
        hook: [one.payload["template"] for one in sent if one.webhook == f"hook-{hook}"] for hook in ("lotus", "None")
    }
    assert heard["lotus"] == [
        "version.announced", "version.reached", "version.reached", "version.recalled", "version.released", "version.released",
    ]  # fmt: skip
    assert len(heard["None"]) == len(rows(place))
    assert all(one.payload["version"] == version and one.payload["case"] is None for one in sent)


@pytest.mark.parametrize(
    "falsified",
    [
        "DELETE FROM notices WHERE about = 'tom'",
        "UPDATE notices SET recipient = 'rose' WHERE about = 'jade'",
        "UPDATE notices SET about = 'jade', recipient = 'ann' WHERE about = 'tom'",
    ],
)
def test_verify_finds_who_was_not_told_or_need_not_have_been(
    place: Parliament, stricter: Rulebook, falsified: str
) -> None:
    version = place.approved(stricter, SOON)
    place.pass_time(version, SOON)
    with place.engine.connect() as connection:
        connection.execute(sa.text(falsified))
        assert wrong(connection)


def test_a_letter_gives_the_points_of_years_that_are_over_where_a_take_back_changes_those(
    place: Parliament, tmp_path: Path
) -> None:
    start = "{key: agency, start: 100, cap: 100", "{key: agency, start: 110, cap: 110"
    version, hanoi = place.approved(book(tmp_path / "generous", start), SOON), ZoneInfo("Asia/Ho_Chi_Minh")
    place.pass_time(version, SOON)
    began = place.at.astimezone(hanoi).year
    place.at += 366 * DAY
    place.do(version, "take_back", "ada", reasons="It is too generous.")
    place.pass_time(version)
    over = [str(year) for year in range(began, place.at.astimezone(hanoi).year)]
    for language in ("en", "vi", "zh"):
        (body,) = [one["body"] for one in letters(place, LOTUS, language) if one["template"] == "version.released"]
        assert re.findall(r"\d+", body.splitlines()[-1]) == [said for year in over for said in (year, "100", "110")]
    assert proved(place) == []


OLDER = (
    "UPDATE version_moves SET facts = facts - 'to'",
    """UPDATE records SET rows = (SELECT coalesce(jsonb_object_agg(key, value), '{}')
    FROM jsonb_each(rows) WHERE key NOT LIKE 'notices/%')""",
    "DELETE FROM notices",
)


def test_a_wave_of_an_older_release_that_told_nobody_is_no_fault(place: Parliament, stricter: Rulebook) -> None:
    version = place.approved(stricter, SOON)
    place.pass_time(version, SOON)
    with place.engine.begin() as connection:
        for table in ("version_moves", "records", "notices"):
            connection.execute(sa.text(f"ALTER TABLE {table} DISABLE TRIGGER USER"))
        for change in OLDER:
            connection.execute(sa.text(change))

    def found() -> list[str]:
        with place.engine.begin() as connection:
            return [*wrong(connection), *(str(one) for one in waves(connection, Rulebooks()))]

    assert found() == []
    place.do(version, "take_back", "ada", reasons="It warns too many.")
    place.pass_time(version)
    assert set(told(place, "version.released")) == {"jade", "linde", "lotus", "rose", "kim", "tom"}
    assert found() == []
    with place.engine.begin() as connection:
        connection.execute(sa.text("DELETE FROM notices WHERE about = 'tom'"))
    assert found()


def test_of_what_is_on_trial_nobody_is_told_until_it_is_enforced(
    place: Parliament, stricter: Rulebook, tmp_path: Path
) -> None:
    trial = place.approved(book(tmp_path / "trial", *STRICTER, *ON_TRIAL), SOON)
    place.pass_time(trial, SOON)
    assert place.wave(trial).seen == 5
    assert told(place, "version.reached") == {}
    assert proved(place) == []
    version = place.approved(stricter, SOON)
    place.pass_time(version, SOON)
    assert set(told(place, "version.reached")) == {"jade", "linde", "lotus", "rose"}
    newest, *_ = letters(place, Actor("ann", Role.OWNER, "lotus"))
    _, applies, points = newest["body"].splitlines()
    assert applies.startswith("These apply now: A warning")
    assert points == "The score is 100."
    assert proved(place) == []


TRIED = """  - key: additional.tried
    kind: additional
    lasts: 30 days
    restrictions: [bonus]
    text: It was tried.
    illustrative: true

triggers:
  - key: trigger.tried
    enforced: no
    counts: violations
    clause: agency.poaching
    count: 2
    within: 30 days
    penalty: additional.tried
    illustrative: true
"""


def test_a_penalty_that_only_a_trial_brings_is_not_announced_until_it_is_enforced(
    place: Parliament, tmp_path: Path
) -> None:
    tried = "\ntriggers:\n", TRIED
    trial = place.approved(book(tmp_path / "trial", tried), SOON)
    assert told(place, "version.announced") == {}
    place.pass_time(trial, SOON)
    place.approved(book(tmp_path / "enforced", tried, ("    enforced: no\n", "")))
    newest, *_ = letters(place, Actor("ann", Role.OWNER, "lotus"))
    assert "trigger.tried" in newest["body"]


def test_nobody_is_told_of_a_wave_that_changes_nothing_for_them(place: Parliament) -> None:
    version = place.approved(changed(), WEEK)
    place.pass_time(version, WEEK)
    assert place.wave(version).seen == 5
    assert told(place, "version.reached") == {}
    assert [row["template"] for row in rows(place) if row["recipient"] == "edith"][-1] == "version.complete"
    assert proved(place) == []
