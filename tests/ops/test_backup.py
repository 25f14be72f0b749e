"""The embedded product is backed up while it runs, and goes on from a backup on an empty machine."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import files
import pytest
from clocks import Town
from conftest import agency, person, send

from activities.install import install
from desk.door.door import Door
from desk.evidence.keep import Intake
from desk.upload import upload
from ops.backup.manifest import DATABASE, EVIDENCE, LISTED, NAME, read
from ops.backup.restore import restore
from ops.backup.take import take
from ops.verify import verify
from rulebook.load import LIVE, load
from states.terms import Role
from store import case as cases
from store import party, text
from store.audit import picture
from store.own_keys import ForeignKeysError
from workers.clock import Clock
from workers.embedded.error import EmbeddedError, NotRunningError
from workers.embedded.port import free
from workers.embedded.servers import embedded
from workers.house import migrated, work
from workers.reach import reach
from workers.settings import Settings

LATER = timedelta(days=10)


def settings_of(folder: Path) -> Settings:
    ports = dict(zip(("postgres_port", "temporal_port", "ui_port", "api_port"), free(4), strict=True))
    return Settings(data_dir=folder, **ports)


@asynccontextmanager
async def running(settings: Settings, offset: timedelta = timedelta()) -> AsyncIterator[Town]:
    """The embedded product at work, by a clock that is so far ahead."""
    async with embedded(settings, headless=True) as servers, reach(settings, servers, pool=20) as reached:
        house = replace(reached, clock=Clock(offset))
        migrated(house)
        with house.engine.begin() as connection:
            install(connection, load(LIVE), house.clock.now())
        async with work(house), Door.of(house) as door:
            yield Town(house, door)


async def with_evidence(town: Town, bytes_: bytes) -> str:
    """A claimed report that brings a file."""
    (_, jan), (lotus, _) = await agency(town.house, "jade"), await agency(town.house, "lotus")
    with town.house.engine.connect() as connection:
        actor = party.actor(connection, jan)
    assert actor is not None

    async def parts() -> AsyncIterator[bytes]:
        yield bytes_

    now = town.house.clock.now()
    file = await upload(town.house.engine, Intake.of(town.house), actor, "paper.pdf", parts(), "key", now)
    said = {"clause": "agency.poaching", "against": lotus, "details": "seen", "evidence": [file["id"]]}
    case: str = (await send(town.door, jan, "report", **said))["case"]
    await send(town.door, await person(town.house, Role.MODERATOR), "claim", case=case)
    return case


@contextmanager
def flipped(file: Path) -> Iterator[None]:
    """One bit of a file is another meanwhile."""
    kept = file.read_bytes()
    place = len(kept) // 2
    file.write_bytes(kept[:place] + bytes([kept[place] ^ 1]) + kept[place + 1 :])
    yield
    file.write_bytes(kept)


def only(folder: Path) -> Path:
    """The one file that a folder has."""
    (file,) = folder.iterdir()
    return file


def has(town: Town, case: str) -> bool:
    with town.house.engine.connect() as connection:
        return cases.read(connection, case) is not None


def details(town: Town, case: str) -> str | None:
    """What somebody wrote."""
    with town.house.engine.connect() as connection:
        (said,) = text.bodies(connection, [town.lines(case)[0]["facts"]["details"]]).values()
    return said


async def nothing_without_its_keys(settings: Settings, backup: Path) -> None:
    """Restored without its keys it does not start, and no others are begun."""
    await restore(settings, backup, None, quiet)
    async with embedded(settings, only=frozenset({"postgres"})) as servers:
        with pytest.raises(ForeignKeysError, match=r"keys_lost: .* CASEWORK_KEYS_URL .*--accept-lost-keys"):
            async with reach(settings, servers):
                raise AssertionError("it was started")
    assert not (settings.data_dir / "keys").exists()
    assert not (settings.data_dir / "secrets" / "master.key").exists()


def quiet(_: str) -> None:
    """Nobody listens."""


async def nothing_within(here: Settings, backup: Path, keys: Path) -> None:
    """A backup, its keys and the data it is of are apart from each other."""
    for to, theirs, why in (
        (backup, backup, "another folder"),
        (backup, backup / "keys", "within"),
        (keys / "backup", keys, "within"),
        (here.data_dir / "postgres" / "backup", None, "within"),
    ):
        with pytest.raises(EmbeddedError, match=why):
            await take(here, to, theirs, quiet)


async def nothing_damaged(there: Settings, backup: Path, keys: Path) -> None:
    """A backup with another bit, or a file more, is not restored; nor is one without the keys that are named."""
    largest = max((backup / DATABASE / "base").rglob("*"), key=lambda path: path.stat().st_size)
    log = next(path for path in (backup / DATABASE / "pg_wal").iterdir() if path.is_file())
    for file in (largest, log, only(backup / EVIDENCE), backup / LISTED, backup / NAME):
        with flipped(file), pytest.raises(EmbeddedError, match=file.name):
            await restore(there, backup, keys, quiet)
    beyond = backup / DATABASE / "recovery.signal"
    beyond.touch()
    with pytest.raises(EmbeddedError, match=beyond.name):
        await restore(there, backup, keys, quiet)
    beyond.unlink()
    with pytest.raises(EmbeddedError, match="has no keys"):
        await restore(there, backup, backup, quiet)


@pytest.mark.timeout(240)
async def test_a_backup_taken_at_work_goes_on_on_an_empty_machine(tmp_path: Path) -> None:
    here, there = settings_of(tmp_path / "here"), settings_of(tmp_path / "there")
    backup, keys = tmp_path / "backup", tmp_path / "keys"
    with pytest.raises(NotRunningError):
        await take(here, backup, keys, quiet)
    async with running(here) as town:
        case = await with_evidence(town, files.pdf())
        before = town.lines(case)
        filing = asyncio.gather(*(town.queued() for _ in range(5)))
        await nothing_within(here, backup, keys)
        taken = await take(here, backup, keys, quiet)
        filed = [one for one, *_ in await filing]
        assert read(backup) == taken
        with pytest.raises(EmbeddedError, match="in the way"):
            await take(here, backup, None, quiet)
        assert taken.lost == 0
        with flipped(here.data_dir / "evidence" / only(backup / EVIDENCE).name):
            assert (await take(here, tmp_path / "poor", None, quiet)).lost == 1
        late, *_ = await town.queued()
    assert not list(backup.rglob("*.key"))
    assert (keys / "command.key").read_bytes() == (here.data_dir / "secrets" / "command.key").read_bytes()

    await nothing_damaged(there, backup, keys)
    assert not (there.data_dir / DATABASE).exists()
    await nothing_without_its_keys(settings_of(tmp_path / "without"), backup)

    assert await restore(there, backup, keys, quiet) == taken
    with pytest.raises(EmbeddedError, match="has data"):
        await restore(there, backup, keys, quiet)
    async with running(there, LATER) as town:
        whole = [one for one in filed if has(town, one)]
        await asyncio.gather(*(town.adopted(one) for one in (case, *whole)))
        lines = town.lines(case)
        assert [dict(line) for line in lines[: len(before)]] == [dict(line) for line in before]
        happened = [(line["event"], line["at"]) for line in lines[len(before) :]]
        assert details(town, case) == "seen"
        assert [event for event, _ in happened][:2] == ["lease_ran_out", "overdue"]
        assert happened == sorted(happened, key=lambda one: one[1])
        assert not has(town, late)
        with picture(town.house.engine) as connection:
            now, client, objects = town.house.clock.now(), town.house.client, town.house.objects
            assert not [one async for one in verify(connection, now, client, objects)]
