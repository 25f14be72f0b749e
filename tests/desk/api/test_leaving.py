"""People leave and change sides: what they could do and see is gone at once, what they did stays (ruling 23)."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
from conftest import agency, creator, feeding, new, person, send
from served import Api, served
from sqlalchemy import Connection

from desk.door.door import Door
from desk.identity.accounts import hashed
from desk.identity.caller import Scope
from desk.identity.keys import Keys
from desk.identity.sessions import COOKIE, Sessions
from ops.verify import verify
from states.terms import Code, RefusedError, Role
from store import case as cases
from store import feed, identity, party
from store.audit import picture
from store.schema.parties import people
from workers.reach import House

ADVERT = {"clause": "agency.poaching", "details": "seen on stream"}
CONTENT = {"clause": "content.gambling", "details": "seen on stream", "severity": "mild"}


@pytest.fixture(scope="module")
async def api(house: House, door: Door) -> AsyncIterator[Api]:
    async with served(house, door) as made:
        yield made


@dataclass
class Proofs:
    """A session and a key of somebody, beside the tokens that their provider gives them."""

    cookie: str
    key: str

    async def asked(self, api: Api) -> list[int]:
        session = {"Cookie": f"{COOKIE}={self.cookie}"}
        key = {"Authorization": f"Bearer {self.key}"}
        return [(await api.client.get("/api/v1/cases", headers=each)).status_code for each in (session, key)]


def proofs(house: House, name: str) -> Proofs:
    with house.engine.begin() as connection:
        actor = party.actor(connection, name)
        assert actor is not None
        key = Keys(house.clock.now).make(connection, actor, "robot", [Scope.READ], 9, name)
        token, _ = Sessions(house.clock.now).begin(connection, name, house.clock.now())
        identity.enter_account(connection, name, hashed("a password of theirs"))
    return Proofs(token, key.text)


async def ended(api: Api, name: str) -> httpx.Response:
    return await api.send("platform", "DELETE", f"/people/{name}")


async def fed(api: Api, name: str, role: Role, **said: Any) -> httpx.Response:
    return await api.send("platform", "PUT", f"/people/{name}", {"role": role, **said})


async def judged(door: Door, by: str, case: str) -> None:
    await send(door, by, "claim", case=case)
    await send(door, by, "decide", case=case, finding="violation", severity="mild", reasons="seen")


async def test_who_has_left_sees_nothing_and_does_nothing(house: House, door: Door, api: Api) -> None:
    (lotus, ann), (jade, _) = await agency(house, "lotus"), await agency(house, "jade")
    bob = await person(house, Role.AGENT, lotus)
    report = (await send(door, bob, "report", against=jade, **ADVERT))["case"]
    held = proofs(house, bob)
    assert await held.asked(api) == [200, 200]
    answer = await ended(api, bob)
    assert (answer.status_code, answer.json()) == (200, {"fed": f"people/{bob}"})
    assert await held.asked(api) == [401, 401]
    assert (await api.get(bob, "/cases")).status_code == 401  # with a token that their provider still gives
    with pytest.raises(RefusedError) as refused:
        await send(door, bob, "withdraw", case=report)
    assert (refused.value.code, refused.value.field) == (Code.NOT_FOUND, "by")
    shown = (await api.get(ann, f"/cases/{report}")).json()
    assert shown["filed_by"] == bob  # what they filed goes on under their name
    assert (await api.move(ann, report, "withdraw")).status_code == 200
    assert (await ended(api, bob)).status_code == 200
    assert (await ended(api, new("nobody"))).json()["field"] == "person"


async def test_the_account_of_who_has_left_is_gone(house: House, api: Api) -> None:
    lotus, _ = await agency(house, "lotus")
    bob = await person(house, Role.AGENT, lotus)
    proofs(house, bob)
    await ended(api, bob)
    with house.engine.connect() as connection:
        assert identity.account(connection, bob) is None
    assert (await fed(api, bob, Role.AGENT, agency=lotus)).status_code == 200  # comes back, as somebody new
    assert (await api.get(bob, "/cases")).json()["cases"] == []
    with house.engine.connect() as connection:
        assert [row["revoked_at"] is None for row in identity.keys_of(connection, bob)] == [False]


@pytest.mark.parametrize("escalated", [False, True])
async def test_what_somebody_who_leaves_had_claimed_is_put_back(
    house: House, door: Door, api: Api, escalated: bool
) -> None:  # fmt: skip
    _, jan = await agency(house, "jade")
    lotus, _ = await agency(house, "lotus")
    sam, eva = await person(house, Role.SENIOR_MODERATOR), await person(house, Role.SENIOR_MODERATOR)
    case = (await send(door, jan, "report", against=lotus, **ADVERT))["case"]
    await send(door, sam, "claim", case=case)
    if escalated:
        await send(door, sam, "escalate", case=case, reasons="hard")
        await send(door, sam, "claim", case=case)
    await ended(api, sam)
    with house.engine.connect() as connection:
        row = cases.read(connection, case)
    assert row is not None
    assert (row.status, row.claimed_by, row.lease_until) == ("escalated" if escalated else "queued", None, None)
    assert row.deadline_at == (row.escalated_due_at if escalated else row.review_due_at)
    told = (await api.get(eva, f"/cases/{case}/timeline")).json()["entries"]
    assert (told[-1]["event"], told[-1]["actor"]) == ("claimer_left", "the engine")
    await judged(door, eva, case)
    with picture(house.engine) as connection:
        found = [str(one) async for one in verify(connection, house.clock.now())]
    assert [one for one in found if case in one or sam in one] == []


@pytest.mark.parametrize(
    ("becomes", "regions", "status"),
    [(Role.OPS, ["VN"], "queued"), (Role.MODERATOR, ["DE"], "queued"), (Role.MODERATOR, ["VN", "DE"], "claimed")],
)
async def test_who_may_not_review_a_case_any_more_does_not_hold_it(
    house: House, door: Door, api: Api, becomes: Role, regions: list[str], status: str
) -> None:
    _, jan = await agency(house, "jade")
    lotus, _ = await agency(house, "lotus")
    mia = await person(house, Role.MODERATOR)
    case = (await send(door, jan, "report", against=lotus, **ADVERT))["case"]
    await send(door, mia, "claim", case=case)
    assert (await fed(api, mia, becomes, regions=regions)).status_code == 200
    with house.engine.connect() as connection:
        row = cases.read(connection, case)
    assert row is not None
    assert row.status == status


async def test_a_claim_that_is_under_way_when_its_claimer_leaves_is_not_kept(house: House) -> None:
    """Whoever claims is held in their seat: the end waits for the claim, or the claim finds nobody."""
    mia = await person(house, Role.MODERATOR)
    with house.engine.begin() as claiming, house.engine.begin() as leaving:
        assert party.actor(claiming, mia, hold=True) is not None
        leaving.execute(sa.text("SET LOCAL lock_timeout = '200ms'"))
        with pytest.raises(sa.exc.OperationalError, match="lock timeout"):
            party.person(leaving, mia, lock=True)
    with house.engine.begin() as connection:
        feed.ended(connection, mia, house.clock.now())
        assert party.actor(connection, mia, hold=True) is None


async def test_who_goes_to_another_agency_sees_nothing_of_the_first(house: House, door: Door, api: Api) -> None:
    (lotus, ann), (jade, _) = await agency(house, "lotus"), await agency(house, "jade")
    other, _ = await agency(house, "iris")
    bob = await person(house, Role.AGENT, lotus)
    kim = await creator(house, lotus, bob)
    filed = [(await send(door, each, "report", against=other, **ADVERT))["case"] for each in (ann, bob)]
    content = (await send(door, "platform", "report", against=kim, **CONTENT))["case"]
    held = {each: proofs(house, each) for each in (ann, bob)}
    with feeding(house) as connection:
        _notice(connection, bob, content, house)
    assert (await api.get(bob, f"/subjects/{kim}")).status_code == 200
    assert [one["case"] for one in (await api.get(bob, "/notices")).json()["notices"]] == [content, filed[1]]
    assert (await fed(api, bob, Role.AGENT, agency=jade)).status_code == 200
    assert (await fed(api, ann, Role.TEAM_LEAD, agency=jade)).status_code == 200
    for each in (ann, bob):
        assert await held[each].asked(api) == [401, 401]
        assert (await api.get(each, "/cases")).json()["cases"] == []
        assert (await api.get(each, "/notices")).json()["notices"] == []
        for case in (*filed, content):
            assert (await api.get(each, f"/cases/{case}")).status_code == 404
        assert (await api.get(each, f"/subjects/{kim}")).status_code == 404
    with house.engine.connect() as connection:
        assert party.management(connection, kim, house.clock.now()) == party.Management(lotus, None)


def _notice(connection: Connection, to: str, case: str, house: House) -> None:
    told = {"to": to, "case": case, "at": house.clock.now()}
    row = 'INSERT INTO notices (recipient, "case", template, "values", at) VALUES (:to, :case, :template, \'{}\', :at)'
    connection.execute(sa.text(row), told | {"template": "report.received"})


async def test_what_an_agent_did_is_charged_to_whom_they_were_with(house: House, door: Door, api: Api) -> None:
    (lotus, ann), (jade, _) = await agency(house, "lotus"), await agency(house, "jade")
    _, ida = await agency(house, "iris")
    bob = await person(house, Role.AGENT, lotus)
    then = house.clock.now()
    await fed(api, bob, Role.AGENT, agency=jade)
    said = ADVERT | {"against": bob}
    before = (await send(door, ida, "report", occurred=then.isoformat(), **said))["case"]
    now = (await send(door, ida, "report", **said))["case"]
    with house.engine.connect() as connection:
        found = [(row.subject, row.agent) for each in (before, now) if (row := cases.read(connection, each))]
    assert found == [(lotus, bob), (jade, bob)]
    await ended(api, bob)
    later = (await send(door, ida, "report", occurred=then.isoformat(), **said))["case"]
    assert (await api.get(ann, f"/cases/{later}")).status_code == 200
    with pytest.raises(RefusedError) as refused:
        await send(door, ida, "report", occurred=house.clock.now().isoformat(), **said)
    assert refused.value.field == "against"


@pytest.mark.parametrize("comes_back", [False, True])
async def test_what_an_agent_did_between_two_agencies_is_charged_to_none(
    house: House, door: Door, api: Api, comes_back: bool
) -> None:
    (lotus, _), (jade, _) = await agency(house, "lotus"), await agency(house, "jade")
    _, ida = await agency(house, "iris")
    bob = await person(house, Role.AGENT, lotus)
    then = house.clock.now()
    await ended(api, bob)
    between = house.clock.now()
    await fed(api, bob, Role.AGENT, agency=lotus if comes_back else jade)
    said = ADVERT | {"against": bob}
    with pytest.raises(RefusedError) as refused:
        await send(door, ida, "report", occurred=between.isoformat(), **said)
    assert (refused.value.code, refused.value.field) == (Code.INVALID, "against")
    before = (await send(door, ida, "report", occurred=then.isoformat(), **said))["case"]
    now = (await send(door, ida, "report", **said))["case"]
    with house.engine.connect() as connection:
        found = [row.subject for each in (before, now) if (row := cases.read(connection, each))]
    assert found == [lotus, lotus if comes_back else jade]


async def test_others_of_the_side_do_what_awaits_who_has_left(house: House, door: Door, api: Api) -> None:
    lotus, ann = await agency(house, "lotus")
    bob = await person(house, Role.AGENT, lotus)
    kim, mia = await creator(house, lotus, bob), await person(house, Role.MODERATOR)
    case = (await send(door, "platform", "report", against=kim, **CONTENT))["case"]
    await send(door, mia, "claim", case=case)
    await send(door, mia, "ask", case=case, question="When?", to="respondent")
    await ended(api, bob)
    await send(door, ann, "answer", case=case, text="In March.")
    await judged(door, mia, case)
    assert (await send(door, ann, "appeal", of=case, grounds="not so"))["status"] == "queued"


async def test_who_goes_over_to_the_respondent_withdraws_nothing_that_is_reported_of_it(
    house: House, door: Door, api: Api
) -> None:
    (lotus, _), (jade, jan) = await agency(house, "lotus"), await agency(house, "jade")
    bob, lee = await person(house, Role.AGENT, jade), await person(house, Role.TEAM_LEAD, jade)
    for name in (bob, lee):
        report = (await send(door, name, "report", against=lotus, **ADVERT))["case"]
        assert (await fed(api, name, Role.TEAM_LEAD, agency=lotus)).status_code == 200
        shown = (await api.get(name, f"/cases/{report}")).json()
        assert (shown["filed_by"], "withdraw" in shown["allowed"]) == ("another agency", False)
        answer = await api.move(name, report, "withdraw")
        assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")
        assert (await api.move(jan, report, "withdraw")).status_code == 200


@pytest.mark.parametrize(
    ("role", "regions"),
    [(Role.AUDITOR, ["VN"]), (Role.OPS, ["VN"]), (Role.MODERATOR, ["VN"]), (Role.SENIOR_MODERATOR, ["DE"])],
)
async def test_who_is_no_senior_of_the_region_any_more_withdraws_nothing_that_they_filed_again(
    house: House, door: Door, api: Api, role: Role, regions: list[str]
) -> None:
    (lotus, _), (_, jan) = await agency(house, "lotus"), await agency(house, "jade")
    sam = await person(house, Role.SENIOR_MODERATOR)
    first = (await send(door, jan, "report", against=lotus, **ADVERT))["case"]
    await send(door, jan, "withdraw", case=first)
    again = (await send(door, sam, "report", against=lotus, again=first, **ADVERT))["case"]
    assert (await fed(api, sam, role, regions=regions)).status_code == 200
    answer = await api.move(sam, again, "withdraw")
    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")
    assert (await fed(api, sam, Role.SENIOR_MODERATOR, regions=["VN"])).status_code == 200
    assert (await api.move(sam, again, "withdraw")).status_code == 200


async def test_an_agency_whose_owner_leaves_goes_on(house: House, door: Door, api: Api) -> None:
    lotus, ann = await agency(house, "lotus")
    jade, _ = await agency(house, "jade")
    report = (await send(door, ann, "report", against=jade, **ADVERT))["case"]
    await ended(api, ann)
    amy = new("amy")
    assert (await fed(api, amy, Role.OWNER, agency=lotus)).status_code == 200
    assert (await api.get(amy, f"/cases/{report}")).json()["filed_by"] == ann
    assert (await api.move(amy, report, "withdraw")).status_code == 200


async def test_a_creator_who_leaves_the_platform_acts_no_more_and_can_come_back(house: House, api: Api) -> None:
    lotus, ann = await agency(house, "lotus")
    kim = await creator(house, lotus)
    assert (await ended(api, kim)).status_code == 200
    assert (await api.get(kim, f"/subjects/{kim}")).status_code == 401
    assert (await api.get(ann, f"/subjects/{kim}")).status_code == 200  # the score stays
    await api.send("platform", "PUT", f"/creators/{kim}", {"region": "VN"})
    assert (await api.get(kim, f"/subjects/{kim}")).status_code == 200


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"role": "moderator"}, "regions"),
        ({"role": "senior_moderator", "regions": []}, "regions"),
        ({"role": "moderator", "regions": ["XX"]}, "regions"),
        ({"role": "agent", "agency": "nowhere"}, "agency"),
        ({"role": "agent"}, "agency"),
    ],
)
async def test_nobody_is_fed_blind(api: Api, said: dict[str, Any], field: str) -> None:
    name = new("blind")
    answer = await api.send("platform", "PUT", f"/people/{name}", said)
    assert (answer.status_code, answer.json()["code"], answer.json()["field"]) == (422, "invalid", field)
    assert (await api.get(name, "/session")).status_code == 401


async def test_a_moderator_who_was_fed_without_regions_before_can_still_log_in(house: House, api: Api) -> None:
    with feeding(house) as connection:
        feed.person(connection, blind := new("blind"), Role.MODERATOR)
    assert (await api.get(blind, "/queue")).json()["cases"] == []
    assert (await fed(api, blind, Role.MODERATOR, regions=["VN"])).status_code == 200


async def test_nobody_becomes_a_judge_of_their_own_side(house: House, api: Api) -> None:
    lotus, ann = await agency(house, "lotus")
    mia = await person(house, Role.MODERATOR)
    await ended(api, ann)
    for name, said in ((ann, {"role": "moderator", "regions": ["VN"]}), (mia, {"role": "owner", "agency": lotus})):
        answer = await api.send("platform", "PUT", f"/people/{name}", said)
        assert (answer.status_code, answer.json()["field"]) == (422, "role")


async def test_the_product_s_own_actors_are_not_ended(house: House, api: Api) -> None:
    with feeding(house) as connection:
        feed.person(connection, other := new("platform"), Role.PLATFORM)
    for name in ("platform", "engine", "clock", other):
        assert (await ended(api, name)).json()["field"] == "person"


async def test_staff_are_ended_by_who_may_feed_them(house: House, api: Api) -> None:
    mia = await person(house, Role.MODERATOR)
    with house.engine.begin() as connection:
        platform = party.actor(connection, "platform")
        assert platform is not None
        made = Keys(house.clock.now).make(connection, platform, new("feeds"), [Scope.FEED], 9, "platform")
    headers = {"Authorization": f"Bearer {made.text}", "Idempotency-Key": new("key")}
    answer = await api.client.delete(f"/api/v1/people/{mia}", headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")


async def test_what_is_fed_again_changes_nothing(house: House, api: Api) -> None:
    lotus, _ = await agency(house, "lotus")
    bob = await person(house, Role.AGENT, lotus)
    kim = await creator(house, lotus, bob)
    held = proofs(house, bob)

    def row() -> object:
        with house.engine.connect() as connection:
            found = connection.execute(sa.select(people).where(people.c.id == bob)).one()
            return found, connection.execute(sa.text("SELECT count(*) FROM records")).scalar()

    before = row()
    assert (await fed(api, bob, Role.AGENT, agency=lotus)).status_code == 200
    again = {"agency": lotus, "agent": bob}
    assert (await api.send("platform", "PUT", f"/creators/{kim}/management", again)).status_code == 200
    assert (await api.send("platform", "PUT", f"/creators/{kim}", {"region": "VN"})).status_code == 200
    assert row() == before
    assert await held.asked(api) == [200, 200]


async def test_a_creator_without_facts_of_their_own_time_keeps_those_of_before(house: House, api: Api) -> None:
    """Facts that are fed anew without a date are true since now: what was before stays as it was."""
    kim = await creator(house)
    begun = house.clock.now() - timedelta(days=1)
    await api.send("platform", "PUT", f"/creators/{kim}", {"region": "VN", "followers": 200_000})
    with house.engine.connect() as connection:
        then, now = (party.profile(connection, kim, at) for at in (begun, house.clock.now()))
    assert then is not None
    assert now is not None
    assert (then.followers, now.followers) == (0, 200_000)
