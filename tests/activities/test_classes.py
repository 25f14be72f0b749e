"""A creator whom the platform feeds another class: the ledger tells it, tiers follow, and all stays true."""

from pathlib import Path

import pytest

from activities.feed import parties as feed
from activities.look import Looker
from activities.rulebooks import Rulebooks
from desk.rehearsal.direct import direct
from ops.rehearsal.script.reader import read
from ops.rehearsal.stage.rehearsal import stage
from ops.rehearsal.stage.servers import servers
from ops.verify import verify
from rulebook.terms import CreatorClass
from store import ledger
from store.audit import picture
from store.party import Profile
from workers.settings import Settings

STORY = """
scenario: "kim becomes a professional, and is none again"
rulebook: live
start: 2026-03-02T09:00:00+07:00
cast:
  agencies:
    lotus: {region: VN, owner: ann}
  creators:
    kim: {agency: lotus, level: 3, followers: 20000000}
  staff:
    mia: {role: moderator, regions: [VN]}
steps:
  - {by: platform, do: report, id: v1, clause: content.gambling, against: kim, details: "d"}
  - {by: mia, do: claim, case: v1}
  - {by: mia, do: decide, case: v1, finding: violation, severity: severe, reasons: "x", expect: {score: {kim: 87}}}
  - {expect: {score: {kim: 107}}}
  - {by: platform, do: report, id: v2, clause: content.gambling, against: kim, details: "d"}
  - {by: mia, do: claim, case: v2}
  - {by: mia, do: decide, case: v2, finding: violation, severity: severe, reasons: "x", expect: {score: {kim: 94}}}
  - {by: platform, do: report, id: v3, clause: content.gambling, against: kim, details: "d"}
  - {by: mia, do: claim, case: v3}
  - {by: mia, do: decide, case: v3, finding: violation, severity: severe, reasons: "x", expect: {score: {kim: 81}, penalties: {kim: []}}}
  - {expect: {score: {kim: 61}, penalties: {kim: [creator_health.limited]}}}
"""
# Before these steps kim is fed anew.
FED = {3: CreatorClass.PROFESSIONAL, 10: CreatorClass.STANDARD}
# Nothing has happened so far.
FED_FIRST = {0: CreatorClass.PROFESSIONAL}
FIRST_OF_ALL = (
    STORY[: STORY.index("  - {by: platform")]
    + """
  - {expect: {score: {kim: 120}}}
  - {by: platform, do: report, id: v1, clause: content.gambling, against: kim, details: "d"}
  - {by: mia, do: claim, case: v1}
  - {by: mia, do: decide, case: v1, finding: violation, severity: severe, reasons: "x", expect: {score: {kim: 107}}}
"""
)


@pytest.mark.parametrize(
    ("story", "fed", "expected"),
    [
        (
            STORY,
            FED,
            [
                ("verdict", -13, 87),
                ("class_changed", 20, 107),
                ("verdict", -13, 94),
                ("verdict", -13, 81),
                ("class_changed", -20, 61),
            ],
        ),
        (FIRST_OF_ALL, FED_FIRST, [("class_changed", 20, 120), ("verdict", -13, 107)]),
    ],
    ids=["between violations", "before anything else"],
)
async def test_another_class_is_a_line_of_the_ledger(
    tmp_path: Path, story: str, fed: dict[int, CreatorClass], expected: list[tuple[str, int, int]]
) -> None:
    (tmp_path / "story.yaml").write_text(story, encoding="utf-8")
    scenario = read(tmp_path / "story.yaml")
    async with servers(Settings()) as running, stage(running, scenario, direct) as place:
        for number, step in enumerate(scenario.steps):
            if number in fed:
                profile, now = Profile(fed[number], 3, 20_000_000, 0), place.story.now()
                with place.engine.begin() as connection:
                    woken = feed.creator(connection, Rulebooks(), "kim", "VN", profile, now, now)
                assert woken.subjects == ["kim"] * (number == 10)
                await Looker(place.client, "rehearsal").wake(woken, now)
            told = await place.player.play(step)
            assert not told.differences, [str(found) for found in told.differences]
        with picture(place.engine) as connection:
            assert [str(found) async for found in verify(connection, place.story.now())] == []
            lines = ledger.lines(connection, "kim", "creator_health", "life").rows[::-1]
    assert [(line["reason"], line["change"], line["balance"]) for line in lines] == expected
