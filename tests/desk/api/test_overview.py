"""An overview is what the reads of its parts say, to each reader, at every stage."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from conftest import agency, creator, person
from served import Api, served

from desk.door.door import Door
from states.terms import Role
from workers.reach import House

VERDICT = {"finding": "violation", "severity": "moderate", "reasons": "the verdict's reasons"}
LINES, OPEN, VERDICTS = {"limit": 10}, {"limit": 20, "open": True}, {"limit": 10}


class Story:
    """Jan of jade reports lotus about kim; ann of lotus appeals before the verdict; the appeal overturns it."""

    def __init__(self, api: Api, house: House) -> None:
        self.api, self.house = api, house
        self.people: dict[str, str] = {}
        self.report = self.appeal = ""

    async def begin(self) -> None:
        (_, jan), (self.lotus, ann) = await agency(self.house, "jade"), await agency(self.house, "lotus")
        bob = await person(self.house, Role.AGENT, self.lotus)
        self.kim = await creator(self.house, self.lotus, bob)
        staff = {"mia": Role.MODERATOR, "sam": Role.SENIOR_MODERATOR, "oli": Role.OPS, "eve": Role.AUDITOR}
        self.people = {name: await person(self.house, role) for name, role in staff.items()}
        self.people |= {"jan": jan, "ann": ann, "bob": bob, "kim": self.kim}
        said = {"clause": "agency.poaching", "against": self.lotus, "about": [self.kim], "details": "they poached"}
        self.report = await self.file("jan", "/reports", said)
        await self.file("jan", "/reports", said | {"details": "the same again"})

    async def file(self, who: str, path: str, said: dict[str, Any]) -> str:
        answer = await self.api.send(self.people[who], "POST", path, said)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["case"])

    async def does(self, who: str, case: str, do: str, **said: Any) -> None:
        answer = await self.api.move(self.people[who], case, do, **said)
        assert answer.status_code == 200, answer.text

    async def read(self, who: str, path: str, **query: Any) -> Any:
        """What a route answers; none where it is not theirs to ask."""
        headers = self.api.bearer(self.people[who]) | {"Accept-Language": "vi"}
        answer = await self.api.client.get(f"/api/v1{path}", params=query, headers=headers)
        assert answer.status_code in {200, 403, 404}, answer.text
        return answer.json() if answer.status_code == 200 else None

    async def of_case(self, who: str, case: str) -> dict[str, Any] | None:
        """What the parts say of a case, one by one."""
        seen = await self.read(who, f"/cases/{case}")
        if seen is None:
            return None
        row = await self.read("eve", f"/cases/{case}")
        of = {"region": row["region"], "version": row["rulebook"], "key": row["clause"]}
        live = [one for one in seen["appeals"] if (await self.read(who, f"/cases/{one}"))["outcome"] is None]
        beside = seen["of"] or next(iter(live), None)
        return {
            **await self.pair(who, case),
            "moves": await self.read(who, f"/cases/{case}/moves"),
            "clause": (await self.read(who, "/rulebook/clauses", **of))["clauses"][0],
            "beside": await self.pair(who, beside) if beside else None,
            **await self.account(who, row["subject"]),
            "open": await self.read(who, "/cases", against=row["subject"], **OPEN),
        }

    async def of_subject(self, who: str, subject: str) -> dict[str, Any] | None:
        """What the parts say of a subject, one by one."""
        found = {
            "id": subject,
            **await self.account(who, subject),
            "verdicts": await self.read(who, f"/subjects/{subject}/verdicts", **VERDICTS),
            "quota": await self.read(who, f"/subjects/{subject}/quota"),
        }
        if found["subject"] is None and found["verdicts"] is None:
            return None
        return found | {"open": await self.read(who, "/cases", against=subject, **OPEN)}

    async def pair(self, who: str, case: str) -> dict[str, Any]:
        path = f"/cases/{case}"
        return {"case": await self.read(who, path), "timeline": await self.read(who, f"{path}/timeline")}

    async def account(self, who: str, subject: str) -> dict[str, Any]:
        path = f"/subjects/{subject}"
        return {"subject": await self.read(who, path), "ledger": await self.read(who, f"{path}/ledger", **LINES)}

    async def told_alike(self, *readers: str) -> None:
        """Hold each overview against its parts."""
        for who in readers:
            for case in filter(None, (self.report, self.appeal)):
                assert await self.read(who, f"/cases/{case}/overview") == await self.of_case(who, case), (who, case)
            for subject in (self.lotus, self.kim) if self.appeal else ():
                overview = await self.read(who, f"/subjects/{subject}/overview")
                assert overview == await self.of_subject(who, subject), (who, subject)


@pytest.fixture(scope="module")
async def story(house: House, door: Door) -> AsyncIterator[Story]:
    async with served(house, door) as api:
        made = Story(api, house)
        await made.begin()
        yield made


async def test_an_overview_says_what_its_parts_say_at_every_stage(story: Story) -> None:
    await story.told_alike("mia", "ann", "jan")
    await story.does("mia", story.report, "claim")
    story.appeal = await story.file("ann", "/appeals", {"of": story.report, "grounds": "not so"})
    await story.told_alike("mia", "ann", "jan")
    await story.does("mia", story.report, "decide", **VERDICT)
    await story.told_alike("sam", "eve", "ann", "jan")
    await story.does("sam", story.appeal, "claim")
    await story.does("sam", story.appeal, "decide", outcome="overturned", reasons="it was another")
    await story.told_alike(*story.people)


async def test_a_reviewer_has_all_in_hand_and_a_party_what_is_theirs(story: Story) -> None:
    reviewer = await story.read("sam", f"/cases/{story.report}/overview")
    assert reviewer["clause"]["title"] == "Lôi kéo trái phép"
    assert [one["id"] for one in reviewer["case"]["likely_duplicates"]]
    assert [one["id"] for one in reviewer["open"]["cases"]] == [reviewer["case"]["likely_duplicates"][0]["id"]]
    assert (reviewer["subject"]["score"], reviewer["subject"]["next_in"]) == (100, 20)
    assert [line["balance"] for line in reviewer["ledger"]["lines"]] == [100, 95]
    reporter = await story.read("jan", f"/cases/{story.report}/overview")
    assert (reporter["subject"], reporter["ledger"], reporter["beside"]) == (None, None, None)
    agent = await story.read("bob", f"/subjects/{story.lotus}/overview")
    assert agent["subject"] is None
    assert agent["quota"]["left"] == agent["quota"]["limit"]
