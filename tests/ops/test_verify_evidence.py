"""Is each file of a case proved to be there as it was brought, and are bytes that no row names found?"""

import os
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryFile

from conftest import agency, send

from desk.door.door import Door
from ops.verify.evidence import evidence as check
from store import evidence
from store.audit import picture
from store.evidence import KEPT, File
from store.objects import Objects
from store.schema.evidence import FileKind
from workers.reach import House


async def test_bytes_that_are_gone_or_others_or_nobody_s_are_named(house: House, door: Door, tmp_path: Path) -> None:
    (jade, jan), (lotus, _) = await agency(house, "jade"), await agency(house, "lotus")
    objects = Objects((tmp_path / "evidence").as_uri())

    def stored(content: bytes) -> str:
        with TemporaryFile() as file:
            file.write(content)
            return objects.keep(file)

    def upload(content: bytes) -> File:
        made = File(
            evidence.new_id(), stored(content), len(content), FileKind.PDF, "a.pdf", jan, jade, house.clock.now()
        )
        with house.engine.begin() as connection:
            evidence.write(connection, made)
        return made

    def found(later: timedelta = timedelta()) -> dict[str, str]:
        """What differs of these files: others of the house have bytes in no folder."""
        with picture(house.engine) as connection:
            differences = list(check(connection, objects, house.clock.now() + later))
        return {one.where: one.what for one in differences if one.where.rpartition("/")[2] in known}

    good, altered, gone, cut, unused = (
        upload(content * 9) for content in (b"good", b"altered", b"gone", b"cut", b"unused")
    )
    twice, nobody = upload(b"good" * 9), stored(b"nobody's")
    known = {file.id for file in (good, altered, gone, cut, twice, unused)} | {nobody, unused.hash}
    brought = [file.id for file in (good, altered, gone, cut, twice)]
    said = {"clause": "agency.poaching", "against": lotus, "details": "seen", "evidence": brought}
    await send(door, jan, "report", **said)
    assert found() == found(KEPT + timedelta(hours=1)) == {}
    assert found(2 * KEPT + timedelta(hours=1)) == {f"bytes/{nobody}": "no evidence names them"}

    folder = tmp_path / "evidence"
    (folder / altered.hash).write_bytes(b"other")
    (folder / gone.hash).unlink()
    os.truncate(folder / cut.hash, 3)
    (folder / unused.hash).unlink()  # no case has it: it means nothing
    assert found() == {
        f"evidence/{altered.id}": "hash of its bytes",
        f"evidence/{gone.id}": "its bytes are gone",
        f"evidence/{cut.id}": "hash of its bytes",
    }
    (folder / good.hash).unlink()
    assert {f"evidence/{file.id}" for file in (good, twice)} < set(found())
