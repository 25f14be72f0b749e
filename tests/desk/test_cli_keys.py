"""Keys that are not the database's are told at each start; and the master key is changed while everything runs."""

import asyncio
import signal
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from shutil import copytree
from subprocess import DEVNULL, Popen

import pytest
import sqlalchemy as sa
from conftest import agency, send
from engines import beside
from pydantic import SecretStr
from terminal import CASEWORK, Terminal, terminal

from desk.door.door import Door
from desk.door.rewrapping import Rewrapped, rewrap
from ops.verify import verify
from states.situation import ENGINE
from store import journal, privacy, text
from store.audit import picture
from store.keyring import DestroyedError, Keyring, name_of, of_party
from store.master import Master, UnknownMasterError
from store.own_keys import ForeignKeysError
from store.schema.privacy import Order
from workers.house import work
from workers.reach import House, reach
from workers.settings import Settings

WORDS, LATER, NEW = "They offered money.", "And once more.", "the master key of the year after"
STARTS = ("worker", "api", "migrate")
MANY = 500


class Place:
    """An engine's settings and its case, and terminals beside it whose keys may be others."""

    def __init__(self, settings: Settings, folder: Path, case: str) -> None:
        self.settings, self.folder, self.case = settings, folder, case
        self.older, self.nowhere = folder / "older", folder / "kyes"
        self.known: dict[str, object] = {
            "temporal_address": settings.temporal_address,
            "keys_url": settings.keys_url,
            "operator": "ops",
        }
        for name in ("database_url", "command_key", "master_key"):
            self.known[name] = getattr(settings, name).get_secret_value()

    @property
    def master(self) -> str:
        return str(self.known["master_key"])

    def at(self, **others: object) -> Terminal:
        return terminal(self.folder / "elsewhere", **{**self.known, **others})

    def ring(self, master: str) -> Keyring:
        return Keyring(str(self.settings.keys_url), Master(master))

    def changed(self, master: str, *former: str) -> Settings:
        secrets = {"master_key": SecretStr(master), "former_master_keys": tuple(map(SecretStr, former))}
        return self.settings.model_copy(update=secrets)


@asynccontextmanager
async def at_work(settings: Settings) -> AsyncIterator[tuple[House, Door]]:
    async with reach(settings, pool=20) as house, work(house), Door.of(house) as door:
        yield house, door


async def report(house: House, door: Door, details: str) -> str:
    (_, jan), (lotus, _) = await agency(house, "jade"), await agency(house, "lotus")
    return str((await send(door, jan, "report", clause="agency.poaching", against=lotus, details=details))["case"])


def words(house: House, case: str) -> list[str | None]:
    with house.engine.connect() as connection:
        said = journal.timeline(connection, case)[0]["facts"]["details"]
        return list(text.bodies(connection, [said]).values())


def written(house: House) -> list[int]:
    """How many rows the tables have."""
    with house.engine.connect() as connection:
        tables = sa.inspect(connection).get_table_names()
        return [connection.scalar(sa.text(f'SELECT count(*) FROM "{name}"')) or 0 for name in tables]


def refusal(at: Terminal, *said: str) -> str:
    done = at.casework(*said)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1), done.stdout + done.stderr
    return done.stderr


def refused(place: Place) -> None:
    """Each start beside other keys, or by the former master key, is one sentence with its code and setting."""
    for start in STARTS:
        said = refusal(place.at(master_key=NEW, keys_url=place.nowhere.as_uri()), start)
        assert said.startswith("keys_lost: "), said
        assert "CASEWORK_KEYS_URL" in said
    said = refusal(place.at(), "rewrap")
    assert said.startswith("master_key_wrong: "), said
    assert "CASEWORK_MASTER_KEY" in said
    assert not place.nowhere.exists()


@pytest.fixture(scope="module")
async def place(house: House, tmp_path_factory: pytest.TempPathFactory) -> Place:
    """An engine with a case and the keys of many, which nobody has changed yet."""
    folder = tmp_path_factory.mktemp("keys")
    async with beside(house, "keys_of_others", folder) as other, work(other), Door.of(other) as door:
        made = Place(other.settings, folder, await report(other, door, WORDS))
        many(made)
    return made


async def test_the_master_key_is_changed_at_work_and_the_former_one_opens_nothing(place: Place) -> None:
    former = sorted((place.folder / "keys").iterdir())
    async with at_work(place.changed(NEW, place.master)) as (other, door):
        await asyncio.to_thread(killed, place)
        left = len(stale(former))
        assert 0 < left < len(former), "it was killed too late, or too early"
        assert words(other, place.case) == [WORDS]
        copytree(place.folder / "keys", place.older)
        again = await report(other, door, LATER)
        at = place.at(master_key=NEW, former_master_keys=place.master)
        assert await asyncio.to_thread(at.told, "rewrap") == {"rewrapped": left, "left": 0}
        assert await asyncio.to_thread(at.told, "rewrap") == {"rewrapped": 0, "left": 0}
        with picture(other.engine) as connection:
            found = [one async for one in verify(connection, other.clock.now(), other.client, other.objects)]
        assert found == []
    assert stale(former) == []
    for name in former:
        with pytest.raises(UnknownMasterError):
            place.ring(place.master).named(name.name)
    async with reach(place.changed(NEW)) as other:
        assert (words(other, place.case), words(other, again)) == ([WORDS], [LATER])
        before = written(other)
        await asyncio.to_thread(refused, place)
        assert written(other) == before


async def test_who_has_lost_the_keys_goes_on_without_the_words(place: Place) -> None:
    older = place.changed(NEW, place.master).model_copy(update={"keys_url": place.older.as_uri()})
    with pytest.raises(ForeignKeysError):  # they lack who came since
        async with reach(older):
            raise AssertionError("older keys were taken")
    at = place.at(master_key=NEW, keys_url=place.nowhere.as_uri())
    accepted = await asyncio.to_thread(at.casework, "migrate", "--accept-lost-keys")
    assert accepted.returncode == 0, accepted.stderr
    async with reach(place.changed(NEW).model_copy(update={"keys_url": place.nowhere.as_uri()})) as other:
        assert words(other, place.case) == [None]
        with other.engine.begin() as connection:
            text.write(connection, {"new": LATER}, [of_party("jan")])
            assert text.bodies(connection, ["new"]) == {"new": LATER}


def many(place: Place) -> None:
    """Keys of many more people, as if they had been made one after the other."""
    master, folder = Master(place.master), place.ring(place.master).folder
    assert folder is not None
    for number in range(MANY):
        name = name_of(of_party(f"somebody-{number}"))
        (folder / name).write_bytes(master.wrap(bytes(32), name))


def stale(files: list[Path]) -> list[Path]:
    return [file for file in files if Master(NEW).stale(file.read_bytes())]


def killed(place: Place) -> None:
    """A rewrapping that is killed when some keys are done."""
    at = place.at(master_key=NEW, former_master_keys=place.master)
    files = sorted((place.folder / "keys").iterdir())
    process = Popen([CASEWORK, "rewrap"], cwd=at.folder, env=at.environment, stdout=DEVNULL)
    until = time.monotonic() + 30
    while len(stale(files)) > len(files) - 20 and time.monotonic() < until:
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL


async def test_who_is_erased_while_keys_are_wrapped_anew_stays_erased(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, jan = await agency(house, "jade")
    url = (tmp_path / "keys").as_uri()
    Keyring(url, Master("the master key of before")).of(of_party(jan))
    keys = Keyring(url, Master(NEW, ["the master key of before"]))
    put_in_place = Keyring._rewrap  # noqa: SLF001  # at the worst moment between its read and its write

    def meanwhile(ring: Keyring, name: str) -> bool:
        before = (tmp_path / "keys" / name).read_bytes()
        with house.engine.begin() as connection:
            privacy.order(connection, ENGINE.id, Order.ERASE, [(jan, "asked")], house.clock.now(), ENGINE.id)
        keys.destroy(of_party(jan))
        (tmp_path / "keys" / name).write_bytes(before)
        return put_in_place(ring, name)

    monkeypatch.setattr(Keyring, "_rewrap", meanwhile)
    heard: list[Rewrapped] = []
    assert rewrap(house.engine, keys, heard.append) == Rewrapped(1, 0)
    with pytest.raises(DestroyedError):
        Keyring(url, Master(NEW)).of(of_party(jan))
