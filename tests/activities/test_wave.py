"""A version's wave reaches one subject after the other, and goes back over them; at every step all is true."""

import shutil
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy import Connection

from activities.look import Looker
from activities.rollout.reach import Batch, batch
from activities.rulebooks import Rulebooks
from desk.rehearsal.direct import direct
from ops.rehearsal.script.reader import read
from ops.rehearsal.stage.rehearsal import Stage, stage
from ops.rehearsal.stage.servers import servers
from ops.verify import verify
from rulebook.load import BUNDLED, load
from rulebook.model import Rulebook
from states.version_terms import VersionStatus
from store import journal, penalty, seal, timeline
from store import rulebook as stored
from store.audit import picture
from store.ring import Way
from store.schema.rulebooks import rollouts, version_moves, versions
from store.timeline import EVERYBODY, NOBODY
from workers.settings import Settings

AGENCIES = [f"a{number}" for number in range(12)]
CHARGED = AGENCIES[:4]
STORY = """
scenario: "a wave"
rulebook: live
start: 2026-03-02T09:00:00+07:00
cast:
  agencies:
    jade: {region: VN, owner: jan}
AGENCIES
  creators:
    kim: {agency: a0}
    tom: {agency: a1}
  staff:
    mia: {role: moderator, regions: [VN]}
steps:
"""
CHARGE = """
  - {by: jan, do: report, id: NAME, clause: agency.poaching, against: AGENCY, details: "d"}
  - {by: mia, do: claim, case: NAME}
  - {by: mia, do: decide, case: NAME, finding: violation, severity: mild, reasons: "x"}
"""
FED = """
  - {by: platform, do: stream, creator: kim, dates: [{day: 2026-03-01, hours: 3}, {day: 2026-03-02, hours: 3}]}
"""


def story() -> str:
    agencies = "\n".join(f"    {name}: {{region: VN, owner: o{name}}}" for name in AGENCIES)
    charges = "".join(CHARGE.replace("NAME", f"r{name}").replace("AGENCY", name) for name in CHARGED)
    late = CHARGE.replace("NAME", "late").replace("AGENCY", AGENCIES[5])
    return STORY.replace("AGENCIES", agencies) + charges + late


def second(folder: Path) -> Rulebook:
    """The line of the first tier is 95, and what it brings restricts; a start of 110 for creators; spam is forbidden."""
    shutil.copytree(BUNDLED / "live", folder)
    text = (folder / "base.yaml").read_text(encoding="utf-8")
    for was, is_ in (
        ("key: agency_compliance.watch, at: at or below, threshold: 80", "key: agency_compliance.watch, at: at or below, threshold: 95"),
        ("  - key: agency_compliance.watch\n    kind: score\n    restrictions: []", "  - key: agency_compliance.watch\n    kind: score\n    restrictions: [bonus]"),
        ("{key: standard, start: 100, cap: 100", "{key: standard, start: 110, cap: 110"),
    ):  # fmt: skip
        assert was in text
        text = text.replace(was, is_)
    (folder / "base.yaml").write_text(text, encoding="utf-8")
    return load(folder)


def roll_out(connection: Connection, book: Rulebook, place: Stage) -> None:
    """The version is in force from now on, and its wave has reached nobody yet."""
    now, turn = place.story.now(), int(book.digest[:8], 16)
    with journal.recording(connection, "rulebook", now):
        stored.add(connection, book)
        follows = timeline.read(connection)[-1].digest
        status = {"status": VersionStatus.ROLLING_OUT, "version": 1, "moved_at": now, "approved_at": now}
        seal.insert(connection, versions, {"digest": book.digest, "follows": follows, **status})
        line = {"version": book.digest, "number": 1, "at": now, "event": "take_force", "actor": "clock", "facts": {}}
        seal.insert(connection, version_moves, line | {"source": "approved", "target": "rolling_out"})
        cursor = {"turn": turn, "reached": NOBODY, "reached_id": "", "released": NOBODY, "released_id": ""}
        rows = [
            cursor | {"version": book.digest, "region": region, "in_force_from": now, "seen": 0, "hit": 0}
            for region in book.regions
        ]
        seal.insert(connection, rollouts, rows)


async def go(place: Stage, book: Rulebook, way: Way, most: int = 3) -> Batch:
    """The next batch of the wave in Vietnam."""
    with place.engine.begin() as connection, journal.recording(connection, "rulebook", place.story.now()):
        dated = next(one for one in timeline.read(connection) if (one.digest, one.region) == (book.digest, "VN"))
        done = batch(connection, Rulebooks(), dated, way, place.story.now(), most)
    await Looker(place.client, "rehearsal").wake(done.woken, place.story.now())
    return done


async def true(place: Stage) -> None:
    with picture(place.engine) as connection:
        assert [str(found) async for found in verify(connection, place.story.now() + timedelta(seconds=1))] == []


def watched(place: Stage) -> set[str]:
    """Who has the first tier's penalty."""
    with place.engine.begin() as connection:
        now = place.story.now() + timedelta(seconds=1)
        return {
            name
            for name in AGENCIES
            if any(
                row["key"] == "agency_compliance.watch"
                for row in penalty.of_subject(connection, name, now, in_force=True).rows
            )
        }


def counted(place: Stage, book: Rulebook) -> tuple[int, int, int]:
    with place.engine.begin() as connection:
        row = connection.execute(
            sa.select(rollouts).where(rollouts.c.version == book.digest, rollouts.c.region == "VN")
        ).one()
        return row.reached, row.seen, row.hit


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[Stage]:
    (tmp_path / "story.yaml").write_text(story(), encoding="utf-8")
    scenario = read(tmp_path / "story.yaml")
    async with servers(Settings()) as running, stage(running, scenario, direct) as place:
        for step in scenario.steps[:-3]:
            told = await place.player.play(step)
            assert not told.differences, [str(found) for found in told.differences]
        yield place


async def test_a_wave_reaches_each_once_and_goes_back_as_if_it_had_never_been(place: Stage, tmp_path: Path) -> None:
    book = second(tmp_path / "second")
    late = read(tmp_path / "story.yaml").steps[-3:]
    with place.engine.begin() as connection:
        roll_out(connection, book, place)
    assert watched(place) == set()
    reached = await go(place, book, Way.REACHED)
    await true(place)
    for step in late:
        told = await place.player.play(step)
        assert not told.differences, [str(found) for found in told.differences]
    await true(place)
    while reached.left:
        reached = await go(place, book, Way.REACHED)
        await true(place)
    assert watched(place) == {*CHARGED, AGENCIES[5]}
    assert counted(place, book) == (EVERYBODY, 15, 5 - (AGENCIES[5] in watched_at_once(place)))
    with place.engine.begin() as connection, journal.recording(connection, "rulebook", place.story.now()):
        seal.update(connection, versions, {"digest": book.digest}, status=VersionStatus.TAKING_BACK, version=2)
    left = True
    while left:
        await true(place)
        left = (await go(place, book, Way.RELEASED)).left
    await true(place)
    assert watched(place) == set()


def watched_at_once(place: Stage) -> set[str]:
    """Who got the penalty with a verdict, and not by the wave."""
    with place.engine.begin() as connection:
        found = connection.execute(
            sa.text("SELECT subject FROM penalties WHERE kind = 'score' AND \"case\" IS NOT NULL")
        )
        return set(found.scalars())
