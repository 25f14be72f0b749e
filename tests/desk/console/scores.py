"""An agency with a year behind it: three violations of its own, one overturned; a creator near a line, another's case."""

from datetime import timedelta
from decimal import Decimal

from conftest import agency, creator, feeding, person, send

from desk.demo import cast
from desk.door.door import Door
from rulebook.terms import CreatorClass
from states.terms import Role
from store import feed
from store.party import Profile
from workers.reach import House

FAMOUS = Profile(CreatorClass.STANDARD, 3, 20_000_000, 0)


class Town:
    """Jade reports lotus three times, the first is overturned; kim of bob loses 36 points, tom of eve waits."""

    def __init__(self, house: House, door: Door) -> None:
        self.house, self.door = house, door

    async def begin(self) -> None:
        house = self.house
        (self.jade, self.jan), (self.lotus, self.ann) = await agency(house, "jade"), await agency(house, "lotus")
        self.bob, self.eve = await person(house, Role.AGENT, self.lotus), await person(house, Role.AGENT, self.lotus)
        self.kim, self.tom = await creator(house, self.lotus, self.bob), await creator(house, self.lotus, self.eve)
        self.mia, self.sam = await person(house, Role.MODERATOR), await person(house, Role.SENIOR_MODERATOR)
        with feeding(house) as connection:
            feed.creator(connection, self.kim, cast.REGION, FAMOUS)
            for ago in range(1, 4):
                feed.streamed(connection, self.kim, house.clock.now().date() - timedelta(days=ago), Decimal(3))
        self.reports = [await self.found(self.jan, self.lotus, "agency.poaching", "mild") for _ in range(3)]
        self.appeal = (await send(self.door, self.ann, "appeal", of=self.reports[0], grounds="another year"))["case"]
        await send(self.door, self.sam, "claim", case=self.appeal)
        await send(self.door, self.sam, "decide", case=self.appeal, outcome="overturned", reasons="so it was")
        for _ in range(4):
            await self.found("platform", self.kim, "content.gambling", "moderate")
        said = {"clause": "content.vulgar", "against": self.tom, "details": "seen"}
        self.waits = (await send(self.door, "platform", "report", **said))["case"]

    async def found(self, by: str, against: str, clause: str, severity: str) -> str:
        case = str((await send(self.door, by, "report", clause=clause, against=against, details="seen"))["case"])
        await send(self.door, self.mia, "claim", case=case)
        await send(self.door, self.mia, "decide", case=case, finding="violation", severity=severity, reasons="clear")
        return case
