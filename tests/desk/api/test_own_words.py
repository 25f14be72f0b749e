"""Which words of whom does each party find anywhere? A whole life, in which every text is known by its marker."""

import re
from collections.abc import AsyncIterator

import pytest
from conftest import agency, creator, person
from served import Api, served

from desk.door.door import Door
from states.terms import Role
from workers.reach import House

REPORTERS = {"r.details", "r.evidence", "r.answer", "r.answer.evidence"}
RESPONDENTS = {"a.answer", "a.grounds", "a.evidence"}
# What the review says to the one and to the other; the rest is the staff's own.
TO_REPORTER, TO_RESPONDENT = {"m.asks.reporter"}, {"m.asks.respondent", "m.summary.last", "m.verdict", "s.appeal"}
OF_STAFF = {"m.summary.first", "m.note", "m.proposal", "s.rejects", "m.escalates", "s.approves"}


class Life:
    """Jade reports lotus, through its agent jim, of its agent bob; a verdict is rejected, another approved and appealed."""

    def __init__(self, api: Api, house: House) -> None:
        self.api, self.house = api, house

    async def live(self) -> None:
        (self.lotus, self.ann), (self.jade, self.jan) = await agency(self.house), await agency(self.house)
        self.jim, self.bob = [await person(self.house, Role.AGENT, of) for of in (self.jade, self.lotus)]
        self.mia, self.sam, self.sue = [
            await person(self.house, role) for role in (Role.MODERATOR, Role.SENIOR_MODERATOR, Role.SENIOR_MODERATOR)
        ]
        self.kim, self.zoe = (
            await creator(self.house, self.lotus, self.bob),
            await creator(self.house, self.jade, self.jim),
        )
        self.case = await self.file(
            self.jim, "reports", clause="agency.poaching", against=self.bob, about=[self.kim, self.zoe],
            details="⟨r.details⟩", evidence="⟨r.evidence⟩",
        )  # fmt: skip
        await self.asked("reporter", self.jim, "⟨r.answer⟩", evidence="⟨r.answer.evidence⟩")
        await self.asked("respondent", self.bob, "⟨a.answer⟩")
        await self.by(self.mia, "claim")
        for which in ("first", "last"):
            await self.by(self.mia, "summarise", text=f"⟨m.summary.{which}⟩")
        await self.by(self.mia, "note", text="⟨m.note⟩")
        await self.decide("⟨m.proposal⟩")
        await self.by(self.sam, "reject", reasons="⟨s.rejects⟩")
        await self.by(self.mia, "claim")
        await self.by(self.mia, "escalate", reasons="⟨m.escalates⟩")
        await self.by(self.sue, "claim")
        await self.decide("⟨m.verdict⟩", self.sue)
        await self.by(self.sam, "approve", reasons="⟨s.approves⟩")
        self.appeal = await self.file(self.bob, "appeals", of=self.case, grounds="⟨a.grounds⟩", evidence="⟨a.evidence⟩")
        judge = await person(self.house, Role.SENIOR_MODERATOR)
        await self.by(judge, "claim", self.appeal)
        await self.by(judge, "decide", self.appeal, outcome="overturned", reasons="⟨s.appeal⟩")

    async def file(self, who: str, what: str, **said: object) -> str:
        answer = await self.api.send(who, "POST", f"/{what}", said)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["case"])

    async def by(self, who: str, do: str, case: str | None = None, **said: object) -> None:
        answer = await self.api.move(who, case or self.case, do, **said)
        assert answer.status_code == 200, answer.text

    async def asked(self, side: str, who: str, text: str, **more: str) -> None:
        await self.by(self.mia, "claim")
        await self.by(self.mia, "ask", to=side, question=f"⟨m.asks.{side}⟩")
        await self.by(who, "answer", text=text, **more)

    async def decide(self, reasons: str, by: str | None = None) -> None:
        await self.by(by or self.mia, "decide", finding="violation", severity="severe", reasons=reasons)

    async def found(self, who: str) -> str:
        """All that somebody can read."""
        each = [
            f"/cases/{case}{part}"
            for case in (self.case, self.appeal)
            for part in ("", "/timeline", "/moves", "/appeal")
        ]
        answers = [await self.api.get(who, path) for path in (*each, "/cases", "/notices")]
        return "\n".join(answer.text for answer in answers)


@pytest.fixture(scope="module")
async def api(house: House, door: Door) -> AsyncIterator[Api]:
    async with served(house, door) as made:
        yield made


@pytest.fixture(scope="module")
async def life(api: Api, house: House) -> Life:
    made = Life(api, house)
    await made.live()
    return made


def markers(text: str) -> set[str]:
    return set(re.findall(r"⟨([a-z.]+)⟩", text))


async def test_each_side_reads_its_own_words_and_what_the_review_says_to_it(life: Life) -> None:
    for who in (life.jan, life.jim):
        assert markers(await life.found(who)) == REPORTERS | TO_REPORTER
    for who in (life.ann, life.bob):
        assert markers(await life.found(who)) == RESPONDENTS | TO_RESPONDENT
    assert markers(await life.found(life.sam)) == REPORTERS | RESPONDENTS | TO_REPORTER | TO_RESPONDENT | OF_STAFF


async def test_no_side_finds_the_other_s_names_nor_the_reviewers(life: Life) -> None:
    staff = {life.mia, life.sam, life.sue}
    for who in (life.ann, life.bob):
        text = await life.found(who)
        assert not {name for name in {*staff, life.jade, life.jan, life.jim, life.zoe} if f'"{name}"' in text}
        assert life.kim in text
    for who in (life.jan, life.jim):
        assert not {name for name in staff if f'"{name}"' in await life.found(who)}


async def test_the_respondent_is_told_of_what_and_when_before_it_answers(life: Life) -> None:
    told = (await life.api.get(life.bob, "/notices")).json()["notices"]
    asked = next(one["body"] for one in told if one["template"] == "case.accused")
    assert "Poaching" in asked
    assert "may not induce a creator" in asked
    assert "is said to have happened on" in asked
    assert life.kim in asked
    assert life.zoe not in asked
