"""Every line of the journal says through what it came, by what the desk signed; auditors and ops read it."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from conftest import agency, new, person
from knocking import PASSWORD, QUICK
from served import ORIGIN, V1, Api, served

from activities.command import Request
from activities.look import Looker
from activities.move.commit import Commit
from desk.door.door import Door
from desk.identity.accounts import hashed
from desk.identity.caller import Scope
from desk.identity.keys import Keys
from states.terms import Role
from store import identity, journal, party
from store.schema.journal import records
from workers.clock import Clock
from workers.reach import House


@pytest.fixture(scope="module")
async def api(house: House, door: Door) -> AsyncIterator[Api]:
    async with served(house, door) as made:
        yield made


async def timeline(api: Api, reader: str, case: str) -> list[dict[str, Any]]:
    entries: list[dict[str, Any]] = (await api.get(reader, f"/cases/{case}/timeline")).json()["entries"]
    return entries


def report(lotus: str) -> dict[str, str]:
    return {"clause": "agency.poaching", "against": lotus, "details": "They wrote to our creator."}


async def test_a_line_says_by_which_session_token_or_key_somebody_came(api: Api, house: House) -> None:
    (_, jan), (lotus, ann) = await agency(house, "jade"), await agency(house, "lotus")
    mia, oli, ada = [await person(house, role) for role in (Role.MODERATOR, Role.OPS, Role.AUDITOR)]
    with house.engine.begin() as connection:
        identity.enter_account(connection, ann, hashed(PASSWORD, QUICK))
        actor = party.actor(connection, jan)
        assert actor is not None
        key = Keys(Clock().now).make(connection, actor, "system", [Scope.WRITE], 1, jan)
    by_key = {"Authorization": f"Bearer {key.text}", "Idempotency-Key": new("key")}
    case = (await api.client.post(f"{V1}/reports", json=report(lotus), headers=by_key)).json()["case"]
    await api.move(mia, case, "claim")
    await api.move(mia, case, "ask", question="did you?", to="respondent")
    begun = await api.client.post(f"{V1}/session", json={"person": ann, "password": PASSWORD})
    ours = {"Origin": ORIGIN, "X-CSRF-Token": begun.json()["csrf_token"], "Idempotency-Key": new("key")}
    said = {"do": "answer", "text": "no"}
    assert (await api.client.post(f"{V1}/cases/{case}/moves", json=said, headers=ours)).status_code == 200
    api.client.cookies.clear()
    expected = [
        ("submit", f"key/{key.id}"), ("queue", "engine"), ("claim", "token"), ("ask", "token"), ("answer", "session")
    ]  # fmt: skip
    for overseer in (oli, ada):
        assert [(e["event"], e["through"]) for e in await timeline(api, overseer, case)] == expected
    for other in (jan, ann, mia):
        entries = await timeline(api, other, case)
        assert len(entries) == len(expected)
        assert not any("through" in entry for entry in entries)


async def test_the_clocks_own_lines_say_so(house: House, door: Door) -> None:
    (_, jan), (lotus, _) = await agency(house, "jade"), await agency(house, "lotus")
    mia = await person(house, Role.MODERATOR)
    case = (await door.send(jan, "report", report(lotus), key=new("key")))["case"]
    await door.send(mia, "claim", {"case": case}, key=new("key"))
    with house.engine.connect() as connection:
        last = journal.timeline(connection, case)[-1]
    commit = Commit(house.engine, house.key, Looker(house.client, "nobody"))
    await commit.commit(Request(case=case, at=last["at"] + timedelta(days=3)))
    with house.engine.connect() as connection:
        lines = [(line["event"], line["through"]) for line in journal.timeline(connection, case)]
    assert lines[:3] == [("submit", "direct"), ("queue", "engine"), ("claim", "direct")]
    assert ("lease_ran_out", "clock") in lines


async def test_what_is_written_outside_a_case_says_by_what_it_came_too(api: Api, house: House) -> None:
    """A system feeds by its key, somebody of the platform by a token, a door by what it is used through."""
    with house.engine.begin() as connection:
        platform = party.actor(connection, "platform")
        assert platform is not None
        key = Keys(Clock().now).make(connection, platform, new("feeds"), [Scope.FEED], 1, "platform")
    by_key = {"Authorization": f"Bearer {key.text}", "Idempotency-Key": new("key")}
    kim, lotus = new("kim"), new("lotus")
    assert (await api.client.put(f"{V1}/agencies/{lotus}", json={"region": "VN"}, headers=by_key)).status_code == 200
    await api.send("platform", "PUT", f"/creators/{kim}", {"region": "VN"})
    async with Door.of(house, through="command_line/root") as terminal:
        await terminal.stream("platform", {"creator": kim, "days": 1, "hours": 2})
    told = {
        "agencies/" + lotus: f"key/{key.id}",
        "creators/" + kim: "token",
        f"streaming_days/{kim}/": "command_line/root",
    }
    with house.engine.connect() as connection:
        chain = connection.execute(sa.select(records).order_by(records.c.number)).mappings().all()
    for row, through in told.items():
        assert [line["through"] for line in chain if any(f"{name}/".startswith(row) for name in line["rows"])] == [
            through
        ]
    assert all(journal.record_digest(line) == line["hash"] for line in chain)


async def test_through_what_somebody_came_is_signed(house: House, door: Door) -> None:
    (_, jan), (lotus, _) = await agency(house, "jade"), await agency(house, "lotus")
    command = door.sending(jan, "report", report(lotus), new("key"), through="session").command
    assert command.through == "session"
    assert command.genuine(house.key)
    for forged in ("token", None):
        assert not command.model_copy(update={"through": forged}).genuine(house.key)
    older = command.model_copy(update={"through": None}).signed(house.key)
    assert older.genuine(house.key)
    assert "through" not in older.model_dump(exclude_none=True)
