"""What of evidence is nobody's goes after a day; what a row names never does, whoever comes first."""

import asyncio
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryFile

import pytest
import sqlalchemy as sa
from conftest import agency, send
from sqlalchemy import Connection

from desk.door.door import Door
from desk.evidence.keep import Intake, Taken
from states.situation import Actor
from states.terms import RefusedError, Role
from store import evidence
from store.bucket import AwayError
from store.evidence import KEPT, File
from store.objects import Objects
from store.pieces import new_key, stored_size
from store.schema.evidence import FileKind
from store.schema.evidence import evidence as files
from workers.clearing import clear
from workers.reach import House

MINUTE = timedelta(minutes=1)


class Store:
    """Files of one person, in a folder of their own."""

    def __init__(self, house: House, folder: Path, who: str, of: str) -> None:
        self.house, self.who, self.of = house, who, of
        self.objects = Objects(folder.as_uri())
        self.folder = folder

    def stored(self, content: bytes, key: bytes | None = None) -> str:
        with TemporaryFile() as file:
            file.write(content)
            return self.objects.keep(file, key)

    def row(self, hash_: str) -> File:
        now = self.house.clock.now()
        return File(evidence.new_id(), hash_, 1, FileKind.PNG, "clip.png", self.who, self.of, now)

    def upload(self, content: bytes, age: timedelta = timedelta(), key: bytes | None = None) -> File:
        made = self.row(self.stored(content, key))
        made = replace(made, at=made.at - age)
        with self.house.engine.begin() as connection:
            evidence.write(connection, made)
        return made

    def known(self, *made: File) -> list[File]:
        with self.house.engine.connect() as connection:
            ids = set(connection.execute(sa.select(files.c.id)).scalars())
        return [file for file in made if file.id in ids]

    async def clear(self, later: timedelta = timedelta()) -> int:
        return await clear(self.house.engine, self.objects, self.house.clock.now() + later)

    @contextmanager
    def holding(self, hash_: str) -> Iterator[Connection]:
        with self.house.engine.begin() as connection:
            evidence.hold(connection, hash_)
            yield connection

    def waits(self) -> bool:
        """Whether somebody waits for a lock of a name."""
        query = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
        with self.house.engine.connect() as connection:
            return bool(connection.execute(sa.text(query)).scalar())

    async def until_somebody_waits(self) -> None:
        async with asyncio.timeout(10):
            while not await asyncio.to_thread(self.waits):
                await asyncio.sleep(0.01)


@pytest.fixture
async def store(house: House, tmp_path: Path) -> Store:
    jade, jan = await agency(house, "jade")
    return Store(house, tmp_path / "evidence", jan, jade)


async def test_uploads_that_nobody_refers_to_go_after_a_day_with_their_bytes(store: Store, door: Door) -> None:
    lotus, _ = await agency(store.house, "lotus")
    young, old = store.upload(b"young"), store.upload(b"old", KEPT + MINUTE)
    shared, brought = store.upload(b"shared", KEPT + MINUTE), store.upload(b"shared")
    lost = store.stored(b"a process was killed before it wrote the row")
    report = {"clause": "agency.poaching", "against": lotus, "details": "seen"}
    await send(door, store.who, "report", **report, evidence=[brought.id])

    await store.clear()
    assert store.known(young, old, shared, brought) == [young, brought]
    assert store.objects.size(old.hash) is None
    assert None not in {store.objects.size(hash_) for hash_ in (young.hash, shared.hash, lost)}

    later = store.house.clock.now() - KEPT - MINUTE
    os.utime(store.folder / lost, (later.timestamp(), later.timestamp()))
    await store.clear()
    assert store.objects.size(lost) is None

    await store.clear(KEPT + MINUTE)  # the one that was young; of the case nothing ever
    assert store.known(young, brought) == [brought]
    assert store.objects.size(brought.hash) == len(b"shared")
    await store.clear(365 * KEPT)
    assert store.known(brought) == [brought]


async def test_what_was_carried_out_or_refused_is_answered_the_same_after_a_clearing(store: Store, door: Door) -> None:
    lotus, _ = await agency(store.house, "lotus")
    brought, old = store.upload(b"brought"), store.upload(b"old")
    said = {"clause": "agency.poaching", "against": lotus, "details": "seen"}
    done = said | {"evidence": [brought.id]}
    first = await door.send(store.who, "report", done, key="carried out")
    await store.clear(2 * KEPT)
    assert store.known(brought, old) == [brought]
    assert await door.send(store.who, "report", done, key="carried out") == first
    for _ in range(2):
        with pytest.raises(RefusedError) as refused:
            await door.send(store.who, "report", said | {"evidence": [old.id]}, key="refused")
        assert (refused.value.key, refused.value.field) == ("no_upload", "evidence.0")


async def test_bytes_that_are_uploaded_again_while_they_are_cleared_stay(store: Store) -> None:
    old = store.upload(b"twice", KEPT + MINUTE)
    with store.holding(old.hash) as connection:
        clearing = asyncio.create_task(store.clear())
        await store.until_somebody_waits()
        again = store.row(old.hash)
        evidence.write(connection, again)
    await clearing
    assert store.known(old, again) == [again]
    assert store.objects.size(old.hash) == len(b"twice")


async def test_who_holds_bytes_keeps_them_while_a_bucket_is_slow(store: Store) -> None:
    """The database ends transactions that ask it nothing for long, and with them their locks; but not these."""
    nobodys = hashlib.sha256(b"of a slow bucket").hexdigest()
    with store.house.engine.begin() as connection:
        connection.execute(sa.text("SET LOCAL idle_in_transaction_session_timeout = '100ms'"))
        evidence.hold(connection, nobodys)
        await asyncio.sleep(0.4)
        assert evidence.named(connection, [nobodys]) == set()


async def test_bytes_that_are_cleared_while_they_are_uploaded_again_are_stored_again(store: Store) -> None:
    """Who writes a row holds the bytes, and looks whether they are still there."""
    content, key = b"once more", new_key()
    old = store.upload(content, KEPT + MINUTE, key)

    def upload() -> File:
        with TemporaryFile() as file, store.house.engine.begin() as connection:
            file.write(content)
            taken = Taken(FileKind.PNG, "", old.hash, len(content), file, key)
            actor, now = Actor(store.who, Role.OWNER), store.house.clock.now()
            return Intake(store.objects, store.folder).write(connection, actor, "clip.png", taken, now)

    with store.holding(old.hash):
        uploading = asyncio.create_task(asyncio.to_thread(upload))
        await store.until_somebody_waits()
        store.objects.remove(old.hash)
    again = await uploading
    await store.clear()
    assert store.known(old, again) == [again]
    assert store.objects.size(old.hash) == stored_size(len(content))


async def test_a_folder_that_is_away_loses_nothing(store: Store) -> None:
    old = store.upload(b"old", KEPT + MINUTE)
    (store.folder / old.hash).unlink()
    (store.folder / old.hash).mkdir()  # the folder's disk answers with an error
    with pytest.raises(AwayError):
        await store.clear()
    (store.folder / old.hash).rmdir()
    assert store.known(old) == []
    await store.clear()
