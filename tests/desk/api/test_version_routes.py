"""A version over HTTP, brought into force and taken back by its courier; in a database of its own, as the chain has one end."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from clocks import Town, town
from conftest import new, person
from knocking import STEP_UP, knocking
from served import Api, served

from activities.rollout import life
from activities.rulebooks import Rulebooks
from ops.verify import verify
from rulebook.load import BUNDLED, files_at, load
from states.terms import Role
from states.version_terms import VersionStatus
from store import party, penalty
from store import version as versions
from store.audit import picture
from store.schema.journal import records
from store.schema.rulebooks import rulebooks
from workers.reach import House

WATCH = "agency_compliance.watch"


@dataclass
class Place:
    town: Town
    api: Api
    editor: str
    approver: str

    async def move(self, by: str, version: str, do: str, **said: Any) -> Any:
        key, match = said.pop("key", None), said.pop("match", None)
        headers = {"If-Match": f'"{match}"'} if match else {}
        path = f"/rulebooks/versions/{version}/moves"
        return await self.api.send(by, "POST", path, {"do": do, **said}, key=key, **headers)

    async def becomes(self, version: str, status: VersionStatus) -> versions.Version:
        async with asyncio.timeout(20):
            while (found := self.read(version)).status is not status:
                await asyncio.sleep(0.05)
        return found

    def read(self, version: str) -> versions.Version:
        with self.town.house.engine.begin() as connection:
            found = versions.read(connection, version)
        assert found is not None
        return found

    def penalties(self, subject: str) -> set[str]:
        with self.town.house.engine.begin() as connection:
            return {row["key"] for row in penalty.live(connection, subject, self.town.house.clock.now())}


@pytest.fixture(scope="module")
async def place(house: House) -> AsyncIterator[Place]:
    async with town(house) as there, served(there.house, there.door) as api:
        editor, approver = [await person(there.house, role) for role in (Role.POLICY_EDITOR, Role.POLICY_APPROVER)]
        yield Place(there, api, editor, approver)


def files(old: str = "", changed: str = "") -> dict[str, Any]:
    """The bundled rulebook as an upload, something in its base changed."""
    said = {name: raw.decode() for name, raw in files_at(BUNDLED / "live").items()}
    assert old in said["base.yaml"]
    said["base.yaml"] = said["base.yaml"].replace(old, changed, 1)
    return {"files": [{"name": name, "text": text} for name, text in said.items()]}


def known(place: Place) -> set[str]:
    with place.town.house.engine.connect() as connection:
        return set(connection.execute(sa.select(rulebooks.c.digest)).scalars())


async def test_a_version_is_moved_over_http_takes_force_by_itself_and_is_taken_back(place: Place) -> None:
    _, lotus = await place.town.decided("mild")
    body = files("threshold: 80, penalty: agency_compliance.watch", "threshold: 95, penalty: agency_compliance.watch")
    drafted = await place.api.send(place.editor, "POST", "/rulebooks/versions", body)
    assert (drafted.status_code, drafted.json()["status"]) == (201, "draft"), drafted.text
    version, first = drafted.json()["version"], drafted.json()["follows"]

    soon = (place.town.house.clock.now() + timedelta(seconds=3)).isoformat()
    said = {"reasons": "One more than enough.", "in_force_from": soon, "key": new("key")}
    proposed = await place.move(place.editor, version, "propose", match=1, **said)
    assert (proposed.status_code, proposed.headers["ETag"]) == (200, '"2"'), proposed.text
    assert (await place.move(place.editor, version, "propose", match=1, **said)).json() == proposed.json()

    forecast = (await place.api.get(place.approver, f"/rulebooks/versions/{version}/forecast")).json()
    named = {"subject": lotus, "region": "VN", "kind": "agency", "class": None, "penalties": [WATCH]}
    assert named in forecast["subjects"]
    assert (await place.move(place.approver, version, "approve", match=1)).status_code == 412
    early = await place.move(place.approver, version, "approve")
    assert (early.status_code, early.json()["field"]) == (422, "override"), early.text
    approved = await place.move(place.approver, version, "approve", match=2, override="A court ordered it.")
    assert (approved.status_code, approved.json()["status"]) == (200, "approved"), approved.text

    shown = await place.api.get(place.editor, f"/rulebooks/versions/{version[:12]}")
    assert (shown.headers["ETag"], shown.json()["allowed"]) == ('"3"', ["withdraw"]), shown.text
    assert [one["event"] for one in shown.json()["timeline"]] == ["draft", "propose", "approve"]
    assert shown.json()["timeline"][2]["texts"] == {"override": "A court ordered it."}

    assert WATCH not in place.penalties(lotus)
    await place.becomes(version, VersionStatus.IN_FORCE)
    assert WATCH in place.penalties(lotus)
    assert place.read(first).status is VersionStatus.RETIRED
    hits = (await place.api.get(place.approver, f"/rulebooks/versions/{version}/hits")).json()["hits"]
    assert [(one["subject"], one["key"]) for one in hits] == [(lotus, WATCH)]

    taken = await place.move(place.approver, version, "take_back", reasons="It hits too many.")
    assert taken.json()["status"] in {"taking_back", "taken_back"}, taken.text
    await place.becomes(version, VersionStatus.TAKEN_BACK)
    assert WATCH not in place.penalties(lotus)
    assert place.read(first).status is VersionStatus.IN_FORCE
    with picture(place.town.house.engine) as connection:
        through = connection.execute(
            sa.select(records.c.through).where(records.c.topic == "rulebook/live").order_by(records.c.number)
        ).scalars()
        assert list(through)[:4] == ["token", "token", "token", "clock"]
        assert [str(found) async for found in verify(connection, place.town.house.clock.now())] == []


async def test_nobody_waits_for_a_forecast_that_takes_long(place: Place) -> None:
    drafted = await place.api.send(place.editor, "POST", "/rulebooks/versions", files("version: 3", "version: 30"))
    version, later = drafted.json()["version"], place.town.house.clock.now() + timedelta(days=60)
    said = {"reasons": "x", "in_force_from": later.isoformat()}
    with place.town.house.engine.connect() as connection:
        connection.execute(sa.text("LOCK TABLE profiles IN ACCESS EXCLUSIVE MODE"))
        proposing = asyncio.create_task(place.move(place.editor, version, "propose", **said))
        await asyncio.sleep(0.5)
        other = await place.api.send(place.editor, "POST", "/rulebooks/versions", files("version: 3", "version: 31"))
        assert (other.status_code, proposing.done()) == (201, False)
        connection.rollback()
    assert (await proposing).json()["status"] == "proposed"
    assert (await place.move(place.editor, version, "withdraw")).json()["status"] == "withdrawn"


@pytest.mark.parametrize("said", [{}, {"do": "claim"}], ids=["none", "of a case"])
async def test_a_move_of_a_version_that_is_none_is_answered_with_those_of_versions(place: Place, said: Any) -> None:
    answer = await place.api.send(place.editor, "POST", f"/rulebooks/versions/{'0' * 64}/moves", said)
    assert (answer.status_code, answer.json()["field"]) == (422, "do")
    assert "`take_back`" in answer.json()["detail"]


async def test_what_is_wrong_with_an_upload_is_told_by_file_and_line_and_nothing_is_kept(place: Place) -> None:
    before = known(place)
    for said, field in (
        (files("quota_per_month:   {value: 30", "quota_per_month:   {value: many"), "files"),
        ({"files": [{"name": "../base.yaml", "text": "x"}]}, "name"),
        ({"files": []}, "files"),
    ):
        answer = await place.api.send(place.editor, "POST", "/rulebooks/versions", said)
        assert (answer.status_code, answer.json()["code"], answer.json()["field"]) == (422, "invalid", field), (
            answer.text
        )
    answer = await place.api.send(place.editor, "POST", "/rulebooks/versions", files("version: 3", "version: three"))
    (fault,) = answer.json()["faults"]
    assert (fault["file"], fault["key"], fault["value"]) == ("base.yaml", "version", "'three'")
    assert isinstance(fault["line"], int)
    assert known(place) == before


def test_an_approval_wants_a_second_factor_that_was_just_shown(house: House) -> None:
    knock, book = knocking(house), load("live", {"reports.quota_per_month": 29})
    edith, ada = knock.person(Role.POLICY_EDITOR), knock.person(Role.POLICY_APPROVER, with_factor=True)
    with house.engine.begin() as connection:
        now, actor = house.clock.now(), party.actor(connection, edith)
        assert actor is not None
        life.draft(connection, Rulebooks(), book, actor, now, "token")
        said = {"reasons": "New texts.", "in_force_from": now + timedelta(days=30)}
        life.move(connection, Rulebooks(), book.digest, "propose", actor, said, now, through="token")
    browser = knock.browser(ada)
    browser.headers["X-CSRF-Token"] = browser.post(STEP_UP, {"code": knock.code(ada)}).json()["csrf_token"]
    knock.watch.wait(minutes=11)
    path = f"/api/v1/rulebooks/versions/{book.digest}/moves"
    refused = browser.post(path, {"do": "approve"}, **{"Idempotency-Key": new("key")})
    assert refused.json().get("code") == "step_up_required", refused.text
    with house.engine.begin() as connection:
        found = versions.read(connection, book.digest)
    assert found is not None
    assert found.status is VersionStatus.PROPOSED
