"""Files that an older release stored are encrypted, once; what was not as it was brought is still found."""

import os
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryFile

import pytest
from conftest import agency, person, send

from desk.door.door import Door
from desk.reading.dossier import Dossiers
from ops.verify import verify
from states.terms import RefusedError, Role
from store import evidence, party
from store.content import content
from store.evidence import KEPT, File
from store.keyring import of_party
from store.objects import Objects
from store.schema.evidence import FileKind
from workers.encrypting import encrypt_files
from workers.reach import House

BYTES = os.urandom(200_000)


async def test_they_are_encrypted_once_and_all_is_still_true(house: House, door: Door, tmp_path: Path) -> None:
    (jade, jan), (rose, rob), (lotus, _) = [await agency(house, name) for name in ("jade", "rose", "lotus")]
    mia, objects = await person(house, Role.MODERATOR), Objects((tmp_path / "evidence").as_uri())

    def upload(who: str, of: str, name: str, bytes_: bytes = BYTES) -> File:
        """As an older release did."""
        with TemporaryFile() as file, house.engine.begin() as connection:
            file.write(bytes_)
            made = (evidence.new_id(), objects.keep(file), len(bytes_), FileKind.MP4, name)
            evidence.write(connection, found := File(*made, who, of, house.clock.now()))
        return found

    async def reported(who: str, *files: File) -> str:
        said = {"clause": "agency.poaching", "against": lotus, "details": "seen", "evidence": [one.id for one in files]}
        case: str = (await send(door, who, "report", **said))["case"]
        return case

    async def read(case: str, file: File) -> bytes | None:
        with house.engine.connect() as connection:
            actor = party.actor(connection, mia)
        assert actor is not None
        found = Dossiers(house.engine, house.clock.now).file(actor, case, file.id)
        assert found.file.name == file.name
        chunks = await content(objects, found)
        return b"".join([chunk async for chunk in chunks]) if chunks else None

    first, same, gone = upload(jan, jade, "a.mp4"), upload(jan, jade, "b.mp4"), upload(jan, jade, "gone.mp4", b"gone")
    erased, free = upload(rob, rose, "erased.mp4"), upload(jan, jade, "free.mp4", b"free")
    case, of_rob = await reported(jan, first, same, gone), await reported(rob, erased)
    objects.remove(gone.hash)
    house.keyring.destroy(of_party(rob))
    assert await read(case, first) == BYTES

    assert encrypt_files(house.engine, lambda: objects, house.clock.now()) >= 4
    assert encrypt_files(house.engine, lambda: objects, house.clock.now()) == 0
    assert [await read(case, one) for one in (first, same)] == [BYTES, BYTES]
    assert await read(case, gone) is None
    with pytest.raises(RefusedError) as refused:
        await read(of_rob, erased)
    assert refused.value.key == "file_erased"
    folder = tmp_path / "evidence"
    assert not {first.hash, free.hash} & {one.name for one in folder.iterdir()}
    assert not any(BYTES[:64] in one.read_bytes() for one in folder.iterdir())
    with house.engine.connect() as connection:
        at = house.clock.now() + KEPT + timedelta(hours=1)
        ours = {f"evidence/{one.id}" for one in (first, same, gone, erased, free)}
        found = [one async for one in verify(connection, at, objects=objects)]
    assert {one.where: one.what for one in found if one.where in ours} == {f"evidence/{gone.id}": "its bytes are gone"}

    house.keyring.destroy(of_party(lotus))  # of whom the case is against
    with pytest.raises(RefusedError):
        await read(case, first)
