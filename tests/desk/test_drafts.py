"""Drafts: what somebody has begun to write is kept for them alone, within bounds, and goes when nobody wants it."""

import json
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from conftest import agency, new, person

from activities.feed import people
from activities.rulebooks import Rulebooks
from desk.reading.drafts import LONGEST, Drafts
from desk.refusal import ApiCode
from states.situation import Actor
from states.terms import Code, Kind, RefusedError, Role
from store import evidence, party
from store.draft import KEPT, MOST
from store.encrypting import encrypt
from store.evidence import File
from store.keyring import of_party
from store.objects import Objects
from store.schema.evidence import FileKind
from store.schema.own import drafts
from workers.clearing import clear
from workers.reach import House

WORDS = {"clause": "agency.poaching", "details": "Họ hứa một căn nhà.\n<script>"}


class Desk:
    """Drafts at a time that a test chooses, of somebody of an agency."""

    def __init__(self, house: House, who: str) -> None:
        self.house, self.who, self.later = house, who, timedelta()
        self.drafts = Drafts(house.engine, lambda: house.clock.now() + self.later)

    def actor(self, name: str) -> Actor:
        with self.house.engine.connect() as connection:
            found = party.actor(connection, name)
        assert found is not None
        return found

    def keep(self, who: str | None = None, key: str | None = None, **words: str) -> str:
        key = key or new("key")
        self.drafts.keep(self.actor(who or self.who), key, Kind.REPORT, words or WORDS, ["ev-1"])
        return key

    def kept(self, who: str | None = None) -> set[str]:
        return {one.key for one in self.drafts.all(self.actor(who or self.who), Kind.REPORT)}


@pytest.fixture
async def desk(house: House) -> Desk:
    return Desk(house, (await agency(house, "jade"))[1])


async def test_a_draft_is_its_author_s_alone(house: House, desk: Desk) -> None:
    jade = desk.actor(desk.who).agency
    other, mia = await person(house, Role.OWNER, jade), await person(house, Role.AUDITOR)
    key = desk.keep()
    mine = desk.drafts.read(desk.actor(desk.who), key)
    assert (mine.words, mine.files, mine.kind) == (WORDS, ("ev-1",), Kind.REPORT)
    for who in (other, mia):
        assert desk.kept(who) == set()
        with pytest.raises(RefusedError) as refused:
            desk.drafts.read(desk.actor(who), key)
        assert refused.value.code is Code.NOT_FOUND
        desk.drafts.drop(desk.actor(who), key)
        desk.keep(who, key, details="of somebody else")
    assert desk.drafts.read(desk.actor(desk.who), key) == mine
    assert desk.drafts.all(desk.actor(desk.who), Kind.APPEAL) == []

    desk.keep(key=key, details="written on")
    assert desk.drafts.read(desk.actor(desk.who), key).words == {"details": "written on"}
    desk.drafts.drop(desk.actor(desk.who), key)
    desk.drafts.drop(desk.actor(desk.who), key)
    assert desk.kept() == set()
    assert desk.kept(other) == {key}


@pytest.mark.parametrize(
    ("words", "files", "code", "field"),
    [
        ({"severity_of": "mild"}, (), Code.INVALID, "severity_of"),
        ({"details": "a\0b"}, (), Code.INVALID, "details"),
        ({"details": "half \ud800"}, (), Code.INVALID, "details"),
        ({"details": "é" * (LONGEST - 3), "against": "lotus"}, (), ApiCode.TOO_LARGE, None),
        ({}, ["ev"] * 11, Code.INVALID, "evidence"),
        ({}, ["e\nv"], Code.INVALID, "evidence"),
    ],
)
async def test_a_draft_has_bounds(
    desk: Desk, words: dict[str, str], files: list[str], code: Code | ApiCode, field: str | None
) -> None:
    with pytest.raises(RefusedError) as refused:
        desk.drafts.keep(desk.actor(desk.who), new("key"), Kind.REPORT, words, files)
    assert (refused.value.code, refused.value.field) == (code, field)
    assert desk.kept() == set()


async def test_a_draft_may_be_long_blank_and_incomplete(desk: Desk) -> None:
    longest = {"details": "😀" * (LONGEST - 4), "about": "a\n\nb"}
    key = desk.keep(**longest, against=" \u3000")
    assert desk.drafts.read(desk.actor(desk.who), key).words == longest


async def test_nobody_keeps_more_than_twenty(desk: Desk) -> None:
    keys = [desk.keep() for _ in range(MOST)]
    with pytest.raises(RefusedError) as refused:
        desk.keep()
    assert (refused.value.code, refused.value.key) == (ApiCode.TOO_MANY_REQUESTS, "drafts_most")
    assert desk.kept() == set(keys)
    desk.keep(key=keys[0], details="one of them goes on")


async def test_a_draft_that_is_left_alone_goes_after_thirty_days(house: House, desk: Desk, tmp_path: Path) -> None:
    old = desk.keep()
    desk.later = timedelta(days=1)
    young = desk.keep()
    desk.later = KEPT
    assert desk.kept() == {young}  # though nothing was cleared yet
    await clear(house.engine, Objects((tmp_path / "evidence").as_uri()), house.clock.now() + KEPT)
    desk.later = timedelta()
    assert desk.kept() == {young}
    assert old != young


async def test_the_files_of_a_draft_wait_as_long_as_the_draft(house: House, desk: Desk, tmp_path: Path) -> None:
    """And nobody keeps another's by naming it."""
    objects, now = Objects((tmp_path / "evidence").as_uri()), house.clock.now()
    _, other = await agency(house)

    def upload() -> str:
        with house.engine.begin() as connection:
            row = File(evidence.new_id(), "0" * 64, 1, FileKind.PNG, "clip.png", desk.who, None, now)
            evidence.write(connection, row)
        return row.id

    def there(*ids: str) -> list[str]:
        return [file.id for file in desk.drafts.files(desk.actor(desk.who), ids)]

    drafted, named, free = upload(), upload(), upload()
    key = new("key")
    desk.drafts.keep(desk.actor(desk.who), key, Kind.REPORT, WORDS, [drafted])
    desk.drafts.keep(desk.actor(other), new("key"), Kind.REPORT, WORDS, [named])
    assert there(drafted, named, free) == [drafted, named, free]
    desk.later = timedelta(days=2)
    assert there(drafted, named, free) == [drafted]
    await clear(house.engine, objects, now + desk.later)
    desk.later = timedelta()
    assert there(drafted, named, free) == [drafted]
    desk.drafts.drop(desk.actor(desk.who), key)
    await clear(house.engine, objects, now + timedelta(days=2))
    assert there(drafted) == []


@pytest.mark.parametrize("leaves", [True, False])
async def test_drafts_go_with_the_seat(house: House, desk: Desk, leaves: bool) -> None:
    rose, _ = await agency(house, "rose")
    desk.keep()
    with house.engine.begin() as connection:
        at, rulebooks = house.clock.now(), Rulebooks()
        if leaves:
            people.end(connection, rulebooks, desk.who, at)
        else:
            people.person(connection, rulebooks, desk.who, people.Fed(Role.OWNER, rose, (), ()), at)
    assert desk.drafts.all(Actor(desk.who, Role.OWNER, rose), Kind.REPORT) == []


async def test_what_is_drafted_is_encrypted_by_its_author_s_key_also_what_an_older_release_kept(
    house: House, desk: Desk
) -> None:
    key = desk.keep()

    def stored(words: str | None = None) -> str:
        with house.engine.begin() as connection:
            if words is not None:
                connection.execute(sa.update(drafts).where(drafts.c.key == key).values(words=words))
            return str(connection.execute(sa.select(drafts.c.words).where(drafts.c.key == key)).scalar_one())

    assert "nhà" not in stored()
    stored(json.dumps(WORDS, ensure_ascii=False))
    assert desk.drafts.read(desk.actor(desk.who), key).words == WORDS
    encrypt(house.engine, house.clock.now())
    assert "nhà" not in (kept := stored())
    encrypt(house.engine, house.clock.now())
    assert stored() == kept
    assert desk.drafts.read(desk.actor(desk.who), key).words == WORDS
    house.keyring.destroy(of_party(desk.who))
    assert desk.drafts.read(desk.actor(desk.who), key).words == {}
    with pytest.raises(RefusedError) as refused:
        desk.keep()
    assert (refused.value.code, refused.value.key) == (Code.FORBIDDEN, "erased")
