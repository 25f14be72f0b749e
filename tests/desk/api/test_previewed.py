"""A reviewer reads over HTTP what a decision would do, before it is made; and it is made only as it was read."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from conftest import agency, creator, new, person
from httpx import Response
from served import Api, served

from activities.move.carry_out import carry_out
from activities.move.effects import EFFECTS
from activities.move.scene import Scene
from desk.door.door import Door
from states.terms import Role
from store import text
from workers.reach import House

POACHING = {"clause": "agency.poaching", "details": "They offered our creator money."}
MILD = {"do": "decide", "finding": "violation", "severity": "mild", "reasons": "The clip shows it."}
MINUS = "\N{MINUS SIGN}"


class Bench:
    """Two agencies, and the staff who decide what one reports of the other."""

    def __init__(self, api: Api, house: House) -> None:
        self.api, self.house = api, house

    async def begin(self) -> None:
        (self.lotus, self.ann), (self.jade, self.jan) = await agency(self.house), await agency(self.house)
        self.mia, self.sam, self.sue = [
            await person(self.house, role) for role in (Role.MODERATOR, Role.SENIOR_MODERATOR, Role.SENIOR_MODERATOR)
        ]

    async def claimed(self) -> str:
        answer = await self.api.send(self.jan, "POST", "/reports", POACHING | {"against": self.lotus})
        case = str(answer.json()["case"])
        assert (await self.api.move(self.mia, case, "claim")).status_code == 200
        return case

    async def preview(self, who: str, case: str, said: dict[str, Any], **headers: str) -> Response:
        return await self.api.send(who, "POST", f"/cases/{case}/preview", said, **headers)

    async def decide(self, case: str, **said: Any) -> Response:
        return await self.api.send(self.mia, "POST", f"/cases/{case}/moves", MILD | said)


@pytest.fixture(scope="module")
async def bench(house: House, door: Door) -> AsyncIterator[Bench]:
    async with served(house, door) as api:
        made = Bench(api, house)
        await made.begin()
        yield made


async def test_a_third_violation_is_read_before_it_is_found_and_then_is_what_was_read(bench: Bench) -> None:
    for _ in range(2):
        assert (await bench.decide(await bench.claimed())).status_code == 200
    case = await bench.claimed()
    told = (await bench.preview(bench.mia, case, MILD)).json()
    now, score = told["now"], told["now"]["scores"][0]
    assert (told["case"], told["if_seconded"], score["before"], score["after"]) == (case, None, 90, 80)
    assert [line["why"] for line in score["lines"]] == [f"Violation 3 of 2026: {MINUS}10"] or score["period"] != "2026"
    assert [(one["change"], one["key"]) for one in now["penalties"]] == [
        ("begins", "base.warning"),
        ("begins", "agency_compliance.watch"),
    ]
    assert {(one["recipient"], one["subject"]) for one in now["notices"]} == {
        (bench.lotus, "A violation was found"),
        (bench.jade, "Your report was decided"),
    }
    assert now["moves"] == [
        {"case": case, "kind": "report", "from": "claimed", "through": ["decided", "open"], "outcome": None}
    ]
    assert (await bench.decide(case, basis=told["basis"])).status_code == 200
    ledger = (await bench.api.get(bench.mia, f"/subjects/{bench.lotus}/ledger")).json()
    assert ledger["lines"][0]["balance"] == 80
    window = (await bench.api.get(bench.mia, f"/cases/{case}")).json()["window_ends_at"]
    assert window[:16] == now["window_ends_at"][:16]


async def test_where_something_else_would_be_done_the_move_is_refused_with_what_it_is_now(bench: Bench) -> None:
    await bench.begin()
    case, other = await bench.claimed(), await bench.claimed()
    assert (await bench.decide(await bench.claimed())).status_code == 200
    seen = (await bench.preview(bench.mia, case, MILD)).json()
    assert (await bench.decide(other)).status_code == 200
    key = new("key")
    moves = f"/cases/{case}/moves"
    refused = await bench.api.send(bench.mia, "POST", moves, MILD | {"basis": seen["basis"]}, key=key)
    told = refused.json()
    assert (refused.status_code, told["code"], told["field"]) == (412, "stale", "basis")
    score = told["preview"]["now"]["scores"][0]
    assert (score["before"], score["after"], told["preview"]["basis"]) == (90, 80, told["basis"])
    again = await bench.preview(bench.mia, case, MILD | {"basis": seen["basis"]})
    assert (again.status_code, again.json()["preview"]["now"]["scores"]) == (412, told["preview"]["now"]["scores"])
    # Under the same key, as nothing was done.
    done = await bench.api.send(bench.mia, "POST", moves, MILD | {"basis": told["basis"]}, key=key)
    assert done.status_code == 200
    assert (await bench.api.send(bench.mia, "POST", moves, MILD, key=key)).json() == done.json()


async def test_of_a_severe_verdict_both_are_read_and_the_second_voter_reads_the_same(bench: Bench) -> None:
    await bench.begin()
    case = await bench.claimed()
    severe = MILD | {"severity": "severe"}
    await bench.api.send(bench.ann, "POST", "/appeals", {"of": case, "grounds": "Not so."})
    first = (await bench.preview(bench.mia, case, severe)).json()
    assert first["now"]["scores"] == first["now"]["notices"] == []
    assert first["now"]["moves"][0]["through"] == ["awaiting_approval"]
    assert first["if_seconded"]["held_appeal"]["then"] == "starts"
    assert (await bench.decide(case, severity="severe", basis=first["basis"])).status_code == 200
    vote = {"do": "approve", "reasons": "Seen it too."}
    second = (await bench.preview(bench.sam, case, vote)).json()
    assert second["if_seconded"] is None
    for part in ("scores", "held_appeal"):
        assert second["now"][part] == first["if_seconded"][part]
    refused = await bench.preview(bench.mia, case, vote)
    made = await bench.api.send(bench.mia, "POST", f"/cases/{case}/moves", vote)
    assert refused.json() == made.json()
    dropped = (await bench.preview(bench.sam, case, vote | {"do": "reject"})).json()
    assert dropped["now"]["moves"][0]["through"] == ["queued"]


async def test_what_an_appeal_gives_back_and_makes_of_the_others_is_read_before_it_is_decided(bench: Bench) -> None:
    await bench.begin()
    cases = [await bench.claimed() for _ in range(3)]
    for one in cases:
        assert (await bench.decide(one)).status_code == 200
    appeal = (await bench.api.send(bench.ann, "POST", "/appeals", {"of": cases[0], "grounds": "Not so."})).json()
    await bench.api.move(bench.sam, appeal["case"], "claim")
    said = {"do": "decide", "outcome": "overturned", "reasons": "It is of another year."}
    now = (await bench.preview(bench.sam, appeal["case"], said, **{"Accept-Language": "zh"})).json()["now"]
    score = now["scores"][0]
    assert (score["before"], score["after"]) == (80, 90)
    lines = {line["case"]: (line["before"], line["price"], line["rank"]) for line in score["lines"]}
    assert lines == {cases[0]: (5, 0, None), cases[2]: (10, 5, 2)}
    assert all(cases[2] in line["why"] for line in score["lines"] if line["case"] == cases[2])
    assert "违规" in score["lines"][-1]["why"]
    assert [(one["change"], one["key"]) for one in now["penalties"]] == [
        ("ends", "base.warning"),
        ("ends", "agency_compliance.watch"),
    ]
    aside = (await bench.preview(bench.sue, cases[1], {"do": "set_aside", "reasons": "Wrong channel."})).json()["now"]
    assert aside["scores"][0]["after"] == 90
    assert aside["moves"][0]["through"] == ["queued"]


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"severity": None}, "severity"),
        ({"finding": "none"}, "severity"),
        ({"clause": "content.vulgar"}, "clause"),
        ({"reasons": ""}, "reasons"),
        ({"basis": "none"}, "basis"),
        ({"of": "report-none"}, "of"),
    ],
    ids=str,
)
async def test_what_the_move_refuses_its_preview_refuses_alike(bench: Bench, said: dict[str, Any], field: str) -> None:
    case = await bench.claimed()
    body = {name: value for name, value in (MILD | said).items() if value is not None}
    preview = await bench.preview(bench.mia, case, body)
    move = await bench.api.send(bench.mia, "POST", f"/cases/{case}/moves", body)
    assert preview.json() == move.json()
    assert (preview.status_code, preview.json()["field"]) == (422, field)
    await bench.api.move(bench.mia, case, "release")


async def test_while_somebody_decides_on_the_same_agency_it_is_said_who(bench: Bench, house: House, door: Door) -> None:
    await bench.begin()
    case, other = await bench.claimed(), await bench.claimed()
    words = {name: value for name, value in MILD.items() if name != "do"}
    sending = door.sending(bench.mia, "decide", words, new("key"), other)
    with house.engine.begin() as deciding:
        scene = Scene(deciding, house.clock.now(), door.rulebooks, EFFECTS)
        text.write(deciding, sending.texts)
        carry_out(scene, sending.command, scene.open(other), sending.said)
        refused = await bench.preview(bench.mia, case, MILD)
        deciding.rollback()
    assert (refused.status_code, refused.json()["code"]) == (503, "unavailable")
    assert refused.json()["detail"] == f"Somebody is deciding on {bench.lotus} just now: ask again."
    assert (await bench.preview(bench.mia, case, MILD)).status_code == 200


async def test_nobody_reads_a_preview_who_could_not_make_the_move(bench: Bench) -> None:
    case = await bench.claimed()
    for who in (bench.sam, await person(bench.house, Role.MODERATOR, region="DE")):
        preview, move = (
            await bench.preview(who, case, MILD),
            await bench.api.send(who, "POST", f"/cases/{case}/moves", MILD),
        )
        assert preview.json() == move.json()
        assert preview.status_code in {403, 404, 409}
    for party in (bench.ann, bench.jan, await person(bench.house, Role.AUDITOR)):
        assert (await bench.preview(party, case, MILD)).json()["code"] == "forbidden"
    assert (await bench.preview(bench.mia, case, MILD, **{"If-Match": '"1"'})).status_code == 412
    assert (await bench.preview(bench.mia, case, {"do": "claim"})).status_code == 422


async def test_the_score_of_who_is_judged_elsewhere_is_not_read(bench: Bench) -> None:
    """Who reviews a creator's region reads nothing of an agency that is judged in another (`states/sight.py`)."""
    afar, _ = await agency(bench.house, region="DE")
    kim = await creator(bench.house, of=afar)
    said = {"clause": "content.vulgar", "against": kim, "severity": "mild", "details": "Seen."}
    answer = await bench.api.send("platform", "POST", "/violations", said)
    case = answer.json()["case"]
    await bench.api.move(bench.mia, case, "claim")
    told = (await bench.preview(bench.mia, case, MILD)).json()
    assert {score["subject"] for score in told["now"]["scores"]} == {kim}
    assert {one["subject"] for one in told["now"]["penalties"]} <= {kim}


async def test_twenty_previews_at_once_are_all_answered_and_alike(bench: Bench) -> None:
    await bench.begin()
    mine = [await bench.claimed() for _ in range(20)]
    same = await asyncio.gather(*(bench.preview(bench.mia, mine[0], MILD) for _ in mine))
    others = await asyncio.gather(*(bench.preview(bench.mia, case, MILD) for case in mine))
    assert {answer.status_code for answer in (*same, *others)} == {200}
    assert len({answer.json()["basis"] for answer in same}) == 1
