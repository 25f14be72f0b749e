"""A second vote is nobody's business until the verdict is in force (ruling 16): two reports that no party tells apart."""

import re
from collections.abc import AsyncIterator
from typing import Any

import pytest
import sqlalchemy as sa
from conftest import agency, new, person
from served import Api, served

from desk.door.door import Door
from states.terms import Role
from store.schema.webhooks import deliveries, webhooks
from workers.reach import House

POACHING = {"clause": "agency.poaching", "details": "They offered our creator money."}
SEVERE = {"finding": "violation", "severity": "severe", "reasons": "the verdict's reasons"}
MOVES: tuple[tuple[str, dict[str, str]], ...] = (
    ("claim", {}), ("release", {}), ("decide", SEVERE), ("approve", {"reasons": "so"}), ("reject", {"reasons": "so"}),
    ("answer", {"text": "so"}), ("escalate", {"reasons": "so"}),
)  # fmt: skip


class Pair:
    """Two reports of one agency on another: of one the verdict is proposed, the other is only claimed."""

    def __init__(self, api: Api, house: House) -> None:
        self.api, self.house = api, house

    async def begin(self) -> None:
        (self.lotus, self.ann), (self.jade, self.jan) = await agency(self.house), await agency(self.house)
        self.mia, self.sam = [await person(self.house, role) for role in (Role.MODERATOR, Role.SENIOR_MODERATOR)]
        for owner, of in ((self.ann, self.lotus), (self.jan, self.jade)):
            self.hook(owner, of)
        self.claimed, self.proposed = await self.report(), await self.report()
        await self.api.move(self.mia, self.proposed, "decide", **SEVERE)

    def hook(self, owner: str, of: str) -> None:
        values = {"id": f"wh-{of}", "agency": of, "url": "https://a.test", "secret": "s", "created_by": owner}
        with self.house.engine.begin() as connection:
            events = ["case.moved", "verdict.decided", "notice.sent"]
            new_one = values | {"events": events, "created_at": self.house.clock.now()}
            connection.execute(sa.insert(webhooks).values(new_one))

    async def report(self) -> str:
        answer = await self.api.send(self.jan, "POST", "/reports", POACHING | {"against": self.lotus})
        case = str(answer.json()["case"])
        assert (await self.api.move(self.mia, case, "claim")).status_code == 200
        return case

    async def read(self, who: str, case: str) -> dict[str, Any]:
        """All that a party can read of a case, without its id and the times."""
        paths = {path: f"/cases/{case}{path}" for path in ("", "/timeline", "/moves", "/appeal")}
        answers = {name: await self.api.get(who, path) for name, path in paths.items()}
        told: dict[str, Any] = {
            name: (answer.headers.get("ETag"), self.plain(answer.text, case)) for name, answer in answers.items()
        }
        overview = (await self.api.get(who, f"/cases/{case}/overview")).json()
        told["overview"] = self.plain(str(overview | {"open": None}), case)  # both are open; of that list below
        for stage in ("under_review", "verdict"):
            found = (await self.api.get(who, "/cases", stage=stage)).json()["cases"]
            told[stage] = [self.plain(str(one), case) for one in found if one["id"] == case]
        for do, said in MOVES:
            told[do] = self.plain((await self.api.move(who, case, do, **said)).text, case)
        told["stale"] = self.plain((await self.stale(who, case)).text, case)
        return told

    async def stale(self, who: str, case: str) -> Any:
        headers = {"If-Match": '"99"'}
        return await self.api.send(who, "POST", f"/cases/{case}/moves", {"do": "withdraw"}, **headers)

    def plain(self, text: str, case: str) -> str:
        return re.sub(r"\d{4}-\d\d-\d\dT[\d:.]+(Z|\+00:00)", "…", text.replace(case, "…"))

    def told(self, of: str, case: str) -> list[tuple[str, Any]]:
        """What the agency's receiver was sent of the case."""
        query = sa.select(deliveries).where(deliveries.c.webhook == f"wh-{of}").order_by(deliveries.c.number)
        with self.house.engine.connect() as connection:
            rows = [row for row in connection.execute(query).mappings() if row["payload"]["case"] == case]
        return [(row["event"], self.plain(str(row["payload"]), case)) for row in rows]


@pytest.fixture(scope="module")
async def api(house: House, door: Door) -> AsyncIterator[Api]:
    async with served(house, door) as made:
        yield made


@pytest.fixture
async def pair(api: Api, house: House) -> Pair:
    made = Pair(api, house)
    await made.begin()
    return made


async def test_no_party_tells_a_proposed_verdict_from_a_claimed_case(pair: Pair) -> None:
    for who, of in ((pair.jan, pair.jade), (pair.ann, pair.lotus)):
        seen = await pair.read(who, pair.proposed)
        assert seen == await pair.read(who, pair.claimed)
        assert "awaiting_approval" not in f"{seen}"
        assert [] != pair.told(of, pair.proposed) == pair.told(of, pair.claimed)


async def test_nor_by_its_length_for_of_a_claim_nobody_reads_that_it_is_renewed(pair: Pair) -> None:
    for _ in range(2):
        assert (await pair.api.move(pair.mia, pair.claimed, "renew")).status_code == 200
    for who, of in ((pair.jan, pair.jade), (pair.ann, pair.lotus)):
        assert await pair.read(who, pair.proposed) == await pair.read(who, pair.claimed)
        assert pair.told(of, pair.proposed) == pair.told(of, pair.claimed)
    lines = (await pair.api.get(pair.mia, f"/cases/{pair.claimed}/timeline")).json()["entries"]
    assert [line["event"] for line in lines[2:]] == ["claim", "renew", "renew"]


@pytest.mark.parametrize("vote", ["reject", "none"])
async def test_nor_one_that_was_rejected_from_a_claim_that_was_given_up(pair: Pair, vote: str) -> None:
    await pair.api.move(pair.mia, pair.claimed, "release")
    await pair.api.move(pair.sam, pair.proposed, "reject", reasons="too severe")
    for case in (pair.claimed, pair.proposed):
        await pair.api.move(pair.sam, case, "claim")
        if vote == "none":
            await pair.api.move(pair.sam, case, "decide", finding="none", reasons="nothing in it")
    for who, of in ((pair.jan, pair.jade), (pair.ann, pair.lotus)):
        assert await pair.read(who, pair.proposed) == await pair.read(who, pair.claimed)
        assert pair.told(of, pair.proposed) == pair.told(of, pair.claimed)


async def test_what_is_in_force_is_one_line_of_the_time_when_it_came_into_force(pair: Pair) -> None:
    await pair.api.move(pair.sam, pair.proposed, "approve", reasons="the second's reasons")
    lines: list[dict[str, Any]] = []
    for who in (pair.jan, pair.ann):
        lines = (await pair.api.get(who, f"/cases/{pair.proposed}/timeline")).json()["entries"]
        assert [line["event"] for line in lines] == ["submit", "queue", "claim", "decide", "open_window"]
        assert [line["version"] for line in lines] == [1, 2, 3, 4, 5]
        assert (lines[3]["source"], lines[3]["target"]) == ("claimed", "decided")
        assert lines[3]["at"] == lines[4]["at"]
        assert lines[3]["facts"]["finding"] == "violation"
        assert (await pair.api.get(who, f"/cases/{pair.proposed}")).json()["version"] == 5
    assert lines[3]["texts"] == {"reasons": "the verdict's reasons"}  # as the respondent reads it


async def test_the_staff_reads_the_proposal_and_the_vote(pair: Pair) -> None:
    await pair.api.move(pair.sam, pair.proposed, "reject", reasons="too severe")
    lines = (await pair.api.get(pair.mia, f"/cases/{pair.proposed}/timeline")).json()["entries"]
    assert [line["event"] for line in lines] == ["submit", "queue", "claim", "decide", "reject"]
    assert (await pair.api.get(pair.mia, f"/cases/{pair.proposed}")).json()["version"] == 5


async def test_a_report_can_be_withdrawn_while_a_second_vote_is_awaited(pair: Pair) -> None:
    version = (await pair.api.get(pair.jan, f"/cases/{pair.proposed}")).headers["ETag"]
    sent = {"do": "withdraw"}
    answers = [
        await pair.api.send(pair.jan, "POST", f"/cases/{case}/moves", sent, **{"If-Match": version})
        for case in (pair.claimed, pair.proposed)
    ]
    plain = [pair.plain(one.text, case) for one, case in zip(answers, (pair.claimed, pair.proposed), strict=True)]
    assert [one.status_code for one in answers] == [200, 200]
    assert plain[0] == plain[1]
    assert await pair.read(pair.ann, pair.proposed) == await pair.read(pair.ann, pair.claimed)
    refused = await pair.api.move(pair.sam, pair.proposed, "approve", reasons="clear")
    assert refused.json()["code"] == "illegal_move"
    assert (await pair.api.get(pair.ann, f"/subjects/{pair.lotus}")).json()["score"] == 100


async def test_an_appeal_is_taken_while_a_second_vote_is_awaited_and_held(pair: Pair) -> None:
    assert (await pair.api.get(pair.ann, f"/cases/{pair.proposed}/appeal")).json()["appeal"] == "available"
    filed = await pair.api.send(pair.ann, "POST", "/appeals", {"of": pair.proposed, "grounds": new("not us")})
    assert (filed.status_code, filed.json()["status"]) == (201, "held")
    await pair.api.move(pair.sam, pair.proposed, "approve", reasons="clear")
    appeal = (await pair.api.get(pair.ann, f"/cases/{filed.json()['case']}")).json()
    assert appeal["status"] == "queued"
