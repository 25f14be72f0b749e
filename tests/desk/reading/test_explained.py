"""The versions that a database knows: when each was in force, how they differ, and which value took effect when."""

import shutil
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from consoles import browsed
from engines import beside
from served import Api, served

from desk.door.door import Door
from desk.reading.explained import Explanations
from desk.reading.versions import Versions
from rulebook.load import BUNDLED, LIVE, load
from rulebook.model import Rulebook
from states.terms import Code, RefusedError
from states.version_terms import VersionStatus
from store import journal, timeline
from store import rulebook as stored
from workers.reach import House

# `live` since always; the second raises a line and the window in the EU, the third lowers the window again.
SECOND, THIRD = datetime(2026, 4, 1, tzinfo=UTC), datetime(2026, 5, 1, tzinfo=UTC)
FIRST = load(LIVE)
TIER = "scores.agency_compliance.tiers.agency_compliance.watch.threshold"


def changed(folder: Path, *edits: tuple[str, str, str]) -> Rulebook:
    shutil.copytree(BUNDLED / "live", folder)
    for name, old, new in edits:
        text = (folder / name).read_text("utf-8")
        assert old in text
        (folder / name).write_text(text.replace(old, new, 1), "utf-8")
    return load(folder)


@pytest.fixture(scope="module")
def books(tmp_path_factory: pytest.TempPathFactory) -> list[Rulebook]:
    folder, line = tmp_path_factory.mktemp("books"), ("base.yaml", "threshold: 80", "threshold: 85")
    return [
        changed(folder / "second", line, ("EU.yaml", "6 calendar months", "7 calendar months")),
        changed(folder / "third", line, ("base.yaml", "title: Gambling", "title: Betting")),
    ]


@pytest.fixture(scope="module")
async def place(house: House, books: list[Rulebook], tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    async with beside(house, "versions", tmp_path_factory.mktemp("versions")) as other:
        with other.engine.begin() as connection, journal.recording(connection, "rulebook", other.clock.now()):
            for book, since in zip(books, (SECOND, THIRD), strict=True):
                stored.add(connection, book)
                timeline.enter(connection, book.digest, book.regions, since, other.clock.now())
        yield other


def test_the_history_says_when_each_was_in_force_where(place: House, books: list[Rulebook]) -> None:
    known = Versions(place.engine, place.clock.now).history(None)
    assert [one.version.digest for one in known] == [books[1].digest, books[0].digest, FIRST.digest]
    assert [one.version.status for one in known] == [
        VersionStatus.IN_FORCE,
        VersionStatus.RETIRED,
        VersionStatus.RETIRED,
    ]
    assert [(spell.regions, spell.since, spell.until) for one in known for spell in one.spells] == [
        (("CN", "DE", "FR", "IN", "US", "VN"), *dates) for dates in ((THIRD, None), (SECOND, THIRD), (None, SECOND))
    ]


@pytest.mark.parametrize(("at", "window", "version", "since"), [
    (datetime(2026, 3, 31, tzinfo=UTC), "6 calendar months", 0, None),
    (SECOND,                            "7 calendar months", 1, SECOND),
    (THIRD,                             "6 calendar months", 2, THIRD),
])  # fmt: skip
def test_a_value_is_explained_by_the_version_of_its_time_and_since_when_it_holds(
    place: House, books: list[Rulebook], at: datetime, window: str, version: int, since: datetime | None
) -> None:
    explained = Explanations(place.engine, place.clock.now).of(None, "appeals.window", region="DE", at=at)
    (found,) = explained.values
    assert (found.value.value, found.value.origin) == (window, "overlay EU")
    assert (found.version, found.since) == ([FIRST, *books][version], since)


def test_a_value_that_a_later_version_left_holds_since_the_one_that_brought_it(
    place: House, books: list[Rulebook]
) -> None:
    explanations = Explanations(place.engine, place.clock.now)
    of_region, of_subject = explanations.of(None, None, region="VN"), explanations.of(None, None, subject="lotus")
    for found in (of_region, of_subject):
        since = {one.value.key: one.since for one in found.values}
        assert (since[TIER], since["appeals.window"]) == (SECOND, None)
        assert {one.version.digest for one in found.values} == {books[1].digest}


@pytest.mark.parametrize(("asked", "code", "field"), [
    ({"region": "XX"},                        Code.NOT_FOUND, "region"),
    ({"region": "EU"},                        Code.NOT_FOUND, "region"),
    ({"subject": "nobody"},                   Code.NOT_FOUND, "subject"),
    ({"region": "VN", "key": "appeals.door"}, Code.NOT_FOUND, "key"),
    ({},                                      Code.INVALID,   "region"),
])  # fmt: skip
def test_what_cannot_be_explained_is_refused(place: House, asked: dict[str, str], code: Code, field: str) -> None:
    with pytest.raises(RefusedError) as refused:
        Explanations(place.engine, place.clock.now).of(
            None, asked.get("key"), region=asked.get("region"), subject=asked.get("subject")
        )
    assert (refused.value.code, refused.value.field) == (code, field)


async def test_staff_read_over_http_how_two_versions_differ(place: House, books: list[Rulebook]) -> None:
    async with Door.of(place) as door, served(place, door) as api:
        path = f"/rulebooks/{FIRST.digest[:8]}/diff/{books[1].digest}"
        found = (await api.get("mia", path, text="true")).json()
        assert [(one["key"], one["before"]["value"], one["after"]["value"]) for one in found["changes"]] == [
            (TIER, 80, 85)
        ]
        assert found["rewording"]["en"].splitlines()[2:] == [
            "@@ -1 +1 @@ clauses.content.gambling.title",
            "-Gambling",
            "+Betting",
        ]
        assert (await api.get("mia", path)).json()["rewording"] is None
        told = (await api.get("mia", "/rulebooks")).json()["versions"]
        assert [one["in_force"][0]["since"] for one in told] == ["2026-05-01T00:00:00Z", "2026-04-01T00:00:00Z", None]
        asked = {"key": "appeals.window", "region": "DE", "at": "2026-04-02T00:00:00Z"}
        (value,) = (await api.get("mia", "/rulebook/explained", **asked)).json()["values"]
        assert (value["value"], value["version"]["digest"]) == ("7 calendar months", books[0].digest)
        await _refused(api)


async def test_staff_see_in_the_console_which_versions_there_were_and_what_changed(
    place: House, books: list[Rulebook]
) -> None:
    async with Door.of(place) as door, browsed(place, door) as console:
        mia, jan = console.browser("mia"), console.browser("jan")
        history = (await mia.get("/rules/versions")).text
        step = f"/console/rules/diff?before={books[0].digest}&amp;after={books[1].digest}"
        assert [text in history for text in (step, "from the beginning", FIRST.digest)] == [True] * 3
        changed = (await mia.get(f"/rules/diff?before={FIRST.digest[:8]}&after={books[1].digest}")).text
        for told in (
            TIER,
            ">80<",
            ">85<",
            "everywhere",
            '<del lang="en">Gambling</del>',
            '<ins lang="en">Betting</ins>',
        ):
            assert told in changed.replace("<wbr>", "")
        assert "7 calendar months" in (await mia.get("/rules/diff")).text
        assert (await mia.get("/rules/diff?before=abcdef0")).status_code == 404
        assert "/rules/versions" in (await mia.get("/rules")).text
        assert "/rules/versions" not in (await jan.get("/rules")).text
        assert (await jan.get("/rules/diff")).status_code == 403


async def _refused(api: Api) -> None:
    def said(answer: httpx.Response) -> tuple[int, str | None]:
        return answer.status_code, answer.json().get("field")

    live = FIRST.digest
    assert said(await api.get("jan", f"/rulebooks/{live}/diff/live")) == (403, None)
    assert said(await api.get("mia", f"/rulebooks/{live[:5]}/diff/live")) == (404, "before")
    assert said(await api.get("mia", f"/rulebooks/live/diff/{'0' * 64}")) == (404, "after")
    assert said(await api.get("mia", "/rulebook/explained", key="x")) == (422, "region")
