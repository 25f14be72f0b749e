"""Reports at every station of their lives, one of each, as pages must show them; what people say in them is hostile."""

from dataclasses import dataclass, field
from typing import Any

from conftest import agency, feeding, new, send
from relations import HERE, Relations

from desk.door.door import Door
from states.terms import Role
from store import feed

# It ends what it may stand in, and runs what it may; in a language of templates and of paths too.
HOSTILE = (
    "\"'></textarea></script><script>hostile()</script><img src=x onerror=hostile()> {{ 7*7 }} {field} javascript:hostile()"
    " %s ${7*7} <!-- \u202etxt & <b>bold</b>\nsecond line\tend"
)
MILD = {"finding": "violation", "severity": "mild", "reasons": HOSTILE}
SEVERE = MILD | {"severity": "severe"}


@dataclass
class Lives:
    """The cases by their station; of an appeal too. `reporter` owns the agency that filed them, and was never accused."""

    door: Door
    relations: Relations
    cases: dict[str, str] = field(default_factory=dict)
    reporter: str = ""

    def name(self, role: Role) -> str:
        return self.relations.actors[role].id

    async def live(self) -> "Lives":
        """Let each report of an agency on another come to its station."""
        _, self.reporter = await agency(self.relations.house, "pearl")
        mia, owner = self.name(Role.MODERATOR), self.name(Role.OWNER)
        for station in (
            "queued",
            "claimed",
            "asked",
            "answered",
            "escalated",
            "voting",
            "decided",
            "appealed",
            "overturned",
        ):
            await self._report(station)
            if station != "queued":
                await self._move(mia, station, "claim")
        await self._report("dismissed", SEVERE)
        await self._move(mia, "dismissed", "claim")
        await self._move(mia, "dismissed", "decide", finding="none", reasons=HOSTILE)
        await self._move(mia, "claimed", "summarise", text=HOSTILE)
        for station in ("asked", "answered"):
            await self._move(mia, station, "ask", question=HOSTILE, to="respondent")
        await self._move(owner, "answered", "answer", text=HOSTILE)
        await self._move(mia, "escalated", "escalate", reasons=HOSTILE)
        await self._move(mia, "voting", "decide", **SEVERE)
        for station in ("decided", "appealed", "overturned"):
            await self._move(mia, station, "decide", **MILD)
        for station in ("appealed", "overturned"):
            told = await send(self.door, owner, "appeal", of=self.cases[station], grounds=HOSTILE)
            self.cases[f"appeal of {station}"] = told["case"]
        sam = await self._senior()
        await self._move(sam, "appeal of overturned", "claim")
        await self._move(sam, "appeal of overturned", "decide", outcome="overturned", reasons=HOSTILE)
        return self

    async def _senior(self) -> str:
        with feeding(self.relations.house) as connection:
            feed.person(connection, made := new("senior"), Role.SENIOR_MODERATOR, regions=[HERE])
        return made

    async def _report(self, station: str, _said: Any = None) -> None:
        lotus = self.relations.actors[Role.OWNER].agency
        told = await send(
            self.door, self.reporter, "report", clause="agency.poaching", against=lotus, details=HOSTILE,
            about=[self.name(Role.CREATOR)],
        )  # fmt: skip
        self.cases[station] = told["case"]

    async def _move(self, who: str, station: str, do: str, **said: Any) -> None:
        await send(self.door, who, do, case=self.cases[station], **said)
