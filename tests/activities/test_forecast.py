"""Whom a proposed version would hit is forecast, kept with the proposal, and is what its wave then does."""

import shutil
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from parliament import SOON, begun, parliament
from sqlalchemy import Connection
from versions import approved

from activities.rollout import life
from activities.rollout.forecast import forecast
from activities.rulebooks import Rulebooks
from desk.rehearsal.direct import direct
from ops.rehearsal.script.reader import read
from ops.rehearsal.stage.rehearsal import Stage, stage
from ops.rehearsal.stage.servers import servers
from ops.verify import verify
from rulebook.load import BUNDLED, load
from rulebook.model import Rulebook
from states.version_terms import VersionStatus
from store import forecast as forecasts
from store import party, timeline
from store import version as versions
from store.audit import picture
from store.schema.scores import penalties
from workers.reach import House
from workers.settings import Settings

HOUR = timedelta(hours=1)
STORY = """
scenario: "a forecast"
rulebook: live
start: 2026-12-20T09:00:00+07:00
cast:
  agencies:
    jade: {region: VN, owner: jan}
    a0: {region: VN, owner: o0}
    a1: {region: VN, owner: o1}
    a2: {region: VN, owner: o2}
    a3: {region: VN, owner: o3}
    a4: {region: VN, owner: o4}
    de: {region: DE, owner: od}
  creators:
    kim: {agency: a0, class: professional, level: 3}
    tom: {agency: a1}
    ned: {agency: a1, class: quality}
    eva: {agency: de}
  staff:
    mia: {role: moderator, regions: [VN]}
steps:
"""
CASE = """
  - {by: BY, do: report, id: NAME, clause: CLAUSE, against: SUBJECT, details: "d"}
  - {by: mia, do: claim, case: NAME}
  - {by: mia, do: decide, case: NAME, finding: violation, severity: mild, reasons: "x"}
"""
# Agencies at 95, 90, 80 and 70; a creator with and one without violations in each class.
CHARGED = ["a0", "a1", "a1", "a2", "a2", "a2", "a3", "a3", "a3", "a3", "kim", "kim", "tom"]
LINE = "key: agency_compliance.watch, at: at or below, threshold:"
NEXT = "key: agency_compliance.restricted, at: at or below, threshold:"
WATCH = "  - key: agency_compliance.watch\n    kind: score\n    restrictions:"
CAP = "{key: standard, start:"


def case(number: int, subject: str) -> str:
    by, clause = ("jan", "agency.poaching") if subject.startswith("a") else ("platform", "content.vulgar")
    said = {"BY": by, "NAME": f"r{number}", "CLAUSE": clause, "SUBJECT": subject}
    text = CASE
    for name, value in said.items():
        text = text.replace(name, value)
    return text


def book(folder: Path, *changes: tuple[str, str]) -> Rulebook:
    shutil.copytree(BUNDLED / "live", folder)
    text = (folder / "base.yaml").read_text(encoding="utf-8")
    for was, is_ in changes:
        assert was in text
        text = text.replace(was, is_, 1)
    (folder / "base.yaml").write_text(text, encoding="utf-8")
    return load(folder)


def stricter(folder: Path) -> Rulebook:
    """The first line is 95, and what it brings restricts."""
    return book(
        folder,
        (f"{LINE} 80", f"{LINE} 95"),
        (f"{WATCH} []", f"{WATCH} [bonus]"),
    )


def strictest(folder: Path) -> Rulebook:
    """The second line is 90, too; creators of the standard class begin below a line."""
    return book(
        folder,
        (f"{LINE} 80", f"{LINE} 95"),
        (f"{WATCH} []", f"{WATCH} [bonus]"),
        (f"{NEXT} 60", f"{NEXT} 90"),
        (f"{CAP} 100, cap: 100", f"{CAP} 60, cap: 60"),
    )


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[Stage]:
    (tmp_path / "story.yaml").write_text(STORY + "".join(map(case, range(len(CHARGED)), CHARGED)), encoding="utf-8")
    scenario = read(tmp_path / "story.yaml")
    async with servers(Settings()) as running, stage(running, scenario, direct) as place:
        for step in scenario.steps:
            told = await place.player.play(step)
            assert not told.differences, [str(found) for found in told.differences]
        yield place


def go(connection: Connection, version: Rulebook, at: datetime) -> None:
    while (due := life.by_time(connection, Rulebooks(), version.digest, at)[0]) is not None and due <= at:
        pass


def foretold(connection: Connection, version: Rulebook) -> tuple[int, int, set[tuple[str, str]]]:
    """How many the wave will see and hit, and each penalty that begins."""
    kept = forecasts.read(connection, version.digest)
    assert kept is not None
    assert kept["hit"] == sum(line["hit"] for line in kept["figures"]) == len(kept["subjects"])
    begun = {(one["subject"], key) for one in kept["subjects"] for key in one["penalties"]}
    return kept["seen"], kept["hit"], begun


def done(connection: Connection, version: Rulebook) -> tuple[int, int, set[tuple[str, str]]]:
    """How many the wave saw and hit, and each penalty that began with it."""
    waves = timeline.waves(connection, version.digest)
    began = sa.select(penalties.c.subject, penalties.c.key).where(penalties.c.rulebook == version.digest)
    return sum(one.seen for one in waves), sum(one.hit for one in waves), {(a, b) for a, b in connection.execute(began)}


def hit(connection: Connection, version: Rulebook, since: str) -> set[str]:
    """Whom the version would hit in Vietnam, in force from then."""
    rulebooks, follows = Rulebooks(), versions.newest(connection)
    assert follows is not None
    before, known = rulebooks.timeline(connection), {version.digest: version}
    timeline = replace(before, version=lambda digest: known.get(digest) or before.version(digest))
    dates = {"VN": datetime.fromisoformat(since)}
    return {one.subject.id for one in forecast(connection, timeline, version.digest, follows, dates).hit}


async def test_a_wave_hits_exactly_those_who_were_forecast(place: Stage, tmp_path: Path) -> None:
    at, first, second = place.story.now(), stricter(tmp_path / "first"), strictest(tmp_path / "second")
    with place.engine.begin() as connection:
        assert hit(connection, first, "2026-12-31T23:59:59+07:00") == {"a0", "a1", "a2", "a3"}
        assert hit(connection, first, "2027-01-01T00:00:00+07:00") == set()  # everybody is at 100 again
        approved(connection, first, at, at + HOUR)
        approved(connection, second, at, at + 2 * HOUR)  # of those whom the first will have hit by then
        expected = [foretold(connection, one) for one in (first, second)]
        for version, after in ((first, HOUR), (second, 2 * HOUR)):
            go(connection, version, at + after)
        assert [done(connection, one) for one in (first, second)] == expected
        assert expected[0][:2] == (11, 4)
        assert expected[1] == (
            11,
            5,
            {(name, "agency_compliance.restricted") for name in ("a1", "a2", "a3")}
            | {(name, "creator_health.limited") for name in ("tom", "eva")},
        )
    with picture(place.engine) as connection:
        assert [str(found) async for found in verify(connection, at + 3 * HOUR)] == []


def test_a_wave_that_hits_more_than_was_forecast_stops_itself_until_somebody_lets_it_go_on(
    house: House, tmp_path: Path
) -> None:
    version = book(tmp_path / "all", (f"{LINE} 80", f"{LINE} 100"))
    with begun(house) as engine, parliament(house, engine) as place:
        place.approved(version, SOON)
        place.live(f"agency.{number}" for number in range(24))
        place.pass_time(version.digest, SOON)
        assert place.read(version.digest).status is VersionStatus.HALTED
        with place.engine.begin() as connection:
            kept = forecasts.read(connection, version.digest)
            assert kept is not None
            assert (kept["seen"], kept["hit"], kept["most_hit"]) == (1, 1, 2)
        place.do(version.digest, "resume", "ada")
        place.pass_time(version.digest)
        assert place.read(version.digest).status is VersionStatus.IN_FORCE
        assert place.wave(version.digest).hit == 25
        assert place.proved() == []


def test_a_forecast_made_before_another_version_was_approved_is_made_again(house: House, tmp_path: Path) -> None:
    first = book(tmp_path / "first", (f"{LINE} 80", f"{LINE} 100"))
    second = book(tmp_path / "second", (f"{LINE} 80", f"{LINE} 100"), ("version: 3", "version: 4"))
    with begun(house) as engine, parliament(house, engine) as place:
        said = {"reasons": "Everybody.", "in_force_from": place.at + 2 * SOON}
        place.draft(second)
        with place.engine.begin() as connection:
            edith = party.actor(connection, "edith")
            assert edith is not None
            made = life.foresee(connection, Rulebooks(), second.digest, edith, said, place.at)
        assert made is not None
        assert [one.subject.id for one in made.forecast.hit] == ["lotus"]
        place.approved(first, SOON)
        with place.engine.begin() as connection:
            life.move(
                connection,
                Rulebooks(),
                second.digest,
                "propose",
                edith,
                said,
                place.at,
                through="session",
                foreseen=made,
            )
            kept = forecasts.read(connection, second.digest)
        assert kept is not None
        assert kept["hit"] == 0  # the first will have hit everybody


def test_each_proposal_has_a_forecast_of_its_own(house: House, tmp_path: Path) -> None:
    version = book(tmp_path / "all", (f"{LINE} 80", f"{LINE} 100")).digest
    with begun(house) as engine, parliament(house, engine) as place:
        place.draft(load(tmp_path / "all"))
        place.propose(version)
        place.live(["jade"])
        place.do(version, "reject", "ada", reasons="Too many.")
        place.propose(version)
        with place.engine.begin() as connection:
            kept = forecasts.read(connection, version)
        assert kept is not None
        assert (kept["number"], [one["subject"] for one in kept["subjects"]]) == (4, ["jade", "lotus"])
        assert place.proved() == []
