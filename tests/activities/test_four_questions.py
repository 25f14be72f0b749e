"""Which version answers? Six small stories of two versions, of which five went wrong while the moving case decided."""

import shutil
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from versions import APPROVER, in_force

from activities.look import Looker, Woken
from activities.restrictions import in_force as restricted
from activities.rollout import life
from activities.rulebooks import Rulebooks
from activities.score.points import score_of
from desk.reading.subject import Sheets
from desk.rehearsal.direct import direct
from ops.rehearsal.script.reader import read
from ops.rehearsal.stage.rehearsal import Stage, stage
from ops.rehearsal.stage.servers import Servers, servers
from ops.verify import verify
from ops.verify.carried import carried
from ops.verify.penalties import penalties
from rulebook.load import BUNDLED, load
from rulebook.model import Rulebook
from store import ledger, party, penalty
from store.audit import picture
from workers.settings import Settings

HEAD = """
scenario: "two versions"
rulebook: live
start: 2026-03-02T09:00:00+07:00
cast:
  agencies:
    lotus: {region: VN, owner: ann}
    jade: {region: VN, owner: jan}
  creators:
    kim: {agency: lotus}
  staff:
    mia: {role: moderator, regions: [VN]}
    sam: {role: senior_moderator, regions: [VN]}
steps:
"""


def charged(name: str, **more: str) -> str:
    """A mild violation of lotus."""
    stated = "".join(f", {key}: {value}" for key, value in more.items())
    return f"""
  - {{by: jan, do: report, id: {name}, clause: agency.poaching, against: lotus, details: "d"{stated}}}
  - {{by: mia, do: claim, case: {name}}}
  - {{by: mia, do: decide, case: {name}, finding: violation, severity: mild, reasons: "x"}}
"""


def overturned(of: str) -> str:
    return f"""
  - {{by: ann, do: appeal, id: appeal-{of}, of: {of}, grounds: "g"}}
  - {{by: sam, do: claim, case: appeal-{of}}}
  - {{by: sam, do: decide, case: appeal-{of}, outcome: overturned, reasons: "x"}}
"""


def changed(folder: Path, changes: Mapping[str, str]) -> Rulebook:
    """The bundled rulebook with other words."""
    shutil.copytree(BUNDLED / "live", folder)
    text = (folder / "base.yaml").read_text(encoding="utf-8")
    for was, is_ in changes.items():
        assert was in text
        text = text.replace(was, is_)
    (folder / "base.yaml").write_text(text, encoding="utf-8")
    return load(folder)


@pytest.fixture(scope="module")
async def on() -> AsyncIterator[Servers]:
    async with servers(Settings()) as running:
        yield running


@asynccontextmanager
async def played(
    on: Servers, tmp_path: Path, before: str, second: Rulebook, after: str, *others: Rulebook, head: str = HEAD
) -> AsyncIterator[Stage]:
    """The steps before, then the second version in force for everybody, then the steps after; and all is true.

    `others` take force right after the second.
    """
    (tmp_path / "story.yaml").write_text(head + before + after, encoding="utf-8")
    (tmp_path / "before.yaml").write_text(head + before, encoding="utf-8")
    scenario, first = read(tmp_path / "story.yaml"), len(read(tmp_path / "before.yaml").steps)
    async with stage(on, scenario, direct) as place:
        for number, step in enumerate(scenario.steps):
            if number == first:
                for book in (second, *others):
                    with place.engine.begin() as connection:
                        in_force(connection, book, place.story.now())
                await Looker(place.client, "rehearsal").wake(Woken(subjects=["lotus", "kim"]), place.story.now())
            told = await place.player.play(step)
            assert not told.differences, [str(found) for found in told.differences]
        await true(place)
        yield place


async def true(place: Stage) -> None:
    with picture(place.engine) as connection:
        later = place.story.now() + timedelta(seconds=1)
        assert [str(found) async for found in verify(connection, later)] == []


async def taken_back(place: Stage, book: Rulebook) -> None:
    """Take a version back, wholly, and hold that all is true."""
    with place.engine.begin() as connection:
        approver, now = party.actor(connection, APPROVER), place.story.now()
        assert approver is not None
        said = {"reasons": "It was wrong."}
        life.move(connection, Rulebooks(), book.digest, "take_back", approver, said, now, through="session")
        while life.by_time(connection, Rulebooks(), book.digest, now)[0] is not None:
            pass
    await Looker(place.client, "rehearsal").wake(Woken(subjects=["lotus", "kim"]), now)
    await true(place)


def score(place: Stage, name: str) -> int:
    with place.engine.begin() as connection:
        subject, now = party.subject(connection, name), place.story.now()
        assert subject is not None
        return score_of(connection, subject, Rulebooks().governing(connection, subject, now), now).points


def standing(place: Stage, name: str) -> tuple[set[str], set[str]]:
    """The penalties of a subject that are in force, and what they restrict."""
    with place.engine.begin() as connection:
        now = place.story.now() + timedelta(seconds=1)
        keys = {row["key"] for row in penalty.of_subject(connection, name, now, in_force=True).rows}
        return keys, set(restricted(connection, Rulebooks(), name, now)[0])


RAISED = {"key: agency_compliance.watch, at: at or below, threshold: 80": "key: agency_compliance.watch, at: at or below, threshold: 95"}  # fmt: skip


async def test_a_an_old_case_lifts_no_tier_that_a_newer_version_brings(on: Servers, tmp_path: Path) -> None:
    second = changed(tmp_path / "second", RAISED)
    async with played(on, tmp_path, charged("r1"), second, charged("r2") + overturned("r1")) as place:
        assert score(place, "lotus") == 95
        assert "agency_compliance.watch" in standing(place, "lotus")[0]


async def test_b_a_clean_day_gives_what_its_own_version_says(on: Servers, tmp_path: Path) -> None:
    second = changed(tmp_path / "second", {"recovery: {points: 5, days: 5,": "recovery: {points: 1, days: 2,"})
    fed = "\n  - {after: AFTER, by: platform, do: stream, creator: kim, days: DAYS, hours: HOURS}\n"
    vulgar = """
  - {by: platform, do: report, id: NAME, clause: content.vulgar, against: kim, details: "d", occurred: 2026-02-20T10:00:00+07:00}
  - {by: mia, do: claim, case: NAME}
  - {by: mia, do: decide, case: NAME, finding: violation, severity: severe, reasons: "x"}
"""
    before = vulgar.replace("NAME", "v1")
    before += fed.replace("AFTER", "0h").replace("DAYS", "4").replace("HOURS", "3")
    after = fed.replace("AFTER", "24h").replace("DAYS", "1").replace("HOURS", "1") + vulgar.replace("NAME", "v2")
    async with played(on, tmp_path, before, second, after) as place:
        assert score(place, "kim") == 92


async def test_f_what_a_penalty_means_in_the_newer_version_is_told(on: Servers, tmp_path: Path) -> None:
    was = "  - key: agency_compliance.watch\n    kind: score\n    restrictions: []"
    second = changed(tmp_path / "second", {was: was.replace("[]", "[bonus]")})
    steps = "".join(charged(f"r{number}") for number in range(3))
    async with played(on, tmp_path, steps, second, charged("r9")) as place:
        keys, restrictions = standing(place, "lotus")
        assert "agency_compliance.watch" in keys
        assert restrictions == {"bonus"}


NOTHING = "\n  - {by: platform, do: stream, creator: kim, days: 1, hours: 1}\n"


async def test_what_two_versions_brought_goes_when_both_are_taken_back(on: Servers, tmp_path: Path) -> None:
    """The newer one, by which it was judged, is released first; then the one that both it and the penalty stood on."""
    milder = {"base_penalty: {mild: base.warning,": "base_penalty: {mild: base.recruiting_paused,"}
    second = changed(tmp_path / "second", milder)
    third = changed(tmp_path / "third", milder | RAISED)
    async with played(on, tmp_path, NOTHING, second, charged("r1"), third) as place:
        await taken_back(place, third)
        assert standing(place, "lotus")[0] == {"base.recruiting_paused"}
        await taken_back(place, second)
        assert standing(place, "lotus")[0] == set()


async def test_a_tier_lasts_as_long_as_the_version_says_that_governs_and_begins_anew_by_no_take_back(
    on: Servers, tmp_path: Path
) -> None:
    was = "  - key: agency_compliance.watch\n    kind: score\n"
    second, third = (
        changed(tmp_path / f"{days}", {was: f"{was}    lasts: {days} days\n"}) for days in (30, 7)
    )  # fmt: skip
    steps = "".join(charged(f"r{number}") for number in range(3))
    after = NOTHING.replace("{by", "{after: 5d, by")
    async with played(on, tmp_path, steps, second, after, third) as place:
        sheets = Sheets(place.engine, place.story.now)

        def runs(at: datetime | None = None) -> list[tuple[str, str]]:
            shown = [one for one in sheets.show(None, "lotus", at=at).penalties if one["kind"] == "score"]
            return [(f"{one['starts_at']:%m-%d}", f"{one['ends_at'].astimezone(UTC):%m-%d}") for one in shown]

        before = place.story.now() - timedelta(days=1)
        assert runs() == [("03-02", "03-09")]
        await taken_back(place, third)
        assert (runs(), runs(before)) == ([("03-02", "04-01")], [("03-02", "03-09")])
        with place.engine.begin() as connection, connection.begin_nested() as tried:
            falsified = "starts_at = starts_at + interval '1 hour' WHERE imposed_at IS NOT NULL"
            connection.execute(sa.text(f"UPDATE penalties SET {falsified}"))
            assert "start" in {one.what for one in carried(connection, Rulebooks(), place.story.now())}
            tried.rollback()
        await taken_back(place, second)
        assert (runs(), runs(before)) == ([("03-02", "12-31")], [("03-02", "03-09")])


async def test_a_year_that_has_ended_since_a_version_took_force_is_given_back_too(on: Servers, tmp_path: Path) -> None:
    other = {"start: 100, cap: 100, source: S 001}\n    pricing: {by: rank, points: [5,": "start: 110, cap: 110, source: S 001}\n    pricing: {by: rank, points: [7,"}  # fmt: skip
    second, head = changed(tmp_path / "second", other), HEAD.replace("2026-03-02", "2026-12-30")
    next_year = NOTHING.replace("{by", "{after: 5d, by")
    async with played(on, tmp_path, NOTHING, second, charged("r1") + next_year, head=head) as place:
        await taken_back(place, second)
        with place.engine.begin() as connection:
            assert ledger.last(connection, "lotus", "agency_compliance", "2026")[1] == 95


async def test_a_tier_that_ran_out_by_a_version_is_in_force_again_once_that_is_taken_back(
    on: Servers, tmp_path: Path
) -> None:
    was = "  - key: agency_compliance.watch\n    kind: score\n"
    second = changed(tmp_path / "second", {was: f"{was}    lasts: 7 days\n"})
    steps = "".join(charged(f"r{number}") for number in range(3))
    async with played(on, tmp_path, NOTHING, second, steps + NOTHING.replace("{by", "{after: 8d, by")) as place:
        assert "agency_compliance.watch" not in standing(place, "lotus")[0]
        await taken_back(place, second)
        assert "agency_compliance.watch" in standing(place, "lotus")[0]


TRIGGER = """triggers:
  - key: trigger.poaching
    counts: violations
    clause: agency.poaching
    count: 2
    within: 30 days
    penalty: additional.multi_account
    illustrative: true
"""
RISING = TRIGGER.replace("illustrative", "instead_of: [base.warning]\n    illustrative")


@pytest.mark.parametrize(
    ("second", "third", "brought"),
    [
        pytest.param(TRIGGER, RISING, [{"additional"}, {"additional"}, {"warning"}], id="the newer one"),
        pytest.param(RISING, TRIGGER, [{"additional", "warning"}, {"additional"}, {"warning"}], id="the older one"),
    ],
)
async def test_what_a_penalty_stood_instead_of_comes_once_the_version_that_said_so_is_taken_back(
    on: Servers, tmp_path: Path, second: str, third: str, brought: list[set[str]]
) -> None:
    older, newer = (
        changed(tmp_path / name, {"triggers:\n": stated}) for name, stated in (("second", second), ("third", third))
    )

    def of_the_last() -> set[str]:
        with place.engine.begin() as connection:
            found = penalty.of_subject(connection, "lotus", place.story.now()).rows
            rows = [row for row in found if row["violation"] and row["lifted_at"] is None]
            last = max(rows, key=lambda row: row["starts_at"])["violation"]
        return {row["key"].split(".")[0].replace("base", "warning") for row in rows if row["violation"] == last}

    steps = charged("r1") + NOTHING.replace("{by", "{after: 1h, by") + charged("r2")
    async with played(on, tmp_path, NOTHING, older, steps, newer) as place:
        found = [of_the_last()]
        for book in (newer, older):
            await taken_back(place, book)
            found.append(of_the_last())
            sheets, now = Sheets(place.engine, place.story.now), place.story.now()
            assert sheets.show(None, "lotus", at=now) == sheets.show(None, "lotus")
        assert found == brought


WARNING = "  - key: base.warning\n    kind: base\n    lasts: 30 days\n    restrictions: []"
PAUSED = "  - key: base.recruiting_paused\n    kind: base\n    lasts: 7 days\n    restrictions: [recruiting]"


async def test_what_a_violation_brought_is_no_more_than_the_version_before_says_once_its_own_is_taken_back(
    on: Servers, tmp_path: Path
) -> None:
    """One penalty was longer and restricted more; another was shorter, and restricted something else."""
    longer = WARNING.replace("30", "60").replace("[]", "[bonus]")
    shorter = PAUSED.replace("7", "3").replace("recruiting]", "operations]")
    second = changed(tmp_path / "second", {WARNING: longer, PAUSED: shorter})
    steps = charged("r1") + charged("r2").replace("mild", "moderate")

    def running() -> dict[str, tuple[str, list[str]]]:
        shown = Sheets(place.engine, place.story.now).show(None, "lotus").penalties
        return {one["key"]: (f"{one['ends_at']:%m-%d}", one["restrictions"]) for one in shown}

    async with played(on, tmp_path, NOTHING, second, steps) as place:
        assert running() == {
            "base.warning": ("05-01", ["bonus"]),
            "base.recruiting_paused": ("03-05", ["operations"]),
        }
        await taken_back(place, second)
        assert running() == {"base.warning": ("04-01", []), "base.recruiting_paused": ("03-05", [])}
        assert standing(place, "lotus")[1] == set()
        with place.engine.begin() as connection:
            for falsified in ("restrictions = '{bonus}'", "ends_at = ends_at + interval '1 day'"):
                with connection.begin_nested() as tried:
                    connection.execute(sa.text(f"UPDATE penalties SET {falsified} WHERE lifted_at IS NULL"))
                    assert len([*penalties(connection, Rulebooks(), place.story.now())]) == 2
                    tried.rollback()


async def test_what_has_run_out_stays_as_it_was_when_its_version_is_taken_back(on: Servers, tmp_path: Path) -> None:
    """The version before had the clause on trial."""
    trial = {"  - key: agency.poaching\n": "  - key: agency.poaching\n    enforced: no\n"}
    second, third = changed(tmp_path / "second", trial), changed(tmp_path / "third", {"threshold: 80": "threshold: 79"})
    steps = charged("r1").replace("mild", "moderate") + NOTHING.replace("{by", "{after: 8d, by")
    async with played(on, tmp_path, NOTHING, second, steps, third) as place:
        await taken_back(place, third)
        with place.engine.begin() as connection:
            row, *others = penalty.of_subject(connection, "lotus", place.story.now()).rows
        assert (row["on_trial"], row["lifted_at"], others) == (False, None, [])
