"""Whoever asks is answered in their language, which the answer names; and no word stands in the code itself."""

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa
from conftest import agency, new, person
from pseudo import MARKED, PSEUDO, marked
from served import Api, served

from activities.rulebooks import Rulebooks
from desk.door.door import Door
from desk.reading.preferences import Preferences
from desk.words import Languages
from desk.words.catalogue import FOLDER
from states.terms import Role
from store import party
from store.preference import Preference
from store.schema.identity import Theme, preferences
from workers.reach import House


@pytest.fixture(scope="module")
async def api(house: House, door: Door) -> AsyncIterator[Api]:
    async with served(house, door, languages=Languages({PSEUDO: marked(FOLDER)})) as made:
        yield made


@pytest.fixture(scope="module")
async def people(house: House) -> dict[str, str]:
    lotus, ann = await agency(house, "lotus")
    _, jan = await agency(house, "jade")
    mia, sam = await person(house, Role.MODERATOR), await person(house, Role.SENIOR_MODERATOR)
    ada = await person(house, Role.AUDITOR)
    return {"lotus": lotus, "ann": ann, "jan": jan, "mia": mia, "sam": sam, "ada": ada}


@pytest.fixture(scope="module")
async def decided(api: Api, people: dict[str, str]) -> str:
    """A report that was decided: a violation, a score below 100, notices, an appeal that was upheld."""
    said = {"clause": "agency.poaching", "against": people["lotus"], "details": "They offered money."}
    case = str((await api.send(people["jan"], "POST", "/reports", said)).json()["case"])
    await api.move(people["mia"], case, "claim")
    await api.move(people["mia"], case, "decide", finding="violation", severity="mild", reasons="It is clear.")
    return case


async def asked(api: Api, who: str, path: str, language: str, **query: Any) -> Any:
    headers = api.bearer(who) | {"Accept-Language": language}
    return await api.client.get(f"/api/v1{path}", params=query, headers=headers)


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "There is no case report-1."),
        ("vi-VN, en;q=0.5", "Không có vụ việc report-1."),
        ("zh-CN", "没有案件 report-1。"),
        ("fr", "There is no case report-1."),
    ],
)
async def test_a_refusal_is_said_in_the_language_that_was_asked_for(
    api: Api, people: dict[str, str], language: str, said: str
) -> None:
    answer = await asked(api, people["jan"], "/cases/report-1", language)
    assert (answer.status_code, answer.json()["detail"], answer.json()["code"]) == (404, said, "not_found")
    assert answer.headers["Content-Language"] == (language[:2] if language[:2] != "fr" else "en")
    assert answer.headers["Vary"] == "Accept-Language"


async def test_a_person_s_own_choice_comes_before_what_the_request_accepts(api: Api, people: dict[str, str]) -> None:
    chosen = {"language": "vi", "zone": "Asia/Tokyo"}
    assert (await api.send(people["sam"], "PUT", "/session/preferences", chosen)).json() == chosen
    assert (await api.get(people["sam"], "/session/preferences")).json() == chosen
    answer = await asked(api, people["sam"], "/cases/report-1", "zh")
    assert answer.headers["Content-Language"] == "vi"
    await api.send(people["sam"], "PUT", "/session/preferences", {})
    assert (await asked(api, people["sam"], "/cases/report-1", "zh")).headers["Content-Language"] == "zh"
    for wrong in ({"language": "fr"}, {"zone": "Asia/Hanoy"}, {"tongue": "vi"}):
        refused = await api.send(people["sam"], "PUT", "/session/preferences", wrong)
        assert (refused.status_code, refused.json()["field"]) == (422, next(iter(wrong)))


async def test_what_somebody_chose_for_the_console_outlasts_another_language(
    api: Api, people: dict[str, str], house: House
) -> None:
    kept = Preferences(house.engine, house.clock.now, Rulebooks())
    with house.engine.connect() as connection:
        sam = party.actor(connection, people["sam"])
    assert sam is not None
    assert kept.read(sam) == Preference()
    chosen = Preference(theme=Theme.DARK, keys=False, grey=False)
    kept.write(sam, chosen)
    await api.send(people["sam"], "PUT", "/session/preferences", {"language": "zh"})
    assert kept.read(sam) == replace(chosen, language="zh")
    kept.write(sam, Preference())


@pytest.mark.usefixtures("decided")
async def test_a_choice_that_this_desk_does_not_know_is_as_none(api: Api, people: dict[str, str], house: House) -> None:
    """Another desk knew it: one with other time zones, or of another version."""
    values = {"person": people["ann"], "language": "xx", "zone": "Mars/Olympus"}
    with house.engine.begin() as connection:
        connection.execute(sa.insert(preferences).values(values))
    assert (await api.get(people["ann"], "/session/preferences")).json() == {"language": None, "zone": None}
    answer = await asked(api, people["ann"], "/notices", "zh")
    assert (answer.status_code, answer.headers["Content-Language"]) == (200, "zh")
    assert "GMT+07:00" in answer.text
    refused = await api.send(people["ann"], "PUT", "/session/preferences", {"zone": "localtime"})
    assert (refused.status_code, refused.json()["field"]) == (422, "zone")


async def test_a_notice_is_worded_when_it_is_read(api: Api, people: dict[str, str], decided: str) -> None:
    """In the reader's language and zone, with the rulebook's own names of things."""
    bodies = {}
    for language in ("en", "vi", "zh"):
        answer = await asked(api, people["ann"], "/notices", language)
        (notice,) = [one for one in answer.json()["notices"] if one["template"] == "verdict.violation"]
        bodies[language] = notice["body"]
        assert answer.headers["Content-Language"] == language
        assert decided in notice["body"]
        assert "GMT+07:00" in notice["body"]
        assert "It is clear." in notice["body"]
    assert "a mild violation of Poaching was found" in bodies["en"]
    assert "Lôi kéo trái phép" in bodies["vi"]
    assert "挖角" in bodies["zh"]


async def test_a_ledger_and_the_rules_are_worded_in_the_reader_s_language(
    api: Api, people: dict[str, str], decided: str
) -> None:
    ledger = (await asked(api, people["ann"], f"/subjects/{people['lotus']}/ledger", "vi")).json()
    assert (ledger["lines"][0]["case"], ledger["lines"][0]["why"]) == (decided, "Đã kết luận có vi phạm.")
    clauses = await asked(api, people["ann"], "/rulebook/clauses", "zh", region="VN", key="agency.poaching")
    assert (clauses.json()["clauses"][0]["title"], clauses.headers["Content-Language"]) == ("挖角", "zh")
    assert clauses.json()["clauses"][0]["key"] == "agency.poaching"
    assert clauses.json()["clauses"][0]["evidence"] == "optional"


async def test_an_auditor_reads_what_everybody_was_told(api: Api, people: dict[str, str], decided: str) -> None:
    """`docs/domain.md` §7: everything, read-only; ops see no words."""
    told = (await api.get(people["ada"], "/notices")).json()["notices"]
    assert decided in {one["case"] for one in told}
    await_ops = await api.get(people["mia"], "/notices")
    assert await_ops.status_code == 403


async def test_whatever_is_refused_comes_from_a_catalogue(api: Api, people: dict[str, str], decided: str) -> None:
    """The pseudo-locale: outside of its marks no sentence is left."""
    ann, jan, mia, sam = people["ann"], people["jan"], people["mia"], people["sam"]
    report = {"clause": "agency.poaching", "against": people["lotus"], "details": "x"}
    said = [
        ("GET", jan, "/cases/report-1", None),
        ("GET", jan, "/queue", None),
        ("GET", jan, "/cases?colour=red", None),
        ("GET", jan, "/cases?limit=0", None),
        ("GET", jan, "/cases?cursor=x", None),
        ("GET", jan, "/nowhere", None),
        ("GET", jan, f"/subjects/{new('nobody')}", None),
        ("GET", ann, f"/subjects/{people['lotus']}?period=life", None),
        ("GET", ann, "/rulebook?region=XX", None),
        ("POST", jan, "/reports", report | {"clause": "no.such"}),
        ("POST", jan, "/reports", report | {"details": " "}),
        ("POST", jan, "/reports", report | {"occurred": "yesterday"}),
        ("POST", jan, "/reports", report | {"occurred": "9000-01-01T00:00:00Z"}),
        ("POST", jan, "/reports", report | {"severity": "mild"}),
        ("POST", jan, "/reports", report | {"colour": "red"}),
        ("POST", jan, "/reports", {}),
        ("POST", ann, "/reports", report),
        ("POST", mia, f"/cases/{decided}/moves", {"do": "claim"}),
        ("POST", mia, f"/cases/{decided}/moves", {"do": "fly"}),
        ("POST", mia, f"/cases/{decided}/moves", {"do": "decide", "finding": "none"}),
        ("POST", sam, f"/cases/{decided}/moves", {"do": "approve", "reasons": "x"}),
        ("POST", jan, f"/cases/{decided}/moves", {"do": "withdraw"}),
        ("POST", ann, "/webhooks", {"url": "ftp://x", "events": ["case.moved"]}),
        ("POST", ann, "/api-keys", {"label": "x", "scopes": ["feed"]}),
        ("PUT", jan, f"/agencies/{new('a')}", {"region": "VN"}),
    ]
    for method, who, path, body in said:
        headers = api.bearer(who) | {"Accept-Language": PSEUDO, "Idempotency-Key": new("key")}
        answer = await api.client.request(method, f"/api/v1{path}", json=body, headers=headers)
        assert answer.status_code >= 400, (method, path)
        assert MARKED.fullmatch(answer.json()["detail"]), answer.json()["detail"]
        assert answer.headers["Content-Language"] == PSEUDO


async def test_whatever_is_told_comes_from_a_catalogue(api: Api, people: dict[str, str], decided: str) -> None:
    """Notices, ledger lines, and why a move is not somebody's."""
    told = (await asked(api, people["ann"], "/notices", PSEUDO)).json()["notices"]
    assert all(MARKED.fullmatch(line) for one in told for line in [one["subject"], *one["body"].splitlines()])
    lines = (await asked(api, people["ann"], f"/subjects/{people['lotus']}/ledger", PSEUDO)).json()["lines"]
    assert all(MARKED.fullmatch(one["what"]) and MARKED.fullmatch(one["why"]) for one in lines)
    moves = (await asked(api, people["mia"], f"/cases/{decided}/moves", PSEUDO)).json()["moves"]
    assert all(MARKED.fullmatch(one["reason"]) for one in moves if not one["allowed"] and one["do"] != "appeal")


async def test_a_name_that_looks_like_a_message_is_said_as_it_is(api: Api, people: dict[str, str]) -> None:
    for name in ("{field}", "{0}", "{case!r}", "%s", "{status:status}", "⟦"):
        answer = await api.send(
            people["jan"], "POST", "/reports", {"clause": "agency.poaching", "against": name, "details": "x"}
        )
        assert answer.json()["detail"] == f"“against”: there is no agency, agent or creator {name}."
