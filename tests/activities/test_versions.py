"""A rulebook that follows another: what happened before keeps its prices, and what is new is judged by the new one."""

import shutil
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection
from versions import in_force

from desk.rehearsal.direct import direct
from ops.rehearsal.script.reader import read
from ops.rehearsal.stage.rehearsal import Stage, stage
from ops.rehearsal.stage.servers import servers
from ops.verify import verify
from rulebook.load import BUNDLED, load
from store import timeline
from store.audit import picture
from workers.settings import Settings

STORY = """
scenario: "a second version comes into force"
rulebook: live
start: 2026-03-02T09:00:00+07:00
cast:
  agencies:
    lotus: {region: VN, owner: ann, agents: {bob: [kim, tom]}}
    jade: {region: VN, owner: jan}
  creators:
    kim: {agency: lotus}
    tom: {agency: lotus}
  staff:
    mia: {role: moderator, regions: [VN]}
    sam: {role: senior_moderator, regions: [VN]}
steps:
  - {by: jan, do: report, id: r1, clause: agency.poaching, against: lotus, details: "d"}
  - {by: mia, do: claim, case: r1}
  - {by: mia, do: decide, case: r1, finding: violation, severity: mild, reasons: "x", expect: {score: {lotus: 95}}}
  - {after: 2d, by: jan, do: report, id: r2, clause: agency.poaching, against: lotus, details: "d", expect: {quota: {jade: 0}}}
  - {by: mia, do: claim, case: r2}
  - {by: mia, do: decide, case: r2, finding: violation, severity: mild, reasons: "x", expect: {score: {lotus: 88}}}
  - {by: jan, do: report, id: r3, clause: agency.poaching, against: lotus, occurred: 2026-03-02T10:00:00+07:00, details: "d", expect: {error: quota_exhausted}}
  # what the new version alone knows stands beside what is judged by the old one
  - {by: platform, do: report, id: v1, clause: content.spam, against: kim, details: "d"}
  - {by: mia, do: claim, case: v1}
  - {by: mia, do: decide, case: v1, finding: violation, severity: mild, reasons: "x"}
  - {by: platform, do: report, id: v2, clause: content.vulgar, against: tom, occurred: 2026-03-02T09:30:00+07:00, details: "d"}
  - {by: mia, do: claim, case: v2}
  - {by: mia, do: decide, case: v2, finding: violation, severity: mild, reasons: "x", expect: {score: {tom: 99}}}
  - {by: ann, do: appeal, id: a1, of: r1, grounds: "g"}
  - {by: sam, do: claim, case: a1}
  - {by: sam, do: decide, case: a1, outcome: overturned, reasons: "x", expect: {score: {lotus: 93}}}
"""
# The new version is in force before this step.
SECOND = 3


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[Stage]:
    """The story, played; the new version costs 7 where the old one cost 5, and knows a clause more."""
    folder = Path(shutil.copytree(BUNDLED / "live", tmp_path / "second"))
    text = (folder / "base.yaml").read_text(encoding="utf-8").replace("points: [5, 5, 10]", "points: [7, 7, 14]")
    spam = "  - key: content.spam\n    family: content violation\n    charged_to: creator\n    reported_by: platform\n"
    spam += "    title: Spam\n    text: A stream may not be spam.\n    illustrative: true\n"
    assert "  - key: content.vulgar\n" in text
    text = text.replace("  - key: content.vulgar\n", f"{spam}  - key: content.vulgar\n")
    (folder / "base.yaml").write_text(text, encoding="utf-8")
    (tmp_path / "story.yaml").write_text(STORY, encoding="utf-8")
    scenario = read(tmp_path / "story.yaml")
    async with servers(Settings()) as running, stage(running, scenario, direct) as place:
        for number, step in enumerate(scenario.steps):
            if number == SECOND:
                with place.engine.begin() as connection:
                    second = load(folder, {"reports.quota_per_month": 2})
                    in_force(connection, second, place.story.now() + timedelta(days=1))
            told = await place.player.play(step)
            assert not told.differences, [str(found) for found in told.differences]
        yield place


def newest_of(connection: Connection) -> str:
    return timeline.read(connection)[-1].digest


async def test_each_violation_keeps_its_price_and_all_is_true(place: Stage) -> None:
    with picture(place.engine) as connection:
        assert [str(found) async for found in verify(connection, place.story.now())] == []


async def test_what_is_written_meanwhile_is_not_in_the_picture(place: Stage) -> None:
    later = place.story.now() + timedelta(days=1)
    with picture(place.engine) as connection:
        before = newest_of(connection)
        with place.engine.begin() as other:
            in_force(other, load("live", {"appeals.window": "2d"}), later)
            assert newest_of(other) != before
        assert newest_of(connection) == before
