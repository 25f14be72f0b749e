"""The pages of the rulebook's versions: written and proposed, approved by another, a wave that is halted and taken back."""

import re
import tracemalloc
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from html import unescape
from io import BytesIO
from zipfile import ZIP_BZIP2, ZIP_DEFLATED, ZipFile

import httpx
import pytest
from clocks import Town, town
from conftest import new, person
from consoles import ORIGIN, Browser, Console, browsed, hidden
from markup import unfit

from desk.console.page import HERE
from desk.identity.sessions import csrf_token
from rulebook.load import BUNDLED, files_at
from states.terms import Role
from states.version_terms import VersionStatus
from store import version as versions
from workers.reach import House

NEW = "/rules/versions/new"
MIB = 1024 * 1024
SAID = {name: raw.decode() for name, raw in files_at(BUNDLED / "live").items()}
TIER = "threshold: 80, penalty: agency_compliance.watch"


@dataclass
class Hall:
    """Where eva writes and paul approves; oli runs the engine, mia reviews cases."""

    town: Town
    console: Console
    eva: Browser
    paul: Browser
    oli: Browser
    mia: Browser

    def version(self, digest: str) -> versions.Version:
        with self.town.house.engine.begin() as connection:
            found = versions.read(connection, digest)
        assert found is not None
        return found


@pytest.fixture(scope="module")
async def hall(house: House) -> AsyncIterator[Hall]:
    async with town(house) as there, browsed(there.house, there.door) as console:
        roles = (Role.POLICY_EDITOR, Role.POLICY_APPROVER, Role.OPS, Role.MODERATOR)
        yield Hall(there, console, *[console.browser(await person(there.house, role)) for role in roles])


def written(changed: str = "threshold: 95, penalty: agency_compliance.watch", version: int = 4) -> dict[str, str]:
    base = SAID["base.yaml"].replace(TIER, changed).replace("version: 3", f"version: {version}")
    return {f"file.{name}": text for name, text in (SAID | {"base.yaml": base}).items()}


async def text(browser: Browser, path: str) -> str:
    page = await browser.get(path)
    assert (page.status_code, unfit(page)) == (200, []), path
    return unescape(page.text)


async def brought(hall: Hall, files: list[tuple[str, bytes]], **said: str) -> httpx.Response:
    """A form with files, as a browser sends it."""
    fields = {"csrf": csrf_token(hall.eva.token or ""), "key": new("key"), "do": "bring"} | said
    sent = [("upload", (name, content)) for name, content in files]
    return await hall.eva.client.post(HERE + NEW, data=fields, files=sent, headers={"Origin": ORIGIN})


async def drafted(hall: Hall, version: int = 4) -> str:
    """The digest of a version that eva keeps as a draft."""
    kept = await hall.eva.post(NEW, {"do": "draft"} | written(version=version))
    assert kept.status_code == 303, kept.text
    return kept.headers["Location"].rpartition("/")[2].partition("?")[0]


async def test_a_mistake_is_shown_at_the_line_of_its_file_and_what_was_typed_is_kept(hall: Hall) -> None:
    wrong = {"do": "draft"} | written("threshold: many, penalty: agency_compliance.watch")
    page = await hall.eva.post(NEW, wrong)
    said = unescape(page.text)
    line = 1 + wrong["file.base.yaml"][: wrong["file.base.yaml"].index("threshold: many")].count("\n")
    number = 1 + list(SAID).index("base.yaml")
    assert (page.status_code, unfit(page)) == (422, [])
    assert f'id="file-{number}-{line}" class="wrong"' in said
    assert re.search(rf'href="#file-{number}-{line}"><span translate="no">base.yaml:{line}<.*threshold = .many', said)
    assert "threshold: many" in said


async def test_a_mistake_is_said_in_the_reader_s_words_with_its_values(hall: Hall) -> None:
    for mistake, told in (
        ("threshold: many, penalty: agency_compliance.watch", {"en": "a valid integer", "vi": "Phải là một số nguyên.", "zh": "必须是整数。"}),
        ("threshold: 80, penalty: base.warning", {"vi": "Là hình phạt loại base, không phải score.", "zh": "是 base 类处罚"}),
        ("threshold: 800, penalty: agency_compliance.watch", {"vi": "Không điểm nào từ 0 đến 100 chạm ngưỡng này."}),
    ):  # fmt: skip
        for language, said in told.items():
            page = await hall.eva.post(NEW, {"do": "draft"} | written(mistake), **{"Accept-Language": language})
            assert (page.status_code, unfit(page)) == (422, [])
            assert said in unescape(page.text), page.text


async def test_what_is_no_yaml_is_said_in_words_with_line_and_column(hall: Hall) -> None:
    for no_yaml, place, said in (
        ("a:\n\tb: 1\n", "Line 2, column 1", "lines are indented by spaces, not by a tab"),
        ("a: @b\n", "Line 1, column 4", "text that begins with @ stands in quotes"),
        ("a: b\n c: d\n", "Line 2, column 3", "a colon stands where no key can be"),
        ("a: [1\n", "Line 2, column 1", "brackets don't match, or a comma is missing"),
        ("a: 'x\n", "Line 2, column 1", "quotes are opened and have no end"),
        ("a: 1\nb\nc: 2\n", "Line 3, column 1", "a colon after a key is missing"),
        ("a:\n  - 1\n b: 2\n", "Line 3, column 2", "the indentation is not that of the lines around it"),
        ("%YAML 2.0\n---\na: 1\n", "Line 1, column 1", "not YAML: found incompatible YAML document"),
    ):
        page = await hall.eva.post(NEW, {"do": "draft", "file.base.yaml": no_yaml})
        assert (page.status_code, unfit(page)) == (422, [])
        assert said in unescape(page.text), no_yaml
        assert place in page.text, no_yaml


async def test_what_is_written_is_compared_before_it_is_kept_and_begins_with_the_newest(hall: Hall) -> None:
    assert "agency_compliance.watch" in await text(hall.eva, NEW)
    page = await hall.eva.post(NEW, {"do": "check"} | written())
    said = unescape(page.text.replace("<wbr>", ""))
    assert (page.status_code, unfit(page)) == (200, [])
    assert "scores.agency_compliance.tiers.agency_compliance.watch.threshold" in said
    assert "still called" not in said
    assert "still called version 3" in unescape((await hall.eva.post(NEW, {"do": "check"} | written(version=3))).text)


async def test_files_are_brought_one_by_one_or_as_a_zip_of_a_folder(hall: Hall) -> None:
    packed = BytesIO()
    with ZipFile(packed, "w") as made:
        for name, said in (SAID | {"FR.yaml": "region: FR\nparent: EU\nzone: Europe/Paris\n"}).items():
            made.writestr(f"rules/{name}", said)
        made.writestr("rules/README.md", "what this is")
    page = await brought(hall, [("rules.zip", packed.getvalue())], only="yes", **{"file.XX.yaml": "region: XX"})
    assert page.status_code == 200
    assert "zone: Europe/Paris\n" in page.text
    assert not re.search("README|XX.yaml", page.text)
    page = await brought(hall, [("DE.yaml", b"region: DE # mine")], **{"file.base.yaml": "key: x"})
    assert "region: DE # mine" in page.text
    assert "key: x" in page.text


def zipped(content: bytes, declared: int | None = None, method: int = ZIP_DEFLATED) -> bytes:
    """A zip of one file, which says that it has `declared` bytes."""
    packed = BytesIO()
    with ZipFile(packed, "w", compression=method) as made:
        made.writestr("base.yaml", content)
    raw = bytearray(packed.getvalue())
    for head, at in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        place = raw.rindex(head) + at
        raw[place : place + 4] = (len(content) if declared is None else declared).to_bytes(4, "little")
    return bytes(raw)


BROKEN = {
    "an empty zip": b"PK\x05\x06" + bytes(18),
    "no text": b"\xff\xfe\x00k",
    "a damaged zip": zipped(b"key: live\n" * 9).replace(b"base.yaml" + b"\xcb", b"base.yaml\xff", 1),
    "a zip that says less than it has": zipped(b"key: live\n", declared=4),
    "a zip of another method": zipped(b"key: live\n", method=ZIP_BZIP2),
}


@pytest.mark.parametrize("content", BROKEN.values(), ids=BROKEN)
async def test_what_is_no_rulebook_is_refused_at_the_field_of_files(hall: Hall, content: bytes) -> None:
    page = await brought(hall, [("rules.zip", content)], **{"file.base.yaml": "key: kept"})
    assert (page.status_code, unfit(page)) == (422, [])
    assert re.search('class="problem" role="alert">[^<]*rules.zip', page.text)
    assert "key: kept" in page.text


async def test_a_zip_that_holds_too_much_is_not_unpacked(hall: Hall) -> None:
    much = zipped(b"#" * (3 * MIB))
    assert len(much) < 10_000
    assert (await brought(hall, [("rules.zip", much)])).status_code == 422
    lies = zipped(b"#" * (64 * MIB), declared=10)
    tracemalloc.start()
    try:
        assert (await brought(hall, [("rules.zip", lies)])).status_code == 422
        assert tracemalloc.get_traced_memory()[1] < 16 * MIB
    finally:
        tracemalloc.stop()


async def test_what_a_form_brings_together_is_as_large_as_one_rulebook(hall: Hall) -> None:
    half = zipped(b"#" * (MIB + 1))
    page = await brought(hall, [("base.zip", half), ("DE.yaml", b"#" * MIB)])
    assert (page.status_code, unfit(page)) == (422, [])
    assert (await brought(hall, [("base.zip", half), ("DE.yaml", b"#" * 1000)])).status_code == 200


async def test_a_version_lives_on_its_pages(hall: Hall) -> None:
    _, lotus = await hall.town.decided("mild")
    version = await drafted(hall)
    page = f"/rules/versions/{version}"
    soon = hall.town.house.clock.now() + timedelta(days=1)
    dated = {"in_force_from": f"{soon:%Y-%m-%dT%H:%M}", "reasons": "Seen earlier.", "version": "1"}

    foreseen = await hall.eva.post(page, {"do": "foresee"} | dated)
    assert (foreseen.status_code, unfit(foreseen), hall.version(version).status) == (200, [], "draft")
    assert lotus in foreseen.text
    for field, wrong in (("in_force_from", {"in_force_from": "2020-01-01T00:00"}), ("reasons", {"reasons": ""})):
        refused = await hall.eva.post(page, {"do": "propose"} | dated | wrong)
        assert (refused.status_code, unfit(refused)) == (422, [])
        assert re.search(f'id="(propose-)?{field}-problem"', refused.text), field
    again = {"do": "propose", "key": new("key")} | dated
    assert [(await hall.eva.post(page, again)).status_code for _ in range(2)] == [303, 303]
    assert hall.version(version).version == 2

    said = await text(hall.paul, page)
    assert (lotus in said, "Seen earlier." in said, 'id="act-approve"' in said) == (True, True, True)
    assert re.findall('id="act-([a-z]*)"', await text(hall.eva, page)) == ["withdraw"]
    early = await hall.paul.post(page, {"do": "approve", "version": "2"})
    assert (early.status_code, 'id="approve-override-problem"' in early.text) == (422, True)
    assert (await hall.paul.post(page, {"do": "approve", "version": "1", "override": "A court."})).status_code == 412
    slow = hall.console.browser(
        await person(hall.town.house, Role.POLICY_APPROVER), factor_shown_ago=timedelta(hours=1)
    )
    stepped = await slow.post(page, {"do": "approve", "version": "2", "override": "A court."})
    assert (stepped.status_code, "override=A+court." in unescape(stepped.text)) == (403, True)
    assert hidden(await hall.paul.get(page), "version") == ["2", "2"]
    done = await hall.paul.post(page, {"do": "approve", "version": "2", "override": "A court."})
    assert (done.status_code, hall.version(version).status) == (303, VersionStatus.APPROVED)
    assert (await hall.oli.get(f"{page}/pulse?moves=3")).status_code == 204
    assert "Show it" in (await hall.oli.get(f"{page}/pulse?moves=2")).text
    assert "A court." in await text(hall.mia, page)
    assert (await hall.eva.post(page, {"do": "withdraw", "version": "3"})).status_code == 303
    assert hall.version(version).status is VersionStatus.WITHDRAWN
    did = await text(hall.oli, f"/people/{hall.version(version).author}")
    assert did.count(f'href="{HERE}{page}"') == len(("draft", "propose", "withdraw"))


async def test_who_has_a_part_in_a_version_sees_why_they_cant_approve_it(hall: Hall) -> None:
    version = await drafted(hall, version=5)
    other = hall.console.browser(await person(hall.town.house, Role.POLICY_EDITOR))
    said = await text(other, f"/rules/versions/{version}")
    assert "Only the author of the version may do this." in said
    assert 'id="act-' not in said


async def test_a_value_is_explained_by_key_region_subject_and_time(hall: Hall) -> None:
    _, lotus = await hall.town.decided("mild")
    said = await text(hall.mia, f"/rules/explained?key=appeals.window&subject={lotus}")
    assert "the beginning" in said
    page = await hall.mia.get("/rules/explained?key=nothing.such&region=VN")
    assert (page.status_code, unfit(page), 'id="key-problem"' in page.text) == (404, [], True)
    page = await hall.mia.get("/rules/explained?key=appeals&region=VN&at=yesterday")
    assert (page.status_code, 'id="at-problem"' in page.text) == (422, True)
