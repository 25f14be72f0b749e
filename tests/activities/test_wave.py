"""A version's wave reaches one subject after the other, and goes back over them; at every step all is true."""

import shutil
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy import Connection
from versions import APPROVER, approved

from activities.look import Looker, Woken
from activities.rollout import life
from activities.rulebooks import Rulebooks
from desk.rehearsal.direct import direct
from ops.rehearsal.script.reader import read
from ops.rehearsal.stage.rehearsal import Stage, stage
from ops.rehearsal.stage.servers import servers
from ops.verify import verify
from rulebook.load import BUNDLED, load
from rulebook.model import Rulebook
from states.version_terms import VersionStatus
from store import journal, ledger, party, penalty, seal, timeline
from store import version as versions
from store.audit import picture
from store.ring import Way
from store.schema.rulebooks import rollouts
from store.schema.rulebooks import versions as rows
from store.timeline import EVERYBODY
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


def roll_out(connection: Connection, book: Rulebook, at: datetime) -> None:
    """The version is in force from now on, and its wave has reached nobody yet: it is halted, and moved by hand."""
    approved(connection, book, at, at)
    life.by_time(connection, Rulebooks(), book.digest, at)
    approver = party.actor(connection, APPROVER)
    assert approver is not None
    life.move(connection, Rulebooks(), book.digest, "halt", approver, {}, at, through="session")
    life.by_time(connection, Rulebooks(), book.digest, at)


async def go(place: Stage, book: Rulebook, way: Way, most: int = 3) -> bool:
    """The next batch of the wave in Vietnam, of so many at most; whether anybody is left there."""
    now, rulebooks, woken = place.story.now(), Rulebooks(), list[Woken]()
    with place.engine.begin() as connection:
        approver, region = party.actor(connection, APPROVER), None
        assert approver is not None
        if way is Way.REACHED:
            life.move(connection, rulebooks, book.digest, "resume", approver, {}, now, through="session")
        while region != "VN":  # others have nobody
            with journal.recording(connection, versions.topic(book.key), now):
                seal.update(connection, rows, {"digest": book.digest}, pace=most, batch_due_at=now)
            woken += life.by_time(connection, rulebooks, book.digest, now)[1]
            moves = versions.moves(connection, book.digest)
            region = [one["facts"]["region"] for one in moves if one["event"] == "next_batch"][-1]
        dated = next(one for one in timeline.waves(connection, book.digest) if one.region == "VN")
        if dated.status is VersionStatus.ROLLING_OUT:
            life.move(connection, rulebooks, book.digest, "halt", approver, {}, now, through="session")
        if way is Way.REACHED:
            life.by_time(connection, rulebooks, book.digest, now)  # its courier has nothing to read
    for one in woken:
        await Looker(place.client, "rehearsal").wake(one, now)
    return not (dated.through if way is Way.REACHED else dated.undone)


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
async def place(tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[Stage]:
    said = story().replace("2026-03-02T", f"{getattr(request, 'param', '2026-03-02')}T", 1)
    (tmp_path / "story.yaml").write_text(said, encoding="utf-8")
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
        roll_out(connection, book, place.story.now())
    assert watched(place) == set()
    left = await go(place, book, Way.REACHED)
    await true(place)
    for step in late:
        told = await place.player.play(step)
        assert not told.differences, [str(found) for found in told.differences]
    await true(place)
    while left:
        left = await go(place, book, Way.REACHED)
        await true(place)
    assert watched(place) == {*CHARGED, AGENCIES[5]}
    assert counted(place, book) == (EVERYBODY, 15, 5 - (AGENCIES[5] in watched_at_once(place)))
    with place.engine.begin() as connection:
        approver, said = party.actor(connection, APPROVER), {"reasons": "It was wrong."}
        assert approver is not None
        life.move(
            connection, Rulebooks(), book.digest, "take_back", approver, said, place.story.now(), through="session"
        )
    left = True
    while left:
        await true(place)
        left = await go(place, book, Way.RELEASED)
    await true(place)
    assert watched(place) == set()


def elsewhere(folder: Path) -> Rulebook:
    """Agencies start at 110."""
    shutil.copytree(BUNDLED / "live", folder)
    text = (folder / "base.yaml").read_text(encoding="utf-8")
    was = "{key: agency, start: 100, cap: 100"
    assert was in text
    (folder / "base.yaml").write_text(text.replace(was, "{key: agency, start: 110, cap: 110"), encoding="utf-8")
    return load(folder)


def balances(place: Stage, year: str) -> dict[str, int | None]:
    """The scores that were booked of a year."""
    with place.engine.begin() as connection:
        return {name: ledger.last(connection, name, "agency_compliance", year)[1] for name in AGENCIES}


@pytest.mark.parametrize("place", ["2026-12-30"], indirect=True)
async def test_a_wave_that_goes_on_after_new_year_leaves_the_old_year_as_it_was(place: Stage, tmp_path: Path) -> None:
    book = elsewhere(tmp_path / "second")
    with place.engine.begin() as connection:
        roll_out(connection, book, place.story.now())
    await go(place, book, Way.REACHED, most=6)
    old = balances(place, "2026")
    assert {95, 105} <= {old[name] for name in CHARGED} <= {95, 105}
    await place.story.until(place.story.now() + timedelta(days=5))
    await true(place)
    while await go(place, book, Way.REACHED, most=5):
        assert balances(place, "2026") == old
        await true(place)
    assert (balances(place, "2026"), set(balances(place, "2027").values())) == (old, {None, 110})
    await true(place)
    with place.engine.begin() as connection:
        approver, said = party.actor(connection, APPROVER), {"reasons": "It was wrong."}
        assert approver is not None
        life.move(
            connection, Rulebooks(), book.digest, "take_back", approver, said, place.story.now(), through="session"
        )
    while await go(place, book, Way.RELEASED, most=9):
        await true(place)
    assert {balances(place, "2026")[name] for name in CHARGED} == {95}
    await true(place)


def watched_at_once(place: Stage) -> set[str]:
    """Who got the penalty with a verdict, and not by the wave."""
    with place.engine.begin() as connection:
        found = connection.execute(
            sa.text("SELECT subject FROM penalties WHERE kind = 'score' AND \"case\" IS NOT NULL")
        )
        return set(found.scalars())
