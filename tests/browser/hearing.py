"""A report of a test's own, with whoever is concerned, in a region where no other test works."""

from dataclasses import dataclass
from typing import Any, Self

from conftest import agency, person, send
from visiting import Desk

from states.terms import Role

WORDS = "Offered our creator money to change over, on stream."


@dataclass
class Hearing:
    """An agency `reporter` owns has reported the one that `respondent` owns; `moderator` may review it."""

    desk: Desk
    region: str
    reporter: str
    respondent: str
    agency: str
    moderator: str
    case: str = ""

    @classmethod
    async def of(cls, desk: Desk, region: str) -> Self:
        """Its people; nothing is reported yet."""
        _, reporter = await agency(desk.house, "pearl", region)
        accused, respondent = await agency(desk.house, "amber", region)
        return cls(desk, region, reporter, respondent, accused, await person(desk.house, Role.MODERATOR, region=region))

    @classmethod
    async def begun(cls, desk: Desk, region: str = "FR", *, claimed: bool = False) -> Self:
        """With one report, claimed by the moderator or not."""
        made = await cls.of(desk, region)
        made.case = await made.report(claimed=claimed)
        return made

    async def reviewer(self, role: Role = Role.MODERATOR) -> str:
        """Somebody more who may review it."""
        return await person(self.desk.house, role, region=self.region)

    async def report(self, *, claimed: bool = False) -> str:
        """One more report on the same agency."""
        told = await send(
            self.desk.door, self.reporter, "report", clause="agency.poaching", against=self.agency, details=WORDS
        )
        if claimed:
            await self.move(self.moderator, "claim", told["case"])
        return str(told["case"])

    async def move(self, who: str, do: str, case: str | None = None, **said: Any) -> None:
        await send(self.desk.door, who, do, case=case or self.case, **said)

    def end_window(self) -> None:
        """As if the days in which one can appeal were over."""
        with self.desk.house.engine.begin() as connection:
            over = "UPDATE cases SET window_ends_at = window_ends_at - interval '400 days' WHERE id = %s"
            connection.exec_driver_sql(over, (self.case,))

    @property
    def status(self) -> str:
        """What became of the report, in the database."""
        return self.row("status")

    def row(self, column: str, case: str | None = None) -> str:
        with self.desk.house.engine.connect() as connection:
            found = connection.exec_driver_sql(f"SELECT {column} FROM cases WHERE id = %s", (case or self.case,))
            return str(found.scalar_one())
