"""What people wrote is encrypted, and is gone with the key of whoever wrote it, or of whom it is about."""

from collections.abc import AsyncIterator, Iterator

import files
import pytest
import sqlalchemy as sa
from conftest import agency, person, send

from desk.door.door import Door
from desk.evidence.keep import Intake
from desk.reading.dossier import Dossiers
from desk.reading.notices import Notices
from desk.upload import upload
from desk.words import Languages
from ops.rehearsal.stage.inquiry import Inquiry
from ops.verify import verify
from states.situation import Actor
from states.terms import Code, RefusedError, Role
from store.content import content
from store.keyring import of_party
from store.schema import metadata
from workers.reach import House

DETAILS, QUESTION, REASONS = "tím than", "which shade of it?", "as dark as they said"


class Street:
    """Jan of jade reports lotus, and is asked; mia finds a violation."""

    def __init__(self, house: House, door: Door) -> None:
        self.house, self.door = house, door

    async def begin(self) -> None:
        (_, self.jan), (self.lotus, self.ann) = await agency(self.house, "jade"), await agency(self.house, "lotus")
        self.mia = await person(self.house, Role.MODERATOR)
        self.report = {"clause": "agency.poaching", "against": self.lotus, "details": DETAILS}
        self.case = (await send(self.door, self.jan, "report", **self.report))["case"]
        await self.does(self.mia, "claim")
        await self.does(self.mia, "ask", question=QUESTION, to="respondent")
        await self.does(self.ann, "answer", text="none")
        await self.does(self.mia, "claim")
        await self.does(self.mia, "decide", finding="violation", severity="mild", reasons=REASONS)

    async def does(self, who: str, verb: str, **said: object) -> None:
        await send(self.door, who, verb, case=self.case, **said)

    def read(self, who: str) -> list[str | None]:
        found = Dossiers(self.house.engine, self.house.clock.now).open(self.actor(who), self.case)
        return [text for entry in found.timeline for text in entry.texts.values()]

    def letters(self, who: str, language: str) -> str:
        read = Notices(self.house.engine, self.house.clock.now, self.door.rulebooks)
        return "\n".join(row["body"] for row in read.page(self.actor(who), Languages().words(language)).rows)

    def actor(self, who: str) -> Actor:
        return Inquiry(self.house.engine, self.house.clock.now).actor(who)

    def rows_with(self, word: str) -> Iterator[str]:
        with self.house.engine.connect() as connection:
            for table in metadata.sorted_tables:
                told = sa.text(f'SELECT count(*) FROM "{table.name}" t WHERE position(:word in t::text) > 0')
                if connection.execute(told, {"word": word}).scalar():
                    yield table.name


@pytest.fixture
async def street(house: House, door: Door) -> Street:
    made = Street(house, door)
    await made.begin()
    return made


async def test_no_table_has_what_somebody_wrote(street: Street) -> None:
    assert street.read(street.mia) == [DETAILS, QUESTION, "none", REASONS]
    assert [*street.rows_with(DETAILS), *street.rows_with(QUESTION), *street.rows_with(REASONS)] == []
    assert REASONS in street.letters(street.ann, "en")


async def test_with_its_writers_key_it_is_gone_for_everybody_and_all_is_still_true(street: Street) -> None:
    street.house.keyring.destroy(of_party(street.jan))
    assert street.read(street.mia) == [None, QUESTION, "none", REASONS]
    street.house.keyring.destroy(of_party(street.lotus))
    assert street.read(street.mia) == [None] * 4
    for language, erased in (("en", "Erased"), ("vi", "Đã xóa"), ("zh", "已删除")):
        assert erased in street.letters(street.ann, language)
    with pytest.raises(RefusedError) as refused:
        await send(street.door, street.ann, "appeal", of=street.case, grounds="it was not")
    assert (refused.value.code, refused.value.key) == (Code.FORBIDDEN, "erased")
    with street.house.engine.connect() as connection:
        of_here = [one async for one in verify(connection, street.house.clock.now()) if street.case in str(one)]
    assert of_here == []


async def test_no_table_and_no_folder_has_what_a_file_says_and_with_a_key_it_is_gone(street: Street) -> None:
    house, name, paper = street.house, "Tím than.pdf", files.pdf()

    async def brought(who: str) -> str:
        async def parts() -> AsyncIterator[bytes]:
            yield paper

        actor, now = street.actor(who), house.clock.now()
        told = await upload(house.engine, Intake.of(house), actor, name, parts(), who, now)
        again = await upload(house.engine, Intake.of(house), actor, name, parts(), who, now)
        assert told == again
        assert told["name"] == name
        return str(told["id"])

    async def read(case: str, file: str) -> tuple[str | None, bytes]:
        dossiers, mia = Dossiers(house.engine, house.clock.now), street.actor(street.mia)
        (shown,) = dossiers.evidence(mia, case)
        chunks = await content(house.objects, dossiers.file(mia, case, file))
        assert chunks is not None
        return shown.name, b"".join([chunk async for chunk in chunks])

    (opal, _), (_, rob) = await agency(house, "opal"), await agency(house, "rose")
    reports = []
    for who, against in ((street.jan, street.lotus), (rob, opal)):
        file = await brought(who)
        said = street.report | {"against": against, "evidence": [file]}
        reports.append(((await send(street.door, who, "report", **said))["case"], file))
    assert [await read(*one) for one in reports] == [(name, paper)] * 2
    assert [*street.rows_with(name)] == []
    assert not any(paper[:40] in one.read_bytes() for one in (house.settings.data_dir / "evidence").iterdir())

    house.keyring.destroy(of_party(street.jan))  # who brought it
    house.keyring.destroy(of_party(opal))  # of whom the case is against
    for case, file in reports:
        with pytest.raises(RefusedError) as refused:
            await read(case, file)
        assert (refused.value.code, refused.value.key) == (Code.NOT_FOUND, "file_erased")
        (shown,) = Dossiers(house.engine, house.clock.now).evidence(street.actor(street.mia), case)
        assert shown.name is None
    with house.engine.connect() as connection:
        found = [str(one) async for one in verify(connection, house.clock.now(), objects=house.objects)]
    assert [one for one in found if any(name in one for pair in reports for name in pair)] == []
