"""Who reads of whose files over HTTP: in a case, in its timeline, and in the list of its evidence."""

import pytest
from conftest import agency, creator, new, person
from served import served

from desk.door.door import Door
from states.terms import Role
from store import evidence, party
from store.evidence import File
from store.schema.evidence import FileKind
from workers.reach import House

HASH = "5" * 64


@pytest.fixture(scope="module")
async def people(house: House) -> dict[str, str]:
    (_, jan), (lotus, ann) = await agency(house, "jade"), await agency(house, "lotus")
    roles = {"mia": Role.MODERATOR, "oli": Role.OPS, "amy": Role.AUDITOR}
    staff = {name: await person(house, role) for name, role in roles.items()}
    return staff | {"jan": jan, "ann": ann, "lotus": lotus, "far": await person(house, Role.MODERATOR, region="DE")}


def upload(house: House, who: str) -> str:
    with house.engine.begin() as connection:
        found = party.actor(connection, who)
        of = found.agency if found else None
        made = File(evidence.new_id(), HASH, 1000, FileKind.MP4, "clip.mp4", who, of, house.clock.now())
        evidence.write(connection, made)
    return made.id


async def test_files_are_read_by_reviewers_auditors_and_the_side_that_brought_them(
    house: House, door: Door, people: dict[str, str]
) -> None:
    async with served(house, door) as api:
        file = upload(house, people["jan"])
        said = {"clause": "agency.poaching", "against": people["lotus"], "details": "seen", "evidence": [file]}
        case = (await api.send(people["jan"], "POST", "/reports", said)).json()["case"]
        again = await api.send(people["jan"], "POST", "/reports", said)
        assert (again.status_code, again.json()["field"]) == (422, "evidence.0")

        for name, seen in {"jan": True, "mia": True, "amy": True, "ann": False, "oli": False}.items():
            shown = {
                "id": file,
                "name": "clip.mp4",
                "kind": "video/mp4",
                "size": 1000,
                "hash": HASH,
                "side": "reporter",
            }
            answer = await api.get(people[name], f"/cases/{case}/evidence")
            files = answer.json().get("evidence", [])
            assert answer.status_code == (403 if name == "oli" else 200)
            assert [{**one, "at": None} for one in files] == (
                [shown | {"brought_by": people["jan"], "at": None}] if seen else []
            )
            assert (await api.get(people[name], f"/cases/{case}")).json()["evidence"] == files
            line = (await api.get(people[name], f"/cases/{case}/timeline")).json()["entries"][0]
            assert ("files" in line["facts"]) is (seen or name == "oli")
        assert (await api.get(people["far"], f"/cases/{case}/evidence")).status_code == 403
        assert (await api.get(people["ann"], f"/cases/{new('report')}/evidence")).status_code == 404


async def test_the_platform_brings_files_with_what_it_feeds(house: House, door: Door, people: dict[str, str]) -> None:
    kim = await creator(house, people["lotus"])
    async with served(house, door) as api:
        line = {"clause": "content.vulgar", "against": kim, "severity": "mild", "details": "seen"}
        lines = [line | {"evidence": [upload(house, "platform")]}, line | {"evidence": ["ev-0"]}]
        fed = (await api.send("platform", "POST", "/violations/batch", {"violations": lines})).json()
        assert [(one["status"], one.get("field")) for one in fed["lines"]] == [(201, None), (422, "evidence.0")]
        path = f"/cases/{fed['lines'][0]['case']}/evidence"
        seen = {name: len((await api.get(name, path)).json()["evidence"]) for name in ("platform", people["ann"])}
        assert seen == {"platform": 1, people["ann"]: 0}
