"""`casework erase`: who has left is forgotten, unless something stands in the way; the record stays true."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from conftest import agency, person, send
from terminal import Terminal, of_ops

from activities.feed import people
from desk.door.door import Door
from ops.verify import verify
from states.terms import Role
from store import journal, text
from store.keyring import name_of, of_party
from store.schema.privacy import privacy_orders
from workers.clearing import clear
from workers.reach import House

WORDS = "what jan wrote"


class Town:
    def __init__(self, house: House, door: Door, ops: Terminal) -> None:
        self.house, self.door, self.ops = house, door, ops

    async def refused(self, *words: str) -> str:
        return str((await asyncio.to_thread(self.ops.refused, *words, "--reason", "they asked"))["reason"])

    async def told(self, *words: str) -> dict[str, Any]:
        return dict(await asyncio.to_thread(self.ops.told, *words, "--reason", "they asked"))

    def key(self, who: str) -> bytes:
        return self._file(who).read_bytes()

    def bring_back(self, who: str, older: bytes) -> None:
        self._file(who).write_bytes(older)

    def _file(self, who: str) -> Path:
        return Path(self.house.keyring.folder or "", name_of(of_party(who)))

    def words(self, case: str) -> list[str | None]:
        with self.house.engine.connect() as connection:
            facts = journal.timeline(connection, case)[0]["facts"]
            return list(text.bodies(connection, [facts["details"]]).values())


@pytest.fixture
def town(house: House, door: Door, tmp_path: Path) -> Town:
    return Town(house, door, of_ops(house, tmp_path))


async def test_who_has_left_is_forgotten_for_good_when_nothing_stands_in_the_way(town: Town) -> None:
    house, door = town.house, town.door
    (jade, boss), (lotus, _) = await agency(house, "jade"), await agency(house, "lotus")
    jan = await person(house, Role.TEAM_LEAD, jade)
    case = (await send(door, jan, "report", against=lotus, clause="agency.poaching", details=WORDS))["case"]
    older = town.key(jan)

    assert "has not left" in await town.refused("erase", jan, "--yes")
    with house.engine.begin() as connection:
        people.end(connection, door.rulebooks, jan, house.clock.now())
    assert "open cases (1)" in await town.refused("erase", jan, "--yes")
    await send(door, boss, "withdraw", case=case)
    await town.told("hold", case)
    assert "held back" in await town.refused("erase", jan, "--yes")
    await town.told("hold", case, "--release")
    assert "nobody" in await town.refused("erase", "nobody-at-all")
    said = await town.told("erase", jan)
    assert said == {"person": jan, "erased": False, "cases": 1, "words": 1, "files": 0, "drafts": 0, "account": False}
    assert town.words(case) == [WORDS]

    assert await town.told("erase", jan, "--yes") == said | {"erased": True}
    house.keyring.forget()  # a minute passes
    assert town.words(case) == [None]
    town.bring_back(jan, older)
    await clear(house.engine, house.objects, house.clock.now())
    assert town.words(case) == [None]
    with house.engine.connect() as connection:
        rows = connection.execute(sa.select(privacy_orders).where(privacy_orders.c.name.in_([jan, case]))).all()
        assert [(row.kind, row.why) for row in rows] == [(kind, "they asked") for kind in ("hold", "release", "erase")]
        about = (jan, case, "privacy_orders")
        found = [str(one) async for one in verify(connection, house.clock.now())]
    assert [one for one in found if any(name in one for name in about)] == []
