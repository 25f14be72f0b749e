"""Files over HTTP, on real sockets: who brings what, and what of it is given to whom."""

import asyncio
import os
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import files
import httpx
import pytest
from conftest import agency, new, person
from served import V1, Api, served
from sockets import Socket, connected, head

from desk import site
from desk.api.rules import RULES
from desk.door.door import Door
from desk.evidence.keep import MEGABYTE, MOST, MOST_A_DAY, MOST_BYTES_WAITING, MOST_WAITING, Intake
from desk.refusal import ProblemError
from desk.serving.deadline import Deadline
from desk.serving.serve import listening
from states.situation import Actor
from states.terms import Role, Side
from store import evidence, party
from store.bucket import AwayError
from store.evidence import File
from store.pieces import stored_size
from store.schema.evidence import FileKind
from workers.reach import House

UPLOAD = f"{V1}/evidence"
CLIP = files.video("mp4", "mpeg4")


@pytest.fixture(scope="module")
async def api(house: House, door: Door) -> AsyncIterator[Api]:
    async with served(house, door) as made:
        yield made


@pytest.fixture(scope="module")
async def url(api: Api) -> AsyncIterator[str]:
    async with listening(api.app, "127.0.0.1", 0) as made:
        yield made


@pytest.fixture(scope="module")
async def people(house: House) -> dict[str, str]:
    (_, jan), (lotus, ann) = await agency(house, "jade"), await agency(house, "lotus")
    staff = {"mia": Role.MODERATOR, "oli": Role.OPS}
    return {"jan": jan, "ann": ann, "lotus": lotus} | {name: await person(house, of) for name, of in staff.items()}


@pytest.fixture
async def jan(house: House) -> str:
    """Somebody who has brought nothing yet."""
    return (await agency(house))[1]


async def bring(api: Api, who: str, sent: bytes, name: str = "clip.mp4", key: str | None = None) -> httpx.Response:
    headers = api.bearer(who) | {"Idempotency-Key": key or new("key")}
    return await api.client.post(UPLOAD, params={"filename": name}, content=sent, headers=headers)


def lines(api: Api, who: str | None, *more: str) -> list[str]:
    proof = api.bearer(who) | {"Idempotency-Key": new("key")} if who else {}
    return head("POST", f"{UPLOAD}?filename=clip.mp4", *more, proof=proof)


def left(house: House) -> list[str]:
    """Files that are open here and have no name, in the data folder."""
    found = []
    for one in Path("/proc/self/fd").iterdir():
        try:
            found.append(str(one.readlink()))
        except FileNotFoundError:
            continue
    return [one for one in found if one.startswith(str(house.settings.data_dir)) and one.endswith("(deleted)")]


def stored(house: House) -> set[str]:
    return {one.name for one in (house.settings.data_dir / "evidence").iterdir()}


async def settled(house: House) -> None:
    async with asyncio.timeout(30):
        while left(house):
            await asyncio.sleep(0.02)


@pytest.fixture
async def case(api: Api, people: dict[str, str]) -> tuple[str, dict[str, Any]]:
    """A report with a clip, and the clip."""
    clip = (await bring(api, people["jan"], CLIP, "ảnh 1:2.html")).json()
    said = {"clause": "agency.poaching", "against": people["lotus"], "details": "seen", "evidence": [clip["id"]]}
    return (await api.send(people["jan"], "POST", "/reports", said)).json()["case"], clip


async def test_a_file_is_given_as_an_attachment_to_whoever_sees_it(
    api: Api, people: dict[str, str], case: tuple[str, dict[str, Any]]
) -> None:
    report, clip = case
    path = f"/cases/{report}/evidence/{clip['id']}"
    assert clip["kind"] == "video/mp4"
    for name, status in {"jan": 200, "mia": 200, "ann": 404, "oli": 403}.items():
        assert (await api.get(people[name], path)).status_code == status, name
    whole = await api.get(people["mia"], path)
    assert whole.content == CLIP
    name = quote("ảnh 1_2.html.mp4", safe="")
    plain = "_nh 1_2.html.mp4"
    known = whole.headers.pop("X-Request-Id")
    assert {key: whole.headers[key] for key in whole.headers} == {
        "content-type": "video/mp4",
        "content-length": str(len(CLIP)),
        "content-disposition": f"attachment; filename=\"{plain}\"; filename*=UTF-8''{name}",
        "content-security-policy": "sandbox; default-src 'none'; frame-ancestors 'none'",
        "x-content-type-options": "nosniff",
        "cache-control": "no-store",
        "accept-ranges": "bytes",
        "etag": f'"{clip["hash"]}"',
    }
    headers = api.bearer(people["mia"])
    bare = await api.client.head(V1 + path, headers=headers | {"Range": "bytes=0-9"})
    assert bare.headers.pop("X-Request-Id") != known
    assert (bare.status_code, bare.content, bare.headers) == (200, b"", whole.headers)
    for asked, part in {
        "bytes=0-9": (0, 10),
        "bytes=10-": (10, len(CLIP)),
        "bytes=-5": (len(CLIP) - 5, len(CLIP)),
    }.items():
        answer = await api.client.get(V1 + path, headers=headers | {"Range": asked})
        assert (answer.status_code, answer.content) == (206, CLIP[part[0] : part[1]])
        assert answer.headers["Content-Range"] == f"bytes {part[0]}-{part[1] - 1}/{len(CLIP)}"
    for asked in ("bytes=9-1", "bytes=99999999-", "bytes=0-1,3-4", "lines=1-2", "bytes=-0"):
        answer = await api.client.get(V1 + path, headers=headers | {"Range": asked})
        assert (answer.status_code, len(answer.content)) == (200, len(CLIP)), asked


async def test_under_its_key_a_file_is_brought_once_and_its_bytes_are_stored_once(
    house: House, api: Api, jan: str
) -> None:
    key, sent = new("key"), files.picture("PNG", size=(50, 60))
    first, again = await bring(api, jan, sent, "a.png", key), await bring(api, jan, sent, "a.png", key)
    before = stored(house)
    assert (first.status_code, first.json()) == (again.status_code, again.json()) == (201, first.json())
    assert (await bring(api, jan, CLIP, "a.png", key)).json()["code"] == "key_reused"
    other = (await bring(api, jan, sent, "b.png")).json()
    assert other["id"] != first.json()["id"]
    assert other["hash"] != first.json()["hash"]  # each has a key of its own: their names tell nothing of the bytes
    clip = (await bring(api, jan, CLIP)).json()
    assert stored(house) - before == {other["hash"], clip["hash"]}
    with house.engine.connect() as connection:
        assert evidence.waiting(connection, jan)[0] == 3


@pytest.mark.parametrize(
    "name", ["../../etc/passwd", "a/b.png", "..", ".bashrc", "", " ", "a\nb", "a\u202egpj.exe", "x" * 201]
)
async def test_a_name_that_is_a_path_or_not_to_be_read_is_refused(name: str, api: Api, people: dict[str, str]) -> None:
    answer = await bring(api, people["jan"], CLIP, name)
    assert (answer.status_code, answer.json()["field"]) == (422, "filename")


# What is refused before anything of the file is read.


@pytest.fixture
async def one(url: str) -> AsyncIterator[Socket]:
    async with connected(url) as (made,):
        yield made


async def test_without_a_proof_nothing_is_read(one: Socket, api: Api) -> None:
    answer = await one.ask(*lines(api, None, f"Content-Length: {MOST}", "Expect: 100-continue"))
    assert (answer.status, answer.code) == (401, "unauthenticated")  # and no 100 before it
    await one.closed()


async def test_whoever_may_bring_nothing_is_refused_before(one: Socket, api: Api, people: dict[str, str]) -> None:
    answer = await one.ask(*lines(api, people["oli"], f"Content-Length: {MOST}", "Expect: 100-continue"))
    assert (answer.status, answer.code) == (403, "forbidden")


async def test_a_length_that_is_too_much_is_refused_before(one: Socket, api: Api, people: dict[str, str]) -> None:
    answer = await one.ask(*lines(api, people["jan"], f"Content-Length: {MOST + 1}"))
    assert (answer.status, answer.code) == (413, "too_large")


async def test_a_kind_that_is_not_taken_is_refused_by_its_first_bytes(
    one: Socket, api: Api, people: dict[str, str]
) -> None:
    heic = b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic" + bytes(100)
    answer = await one.ask(*lines(api, people["jan"], f"Content-Length: {40 * MEGABYTE}"), body=heic)
    assert (answer.status, answer.code, answer.field) == (422, "invalid", "body")
    assert b"JPEG, PNG, WebP, GIF, AVIF, MP4, MOV, WebM, PDF" in answer.body
    await one.closed()


async def test_more_than_was_promised_is_counted_as_it_comes(house: House, one: Socket, api: Api, jan: str) -> None:
    one.send(*lines(api, jan, "Transfer-Encoding: chunked"))
    part = CLIP + files.box(bytes(MEGABYTE))
    for _ in range(MOST // len(part) + 1):
        one.writer.write(f"{len(part):x}\r\n".encode() + part + b"\r\n")
        await one.writer.drain()
    answer = await one.answer()
    assert (answer.status, answer.code) == (413, "too_large")
    await settled(house)


# What ends on the way.


async def test_whoever_goes_leaves_nothing_and_no_place_is_kept(house: House, url: str, api: Api, jan: str) -> None:
    before = stored(house)
    for _ in range(3):
        async with connected(url, 2) as pair:
            for each in pair:
                each.send(*lines(api, jan, f"Content-Length: {len(CLIP)}"), body=CLIP[:-1])
            async with asyncio.timeout(30):
                while len(left(house)) < 2:
                    await asyncio.sleep(0.02)
            async with connected(url) as (third,):  # a person has two places
                answer = await third.ask(*lines(api, jan, f"Content-Length: {len(CLIP)}"), body=CLIP)
            assert (answer.status, answer.code, answer.headers["retry-after"]) == (429, "too_many_requests", "5")
        await settled(house)
    assert stored(house) == before
    assert [one.name for one in house.settings.data_dir.iterdir() if one.is_file() and "#" in one.name] == []
    assert (await bring(api, jan, CLIP)).status_code == 201


async def test_a_file_that_comes_too_slowly_is_given_up(
    house: House, one: Socket, api: Api, jan: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    rule = ("POST", UPLOAD)
    monkeypatch.setitem(RULES, rule, replace(RULES[rule], within=0.5))
    one.send(*lines(api, jan, f"Content-Length: {len(CLIP)}"), body=CLIP[:200])
    answer = await one.answer()
    assert (answer.status, answer.code) == (503, "unavailable")
    await settled(house)


async def test_an_upload_may_take_longer_than_other_answers(
    house: House, door: Door, jan: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Deadline.__init__, "__defaults__", (0.5,))
    async with served(house, door) as api, listening(api.app, "127.0.0.1", 0) as url, connected(url) as (one,):
        api.app.openapi()  # which is made once
        one.send(*lines(api, jan, f"Content-Length: {len(CLIP)}"), body=CLIP[:200])
        await asyncio.sleep(1)
        one.writer.write(CLIP[200:])
        assert (await one.answer()).status == 201


async def test_where_files_can_not_be_kept_an_engine_does_not_start_and_a_running_one_says_so(
    house: House, door: Door, jan: str, tmp_path: Path
) -> None:
    settings = house.settings.model_copy(update={"evidence_url": (tmp_path / "none" / "inside").as_uri()})
    (tmp_path / "none").touch()
    elsewhere = replace(house, settings=settings)
    with pytest.raises(AwayError, match="CASEWORK_EVIDENCE_URL"):
        async with site.served(elsewhere):
            pass
    async with served(elsewhere, door) as api:
        answer = await bring(api, jan, CLIP)
    assert (answer.status_code, answer.json()["code"], left(house)) == (503, "unavailable", [])


async def test_bytes_that_were_removed_before_their_row_was_written_are_stored_again(house: House, jan: str) -> None:
    async def parts() -> AsyncIterator[bytes]:
        yield files.pdf(3)

    intake = Intake.of(house)
    async with intake.taken(parts()) as taken:
        house.objects.remove(taken.hash)
        with house.engine.begin() as connection:
            actor = party.actor(connection, jan)
            assert actor is not None
            row = intake.write(connection, actor, "a.pdf", taken, house.clock.now())
    assert house.objects.proof(row.hash) == (row.hash, stored_size(row.size))
    assert row.hash == taken.hash


async def test_a_hostile_file_is_refused_over_http_and_leaves_nothing(house: House, api: Api, jan: str) -> None:
    before = stored(house)
    for sent in (files.bomb(), b"\xff\xd8\xff\xe0" + files.archive(), files.pdf() + files.archive()):
        answer = await bring(api, jan, sent)
        assert (answer.status_code, answer.json()["field"]) == (422, "body")
    assert (stored(house), left(house)) == (before, [])


async def test_of_files_that_no_case_has_a_person_may_have_so_many(house: House, api: Api, jan: str) -> None:
    now = house.clock.now()
    with house.engine.begin() as connection:
        for _ in range(MOST_WAITING):
            evidence.write(connection, File(evidence.new_id(), "5" * 64, 9, FileKind.MP4, "a", jan, None, now))
    answer = await bring(api, jan, CLIP)
    assert (answer.status_code, answer.json()["code"], "Retry-After" in answer.headers) == (
        429,
        "too_many_requests",
        True,
    )


async def test_in_a_day_a_person_brings_so_much_whatever_became_of_it(house: House, jan: str) -> None:
    intake, now, actor = Intake.of(house), house.clock.now(), Actor(jan, Role.OWNER)
    with house.engine.connect() as connection:  # rolled back: there is no such case
        for number in range(MOST_A_DAY // MOST):
            of = ("gone", Side.REPORTER, 1)
            evidence.write(connection, File(f"ev-day-{number}", "5" * 64, MOST, FileKind.MP4, "a", jan, None, now, *of))
        more = MOST_A_DAY % MOST + 1
        intake.must_have_room(connection, actor, now, more - 1)
        with pytest.raises(ProblemError) as refused:
            intake.must_have_room(connection, actor, now, more)
        intake.must_have_room(connection, actor, now + timedelta(days=1), more)
    assert (refused.value.code.value, refused.value.key) == ("too_many_requests", "files_today")


async def test_what_is_refused_once_it_was_stored_is_removed_again(house: House, api: Api, jan: str) -> None:
    key = new("key")
    mine = (await bring(api, jan, CLIP, key=key)).json()["hash"]
    before, others = stored(house), [CLIP + files.box(os.urandom(30)) for _ in range(2)]
    assert (await bring(api, jan, others[0], key=key)).json()["code"] == "key_reused"
    assert (await bring(api, jan, CLIP, "b.mp4", key=key)).json()["code"] == "key_reused"
    with house.engine.begin() as connection:
        much, now = MOST_BYTES_WAITING - 2 * len(CLIP), house.clock.now()
        evidence.write(connection, File(evidence.new_id(), "5" * 64, much, FileKind.MP4, "a", jan, None, now))
    assert (await bring(api, jan, others[1])).json()["code"] == "too_many_requests"
    assert stored(house) == before
    assert mine in before


# What is stored is given as it was, or not at all.


async def test_bytes_that_are_gone_or_altered_are_never_given_as_if_they_were_right(
    house: House, url: str, api: Api, people: dict[str, str]
) -> None:
    sent = files.video("mp4", "mpeg4") + files.box(os.urandom(MEGABYTE))
    clip = (await bring(api, people["jan"], sent)).json()
    said = {"clause": "agency.poaching", "against": people["lotus"], "details": "seen", "evidence": [clip["id"]]}
    report = (await api.send(people["jan"], "POST", "/reports", said)).json()["case"]
    path, file = f"/cases/{report}/evidence/{clip['id']}", house.settings.data_dir / "evidence" / clip["hash"]
    kept = file.read_bytes()
    assert sent[:64] not in kept
    file.write_bytes(kept[:-1] + bytes([kept[-1] ^ 1]))
    async with connected(url) as (one,):
        one.send(*head("GET", V1 + path, proof=api.bearer(people["mia"])))
        given = await one.closed()
    assert b" 200 OK" in given
    assert len(given.partition(b"\r\n\r\n")[2]) < len(sent)  # it breaks off, and whoever reads sees it
    file.write_bytes(kept[:-1])
    for _ in range(2):
        answer = await api.get(people["mia"], path)
        assert (answer.status_code, answer.json()["code"]) == (500, "failed")
        file.unlink(missing_ok=True)


# Memory.


def forget() -> int:
    """Measure anew from now on; the memory that this process has now, in bytes."""
    Path("/proc/self/clear_refs").write_text("5")
    return peak()


def peak() -> int:
    """The most memory that this process had at once since `forget`, in bytes."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM"):
            return int(line.split()[1]) * 1024
    raise LookupError("VmHWM")


def parts(most: int) -> Iterator[bytes]:
    yield CLIP
    size = most - len(CLIP)
    yield size.to_bytes(4, "big") + b"free"
    size -= 8
    while size:
        piece = bytes(min(64 * 1024, size))
        yield piece
        size -= len(piece)


async def test_fifty_megabytes_come_and_go_in_little_memory(
    house: House, url: str, api: Api, people: dict[str, str]
) -> None:
    async with httpx.AsyncClient(base_url=url, timeout=60) as client:

        async def large() -> AsyncIterator[bytes]:
            for part in parts(MOST):
                yield part

        headers = api.bearer(people["jan"]) | {"Idempotency-Key": new("key"), "Content-Length": str(MOST)}
        before = forget()
        answer = await client.post(UPLOAD, params={"filename": "a.mp4"}, content=large(), headers=headers)
        assert answer.status_code == 201, answer.text
        came = peak() - before
        clip, size = answer.json(), 0
        said = {"clause": "agency.poaching", "against": people["lotus"], "details": "seen", "evidence": [clip["id"]]}
        report = (await api.send(people["jan"], "POST", "/reports", said)).json()["case"]
        before = forget()
        async with client.stream(
            "GET", f"{V1}/cases/{report}/evidence/{clip['id']}", headers=api.bearer(people["mia"])
        ) as whole:
            async for part in whole.aiter_bytes():
                size += len(part)
        went = peak() - before
    assert size == clip["size"] == MOST
    assert max(came, went) < 40 * MEGABYTE, (came, went)
    house.objects.remove(clip["hash"])
