"""What reviewers write, what is set aside or filed again, and the same act twice, as each reads it (rulings 15 to 25)."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
from conftest import agency, creator, feeding, new, person
from hostile import AUDIENCE, ISSUER, JWKS, claims, signed
from served import ORIGIN, V1, Api, served

from desk.api.app import create_app
from desk.door.door import Door
from desk.evidence.keep import Intake
from desk.identity.identities import Identities
from desk.identity.jwks import StaticKeys
from desk.identity.limits import Limits
from desk.identity.oidc import Issuer
from desk.service import Service
from states.terms import Role
from store import feed, party
from store.row_security import reading
from store.schema.journal import journal
from workers.reach import House

SEVERE = {"finding": "violation", "severity": "severe", "reasons": "the recording shows it"}
MILD = SEVERE | {"severity": "mild"}


@pytest.fixture(scope="module")
async def api(house: House, door: Door) -> AsyncIterator[Api]:
    async with served(house, door) as made:
        yield made


class Town:
    """jan of jade reports lotus, which is ann's; mia and max are moderators, sam, sue and sol senior ones."""

    def __init__(self, api: Api, house: House) -> None:
        self.api, self.house = api, house

    async def settle(self) -> None:
        (self.lotus, self.ann), (self.jade, self.jan) = await agency(self.house), await agency(self.house)
        self.mia, self.max = [await person(self.house, Role.MODERATOR) for _ in range(2)]
        self.sam, self.sue, self.sol = [await person(self.house, Role.SENIOR_MODERATOR) for _ in range(3)]
        self.ola, self.aud = await person(self.house, Role.OPS), await person(self.house, Role.AUDITOR)

    async def report(self, by: str | None = None, **said: Any) -> str:
        body = {"clause": "agency.poaching", "against": self.lotus, "details": "ours were called"} | said
        answer = await self.api.send(by or self.jan, "POST", "/reports", body)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["case"])

    async def done(self, by: str, case: str, do: str, **said: Any) -> None:
        answer = await self.api.move(by, case, do, **said)
        assert answer.status_code == 200, answer.text

    async def show(self, by: str, case: str) -> dict[str, Any]:
        answer = await self.api.get(by, f"/cases/{case}")
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def lines(self, by: str, case: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = (await self.api.get(by, f"/cases/{case}/timeline")).json()["entries"]
        return found

    async def letters(self, by: str) -> list[str]:
        return [one["template"] for one in (await self.api.get(by, "/notices")).json()["notices"]]


@pytest.fixture
async def town(api: Api, house: House) -> Town:
    made = Town(api, house)
    await made.settle()
    return made


async def test_a_note_is_read_by_reviewers_ops_and_auditors_and_moves_nothing(town: Town) -> None:
    case = await town.report()
    before = {name: await town.show(name, case) for name in (town.jan, town.ann)}
    await town.done(town.max, case, "note", text="two more of that evening")
    for name in (town.mia, town.ola, town.aud):
        *_, last = await town.lines(name, case)
        assert (last["event"], last["texts"]) == ("note", {"text": "two more of that evening"})
        assert last["source"] == last["target"] == "queued"
    for name in (town.jan, town.ann):
        assert await town.show(name, case) == before[name]  # not even the version tells
        assert [line["event"] for line in await town.lines(name, case)] == ["submit", "queue"]
        seen = (await town.api.get(name, "/cases")).json()["cases"]
        assert [row["version"] for row in seen if row["id"] == case] == [before[name]["version"]]
    tagged = {"If-Match": f'"{before[town.jan]["version"]}"'}
    answer = await town.api.send(town.jan, "POST", f"/cases/{case}/moves", {"do": "withdraw"}, **tagged)
    assert answer.status_code == 200, answer.text


async def test_the_database_keeps_notes_from_parties_too(town: Town) -> None:
    case = await town.report()
    await town.done(town.max, case, "note", text="two more of that evening")
    with town.house.engine.connect() as connection:
        actors = {name: party.actor(connection, name) for name in (town.jan, town.ann, town.max)}
    for name, count in ((town.jan, 0), (town.ann, 0), (town.max, 1)):
        actor = actors[name]
        assert actor is not None
        with reading(town.house.engine, actor) as connection:
            notes = connection.execute(sa.select(journal).where(journal.c.case == case, journal.c.event == "note"))
            assert len(notes.all()) == count


async def test_no_receiver_hears_of_what_stays_where_it_is(town: Town) -> None:
    hook = {"url": "https://receiver.example/", "events": ["case.moved"]}
    made = (await town.api.send(town.jan, "POST", "/webhooks", hook)).json()["id"]
    case = await town.report()
    await town.done(town.max, case, "note", text="two more of that evening")
    await town.done(town.mia, case, "claim")
    await town.done(town.mia, case, "renew")
    await town.done(town.mia, case, "summarise", text="you are said to have called creators")
    sent = (await town.api.get(town.jan, f"/webhooks/{made}/deliveries")).json()["deliveries"]
    assert [one["payload"]["status"] for one in sent] == ["claimed", "queued"]


async def test_the_last_summary_is_the_respondent_s_and_no_reporter_s(town: Town) -> None:
    case = await town.report()
    await town.done(town.mia, case, "claim")
    for text in ("called creators", "called two creators"):
        await town.done(town.mia, case, "summarise", text=text)
    assert {(await town.show(name, case))["summary"] for name in (town.ann, town.mia)} == {"called two creators"}
    assert "summary" not in await town.show(town.jan, case)
    said = {name: [line["texts"] for line in await town.lines(name, case) if line["event"] == "summarise"]
            for name in (town.ann, town.jan, town.mia)}  # fmt: skip
    first, last = {"text": "called creators"}, {"text": "called two creators"}
    assert said == {town.ann: [{}, last], town.jan: [{}, {}], town.mia: [first, last]}


async def test_a_renewed_claim_has_its_whole_lease(town: Town) -> None:
    case = await town.report()
    await town.done(town.mia, case, "claim")
    before = datetime.fromisoformat((await town.show(town.mia, case))["lease_until"])
    await town.done(town.mia, case, "renew")
    after = datetime.fromisoformat((await town.show(town.mia, case))["lease_until"])
    assert before < after
    assert timedelta(minutes=29) < after - town.house.clock.now() <= timedelta(minutes=30)


async def test_both_sides_are_told_why_a_verdict_was_set_aside(town: Town) -> None:
    case = await town.report()
    await town.done(town.mia, case, "claim")
    await town.done(town.mia, case, "decide", **MILD)
    await town.done(town.sue, case, "set_aside", reasons="of another agency")
    assert sorted((await town.letters(town.ann))[:2]) == ["penalty.lifted", "verdict.set_aside"]
    assert (await town.letters(town.jan))[0] == "report.set_aside"
    for name in (town.ann, town.jan):
        line = next(one for one in await town.lines(name, case) if one["event"] == "set_aside")
        assert (line["actor"], line["texts"]) == ("a reviewer", {"reasons": "of another agency"})
    ledger = (await town.api.get(town.ann, f"/subjects/{town.lotus}/ledger")).json()["lines"]
    assert (ledger[0]["why"], ledger[0]["balance"]) == ("The verdict was set aside.", 100)


async def test_a_report_and_the_one_that_files_it_again_show_each_other_to_whoever_sees_both(town: Town) -> None:
    first = await town.report()
    await town.done(town.mia, first, "claim")
    await town.done(town.mia, first, "decide", finding="none", reasons="nothing to hear")
    newer = await town.report(town.sam, again=first)
    for name in (town.ann, town.mia, town.ola):
        found = await town.show(name, first), await town.show(name, newer)
        assert [(one["again"], one["filed_again"]) for one in found] == [(None, newer), (first, None)]
    assert (await town.show(town.ann, newer))["filed_by"] == "the platform"
    assert (await town.show(town.jan, first))["filed_again"] is None
    assert (await town.api.get(town.jan, f"/cases/{newer}")).status_code == 404


async def test_a_report_that_is_filed_again_is_about_the_time_of_the_first(town: Town) -> None:
    first = await town.report(town.jan, occurred="2026-03-01T10:00:00+00:00")
    await town.api.move(town.mia, first, "claim")
    await town.api.move(town.mia, first, "decide", finding="none", reasons="nothing to hear")
    newer = await town.report(town.sam, again=first)
    assert datetime.fromisoformat((await town.show(town.sue, newer))["occurred_at"]) == datetime(
        2026, 3, 1, 10, tzinfo=UTC
    )


async def test_of_those_who_file_one_case_again_at_once_one_does(town: Town) -> None:
    first = await town.report()
    await town.done(town.jan, first, "withdraw")
    body = {"clause": "agency.poaching", "against": town.lotus, "details": "it should be judged", "again": first}
    seniors = (town.sam, town.sue, town.sol)
    answers = await asyncio.gather(*(town.api.send(by, "POST", "/reports", body) for by in seniors))
    assert sorted(one.status_code for one in answers) == [201, 422, 422]
    assert {one.json()["field"] for one in answers if one.status_code == 422} == {"again"}


async def test_reviewers_are_shown_what_may_be_about_the_same_act(town: Town) -> None:
    kim = await creator(town.house, town.jade)
    now = town.house.clock.now()
    at = {hours: (now - timedelta(hours=hours)).isoformat() for hours in (0, 1, 40, 47, 60, 90, 95)}
    case = await town.report(occurred=at[40], about=[kim])
    alike = [await town.report(occurred=at[hours]) for hours in (47, 1)]  # the nearest first
    other = await town.report(occurred=at[60], clause="agency.multi_account", about=[kim])
    await town.report(occurred=at[60], clause="agency.multi_account")
    await town.report(occurred=at[90])
    gone = await town.report(occurred=at[40])
    await town.done(town.jan, gone, "withdraw")
    found = (await town.show(town.mia, case))["likely_duplicates"]
    assert [one["id"] for one in found] == [alike[0], other, alike[1]]
    assert {name: found[0][name] for name in ("status", "outcome", "clause", "about")} == {
        "status": "queued",
        "outcome": None,
        "clause": "agency.poaching",
        "about": [],
    }
    assert (await town.show(town.aud, case))["likely_duplicates"] == found
    for name in (town.ann, town.jan, town.ola):
        assert "likely_duplicates" not in await town.show(name, case)


async def test_what_may_be_alike_is_at_most_ten(town: Town) -> None:
    cases = [await town.report() for _ in range(12)]
    assert len((await town.show(town.mia, cases[0]))["likely_duplicates"]) == 10


async def test_a_report_is_either_withdrawn_or_joined_never_both(town: Town) -> None:
    for _ in range(6):
        first, second = await town.report(), await town.report()
        await town.done(town.mia, second, "claim")
        joined = {"finding": "duplicate", "of": first, "reasons": "the same call"}
        answers = await asyncio.gather(
            town.api.move(town.mia, second, "decide", **joined), town.api.move(town.jan, first, "withdraw")
        )
        codes = [one.json().get("code") for one in answers]
        assert codes in (["invalid", None], [None, "illegal_move"]), codes
        if codes[0]:
            await town.done(town.mia, second, "release")
            await town.done(town.jan, second, "withdraw")


async def test_the_same_act_under_the_same_reference_is_one_case(town: Town) -> None:
    kim = await creator(town.house, town.lotus)
    said = {
        "clause": "content.gambling",
        "against": kim,
        "severity": "mild",
        "details": "bets",
        "reference": new("act"),
    }
    several = [town.api.send("platform", "POST", "/violations", said) for _ in range(5)]
    answers = [await town.api.send("platform", "POST", "/violations", said), *await asyncio.gather(*several)]
    assert {one.status_code for one in answers} == {201}
    (case,) = {one.json()["case"] for one in answers}
    assert (await town.show(town.mia, case))["reference"] == said["reference"]
    assert "reference" not in await town.show(town.ann, case)
    for changed in ({"details": "other bets"}, {"severity": "severe"}):
        other = await town.api.send("platform", "POST", "/violations", said | changed)
        assert (other.status_code, other.json()["code"], other.json()["field"]) == (422, "key_reused", "reference")
    lines = [said, said | {"details": "other bets"}, said | {"reference": new("act")}]
    told = (await town.api.send("platform", "POST", "/violations/batch", {"violations": lines})).json()
    assert [one.get("code") for one in told["lines"]] == [None, "key_reused", None]
    assert told["lines"][0]["case"] == case != told["lines"][2]["case"]


async def test_at_once_under_several_keys_it_is_one_case_too(town: Town) -> None:
    kim = await creator(town.house, town.lotus)
    said = {
        "clause": "content.gambling",
        "against": kim,
        "severity": "mild",
        "details": "bets",
        "reference": new("act"),
    }
    answers = await asyncio.gather(*(town.api.send("platform", "POST", "/violations", said) for _ in range(6)))
    assert [one.status_code for one in answers] == [201] * 6, [one.text for one in answers]
    assert len({one.json()["case"] for one in answers}) == 1


async def test_a_reference_is_one_for_good_whoever_of_the_platform_gives_it(town: Town) -> None:
    kim = await creator(town.house, town.lotus)
    with feeding(town.house) as connection:
        feed.person(connection, other := new("platform"), Role.PLATFORM)
    said = {"clause": "content.gambling", "against": kim, "severity": "mild", "details": "x", "reference": new("act")}
    first = await town.api.send("platform", "POST", "/violations", said)
    second = await town.api.send(other, "POST", "/violations", said)
    assert (first.status_code, second.status_code) == (201, 422)
    assert (second.json()["code"], second.json()["field"]) == ("key_reused", "reference")
    assert first.json()["case"] not in second.text


async def test_a_reference_is_the_platform_s(town: Town) -> None:
    said = {"clause": "agency.poaching", "against": town.lotus, "details": "calls", "reference": new("act")}
    refused = await town.api.send(town.jan, "POST", "/reports", said)
    assert (refused.status_code, refused.json()["field"]) == (422, "reference")


async def test_an_act_of_long_ago_is_not_taken(town: Town) -> None:
    said = {"clause": "agency.poaching", "against": town.lotus, "details": "calls"}
    for days, field in ((366 * 2 + 1, "occurred"), (365 * 2 - 1, None)):
        long_ago = {"occurred": (town.house.clock.now() - timedelta(days=days)).isoformat()}
        answer = await town.api.send(town.jan, "POST", "/reports", said | long_ago)
        assert answer.json().get("field") in {field, "occurred"}, answer.text
        if field:
            assert answer.status_code == 422


async def test_grave_moves_want_a_fresh_second_factor_and_the_table_says_which(town: Town, door: Door) -> None:
    provider = Issuer(ISSUER, AUDIENCE, "RS256", StaticKeys(JWKS), frozenset(Role), frozenset({"mfa"}))
    identities = Identities(town.house.engine, issuers=[provider])
    app = create_app(Service(door, identities, Limits(1_000_000), Intake.of(town.house)))

    async def move(by: str, case: str, do: str, minutes: int, **said: Any) -> Any:
        at = int(datetime.now(UTC).timestamp()) - 60 * minutes
        proof = signed(claims(sub=by, auth_time=at, amr=["mfa"]))
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=ORIGIN) as client:
            headers = {"Authorization": f"Bearer {proof}", "Idempotency-Key": new("key")}
            answer = await client.post(f"{V1}/cases/{case}/moves", json={"do": do, **said}, headers=headers)
            return answer.json().get("code")

    stale = "step_up_required"
    case = await town.report()
    assert await move(town.mia, case, "claim", 11) is None
    assert await move(town.mia, case, "decide", 11, **SEVERE) == stale
    assert await move(town.mia, case, "decide", 1, **SEVERE) is None
    for verdict in ("reject", "approve"):
        assert await move(town.sam, case, verdict, 11, reasons="agreed") == stale
    assert await move(town.sam, case, "reject", 1, reasons="not on it") is None
    assert await move(town.max, case, "claim", 11) is None
    assert await move(town.max, case, "decide", 11, **MILD) is None
    assert await move(town.sue, case, "set_aside", 11, reasons="of another agency") == stale
    assert await move(town.sue, case, "set_aside", 1, reasons="of another agency") is None
