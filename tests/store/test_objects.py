"""Bytes by their hash, in a folder and in a bucket of a real S3 server (SeaweedFS): what holds, holds in both."""

import hashlib
import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from io import BufferedReader
from pathlib import Path
from tempfile import TemporaryFile

import pytest
import seaweed

from store.bucket import AwayError
from store.copies import Copies
from store.objects import Objects
from workers.settings import Settings, SettingsError

BYTES = os.urandom(12_000_000)  # three parts of an upload
HASH = hashlib.sha256(BYTES).hexdigest()
NOTHING = "0" * 64


@pytest.fixture(scope="module", autouse=True)
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """It starts while the folder is looked at."""
    with seaweed.started(tmp_path_factory.mktemp("seaweed")) as address:
        yield address


@pytest.fixture(params=["folder", "bucket"])
def objects(request: pytest.FixtureRequest, tmp_path: Path, server: str, monkeypatch: pytest.MonkeyPatch) -> Objects:
    if request.param == "folder":
        return Objects((tmp_path / "a folder" / "ảnh").as_uri())
    for name, value in seaweed.credentials(server).items():
        monkeypatch.setenv(name, value)
    seaweed.ready(server)
    return Objects(f"s3://{seaweed.BUCKET}/cases")


async def test_bytes_are_kept_once_by_their_hash_and_read_as_they_were(objects: Objects) -> None:
    objects.check()
    with TemporaryFile() as file:
        file.write(BYTES)
        assert objects.size(HASH) is None
        assert [objects.keep(file) for _ in range(2)] == [HASH, HASH]
    assert (objects.size(HASH), objects.proof(HASH)) == (len(BYTES), (HASH, len(BYTES)))
    assert (objects.size(NOTHING), objects.proof(NOTHING), await objects.open(NOTHING)) == (None, None, None)
    later = datetime.now(UTC) + timedelta(minutes=1)
    assert list(objects.listing(later)) == [HASH]  # once, and without what `check` wrote
    assert list(objects.listing(later - timedelta(hours=1))) == []
    opened, part = await objects.open(HASH), await objects.open(HASH, (5_000_000, 5_000_010))
    assert opened is not None
    assert part is not None
    assert opened.size == part.size == len(BYTES)
    assert b"".join([chunk async for chunk in opened.chunks]) == BYTES
    assert b"".join([chunk async for chunk in part.chunks]) == BYTES[5_000_000:5_000_010]
    for _ in range(2):
        objects.remove(HASH)
    assert objects.size(HASH) is None


@pytest.mark.parametrize("kind", ["folder", "bucket"])
def test_copies_of_checkpoints_are_kept_by_number_and_hash(
    kind: str, tmp_path: Path, server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in seaweed.credentials(server).items():
        monkeypatch.setenv(name, value)
    seaweed.ready(server)
    copies = Copies({"folder": tmp_path.as_uri(), "bucket": f"s3://{seaweed.BUCKET}/checkpoints"}[kind])
    for _ in range(2):
        copies.keep(7, HASH, b"what is signed")
    copies.keep(8, NOTHING, b"other")
    assert set(copies.listing()) == {(7, HASH), (8, NOTHING)}
    assert copies.read(7, HASH) == b"what is signed"
    (tmp_path / "file").touch()
    away = Copies((tmp_path / "file" / "inside").as_uri())
    with pytest.raises(AwayError, match=r"^Checkpoints can't be kept at file:///.* \(CASEWORK_CHECKPOINT_URL\)"):
        away.keep(1, NOTHING, b"")


def test_a_file_that_can_not_be_read_to_its_end_leaves_nothing_under_its_hash(tmp_path: Path) -> None:
    class Torn(BufferedReader):
        """Its bytes are gone when they are asked for a second time."""

        def read(self, _size: int | None = -1) -> bytes:
            raise OSError("the disk is gone")

    (tmp_path / "file").write_bytes(BYTES)
    objects = Objects((tmp_path / "kept").as_uri())
    with Torn((tmp_path / "file").open("rb", 0)) as file, pytest.raises(AwayError, match="the disk is gone"):
        objects.keep(file)
    assert objects.size(HASH) is None
    assert list(objects.listing(datetime.now(UTC))) == []


def test_what_a_killed_process_had_half_written_goes_at_the_next_start(tmp_path: Path) -> None:
    old, new = tmp_path / f"{HASH}#1", tmp_path / f"{HASH}#2"
    for staged in (old, new):
        staged.write_bytes(b"half")
    os.utime(old, (0, 0))
    Objects(tmp_path.as_uri()).check()
    assert (old.exists(), new.exists()) == (False, True)  # somebody may be writing the second


@pytest.mark.parametrize(
    "url",
    ["http://a/b", "s3:///prefix", "s3://key:secret@bucket", "file://host/folder", "file:relative", "s3://b?key=x"],
)
def test_an_address_that_is_none_is_refused_without_being_repeated(url: str) -> None:
    with pytest.raises(
        SettingsError, match=r"^CASEWORK_EVIDENCE_URL can't be used: it reads file:///a/folder or "
    ) as told:
        Settings(evidence_url=url)
    assert url not in str(told.value)


@pytest.mark.parametrize(("where", "why"), [("s3", "Generic S3 error"), ("file", "Not a directory")])
def test_one_that_can_not_be_used_says_so_in_a_sentence(
    where: str, why: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in seaweed.credentials("http://127.0.0.1:9").items():
        monkeypatch.setenv(name, value)
    (tmp_path / "file").touch()
    url = {"s3": "s3://bucket", "file": (tmp_path / "file" / "inside").as_uri()}[where]
    with pytest.raises(AwayError) as told:
        Objects(url).check()
    sentence = str(told.value)
    assert sentence.startswith(f"Evidence can't be kept at {url} (CASEWORK_EVIDENCE_URL): ")
    assert why in sentence
    assert "\n" not in sentence
    assert seaweed.SECRET not in sentence
