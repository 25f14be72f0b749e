"""A life over HTTP, and what goes wrong on the way."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from asking import asking
from conftest import agency, new, person
from served import ORIGIN, V1, Api, served

from desk.door.door import Door
from states.terms import Role
from workers.reach import House

POACHING = {"clause": "agency.poaching", "details": "They offered our creator money."}


@pytest.fixture(scope="module")
async def api(house: House, door: Door) -> AsyncIterator[Api]:
    async with served(house, door) as made:
        yield made


@pytest.fixture(scope="module")
async def people(house: House) -> dict[str, str]:
    """Two agencies with their owners, and reviewers."""
    lotus, ann = await agency(house, "lotus")
    jade, jan = await agency(house, "jade")
    mia, sam, sue = [await person(house, Role.MODERATOR), *[await person(house, Role.SENIOR_MODERATOR) for _ in "12"]]
    return {"lotus": lotus, "ann": ann, "jade": jade, "jan": jan, "mia": mia, "sam": sam, "sue": sue}


async def filed(api: Api, people: dict[str, str]) -> str:
    answer = await api.send(people["jan"], "POST", "/reports", POACHING | {"against": people["lotus"]})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["case"])


async def test_a_life_from_report_to_overturned_appeal(api: Api, people: dict[str, str]) -> None:
    report = await filed(api, people)
    page = (await api.get(people["mia"], "/queue", sort="-filed", limit=100)).json()
    assert report in [case["id"] for case in page["cases"]]
    seen = await api.get(people["mia"], f"/cases/{report}")
    assert (seen.headers["ETag"], seen.json()["allowed"]) == ('"2"', ["claim", "note"])
    assert (await api.move(people["mia"], report, "claim")).json()["status"] == "claimed"
    decided = await api.move(people["mia"], report, "decide", finding="violation", severity="mild", reasons="clear")
    assert decided.json()["stage"] == "appealable"

    asked = (await api.get(people["ann"], f"/cases/{report}/appeal")).json()
    assert (asked["appeal"], asked["reason"]) == ("available", "window_open")
    against = (await api.get(people["ann"], f"/cases/{report}")).json()
    assert against["filed_by"] == "another agency"
    assert people["jade"] not in (await api.get(people["ann"], f"/cases/{report}/timeline")).text
    subject = (await api.get(people["ann"], f"/subjects/{people['lotus']}")).json()
    assert (subject["score"], [one["key"] for one in subject["penalties"]]) == (95, ["base.warning"])

    appeal = (await api.send(people["ann"], "POST", "/appeals", {"of": report, "grounds": "not us"})).json()["case"]
    await api.move(people["sam"], appeal, "claim")
    over = await api.move(people["sam"], appeal, "decide", outcome="overturned", reasons="another year")
    assert over.json()["outcome"] == "overturned"
    ledger = (await api.get(people["ann"], f"/subjects/{people['lotus']}/ledger")).json()
    assert [(line["change"], line["balance"]) for line in ledger["lines"]] == [(5, 100), (-5, 95)]
    assert ledger["lines"][1]["what"] == "Violation of Poaching (mild)"
    told = (await api.get(people["ann"], "/notices")).json()["notices"]
    assert {"verdict.violation", "appeal.received"} <= {one["template"] for one in told}
    of_creator = await api.get(people["jan"], "/cases", creator=new("nobody"))
    assert of_creator.json()["cases"] == []


async def test_the_same_key_gives_the_same_answer_and_another_wish_is_refused(api: Api, people: dict[str, str]) -> None:
    key, body = new("key"), POACHING | {"against": people["lotus"]}
    answers = await asyncio.gather(*(api.send(people["jan"], "POST", "/reports", body, key=key) for _ in range(5)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.text for answer in answers}) == 1
    other = await api.send(people["jan"], "POST", "/reports", body | {"details": "else"}, key=key)
    assert (other.status_code, other.json()["code"], other.json()["field"]) == (422, "key_reused", "Idempotency-Key")


async def test_what_was_fed_is_fed_once(api: Api) -> None:
    name, key = new("agency"), new("key")
    first = await api.send("platform", "PUT", f"/agencies/{name}", {"region": "VN"}, key=key)
    again = await api.send("platform", "PUT", f"/agencies/{name}", {"region": "VN"}, key=key)
    assert first.status_code == again.status_code == 200
    assert first.json() == again.json() == {"fed": f"agencies/{name}"}
    other = await api.send("platform", "PUT", f"/agencies/{name}", {"region": "DE"}, key=key)
    assert (other.status_code, other.json()["code"]) == (422, "key_reused")
    moved = await api.send("platform", "PUT", f"/agencies/{name}", {"region": "DE"})
    assert (moved.status_code, moved.json()["field"]) == (422, "region")


async def test_a_key_is_used_up_for_all_routes_by_any(api: Api) -> None:
    """What is filed and moved is kept by its case, the rest by itself: to whoever sends it that is all the same."""
    seen = {"clause": "content.gambling", "against": "kim", "details": "Bets were taken."}
    wishes = [
        ("POST", "/violations", seen),
        ("POST", "/violations/batch", {"violations": [seen]}),
        ("PUT", f"/agencies/{new('agency')}", {"region": "VN"}),
        ("POST", "/webhooks", {"url": "http://127.0.0.1:9/hook", "events": ["case.moved"]}),
        ("DELETE", "/webhooks/wh-1", None),
    ]
    for method, path, body in wishes[:4]:
        key = new("key")
        done = await api.send("platform", method, path, body, key=key)
        assert done.is_success, done.text
        for other, elsewhere, said in wishes:
            if elsewhere == path:
                continue
            refused = await api.send("platform", other, elsewhere, said, key=key)
            told = (refused.status_code, refused.json()["code"], refused.json()["field"])
            assert told == (422, "key_reused", "Idempotency-Key"), (path, elsewhere)
        again = await api.send("platform", method, path, body, key=key)
        assert (again.status_code, again.json() | {"secret": None}) == (
            done.status_code, done.json() | {"secret": None}
        )  # fmt: skip


async def test_a_refused_move_says_what_is_allowed(api: Api, people: dict[str, str]) -> None:
    report = await filed(api, people)
    refused = await api.move(people["sam"], report, "approve", reasons="yes")
    assert refused.status_code == 409
    assert refused.headers["Content-Type"] == "application/problem+json"
    body = refused.json()
    assert (body["code"], body["allowed"], body["status"]) == ("illegal_move", ["claim", "note"], 409)
    possible = (await api.get(people["mia"], f"/cases/{report}/moves")).json()["moves"]
    assert {one["do"]: (one["allowed"], one["code"]) for one in possible}["decide"] == (False, "not_claimed_by_you")
    assert {one["do"]: one["allowed"] for one in possible}["claim"]


async def test_whatever_is_refused_the_same_is_allowed_as_the_case_shows(api: Api, people: dict[str, str]) -> None:
    report, codes = await filed(api, people), set()
    moves = ({"do": "answer", "text": "no"}, {"do": "claim"}, {"do": "approve", "reasons": "yes"})
    for who in ("ann", "jan", "mia", "sam"):
        shown = (await api.get(people[who], f"/cases/{report}")).json()["allowed"]
        assert ("appeal" in shown) is (who == "ann")
        for move in moves:
            if move["do"] not in shown:
                refused = (await api.send(people[who], "POST", f"/cases/{report}/moves", move)).json()
                assert refused["allowed"] == shown, (who, refused)
                codes.add(refused["code"])
    assert codes == {"illegal_move", "forbidden"}


async def test_an_appeal_is_no_move_and_is_told_where_it_goes(api: Api, people: dict[str, str]) -> None:
    report = await filed(api, people)
    refused = (await api.move(people["ann"], report, "appeal")).json()
    assert (refused["code"], refused["field"]) == ("invalid", "do")
    assert "an appeal is filed with `POST /api/v1/appeals`" in refused["detail"]
    appeal = (await api.send(people["ann"], "POST", "/appeals", {"of": report, "grounds": "not us"})).json()["case"]
    answer = (await api.get(people["ann"], f"/cases/{appeal}/appeal")).json()
    assert (answer["appeal"], answer["reason"], answer["until"]) == ("hidden", "is_an_appeal", None)


async def test_who_has_not_seen_the_newest_version_is_stopped(api: Api, people: dict[str, str]) -> None:
    report = await filed(api, people)
    stale = await api.send(
        people["mia"], "POST", f"/cases/{report}/moves", {"do": "claim"}, **{"If-Match": '"1"'}
    )  # fmt: skip
    assert (stale.status_code, stale.json()["code"], stale.json()["version"]) == (412, "stale", 2)
    fresh = await api.send(
        people["mia"], "POST", f"/cases/{report}/moves", {"do": "claim"}, **{"If-Match": '"2"'}
    )  # fmt: skip
    assert (fresh.status_code, fresh.headers["ETag"]) == (200, '"3"')


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "clause"),
        ({"clause": "agency.poaching", "against": 7, "details": "x"}, "against"),
        ({"clause": "agency.poaching", "against": "lotus", "details": " "}, "details"),
        ({"clause": "agency.poaching", "against": "lotus", "details": "x", "colour": "red"}, "colour"),
        ({"clause": "agency.poaching", "against": "lotus", "details": "x", "occurred": "yesterday"}, "occurred"),
        ({"clause": "none", "against": "lotus", "details": "x"}, "clause"),
        ({"clause": "agency.poaching", "against": "lotus", "detials": "x"}, "detials"),
        ("clause", "body"),
    ],
)
async def test_bad_input_names_its_field(api: Api, people: dict[str, str], body: object, field: str) -> None:
    refused = await api.send(people["jan"], "POST", "/reports", body)
    assert (refused.status_code, refused.json()["code"], refused.json()["field"]) == (422, "invalid", field)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"colour": "red"}, "`colour`: there is no such field."),
        ({"details": None}, "“details”: it must be a text."),
        ({"details": ""}, "“details” must not be empty."),
        ({"details": " "}, "“details” must not be empty."),
        ({"details": "x" * 20_001}, "“details” has 20,001 characters; at most 20,000 are taken."),
        (
            {"against": "a\nb"},
            "“against”: a name is one line, without spaces around it and without characters that nobody sees.",
        ),
        ({"about": "kim"}, "“about”: it must be a list."),
        ({"about": ["kim"] * 101}, "“about”: it has more than 100 entries."),
        ({"severity": "huge"}, "“severity”: it is one of `mild`, `moderate`, `severe`."),
        (
            {"occurred": "2026-02-30T00:00:00Z"},
            "“occurred”: there is no such time: one is like 2026-03-02T09:00:00Z.",
        ),
        ({"occurred": "today"}, "“occurred”: it must be a time with its zone, as in RFC 3339: 2026-03-02T02:00:00Z."),
        ({"clause": "content.gambling"}, "“clause”: only the platform reports content.gambling."),
        ({"clause": "content.none"}, "“clause”: nothing that can be reported is called content.none."),
    ],
)
async def test_what_is_wrong_is_said_in_plain_words(
    api: Api, people: dict[str, str], wrong: dict[str, object], said: str
) -> None:
    body = POACHING | {"against": people["lotus"]} | wrong
    refused = await api.send(people["jan"], "POST", "/reports", body)
    assert (refused.status_code, refused.json()["detail"]) == (422, said)


async def test_a_clause_says_whom_it_is_charged_to(api: Api) -> None:
    seen = {"clause": "agency.poaching", "against": new("kim"), "details": "seen"}
    await api.send("platform", "PUT", f"/creators/{seen['against']}", {"region": "VN"})
    refused = (await api.send("platform", "POST", "/violations", seen)).json()
    assert refused["detail"] == "“against”: agency.poaching is charged to agencies."


@pytest.mark.parametrize(
    ("path", "query", "said"),
    [
        ("/cases", {"limit": "many"}, "“limit”: it must be a whole number."),
        ("/cases", {"limit": "101"}, "“limit”: it must be at most 100."),
        ("/cases", {"filed": "perhaps"}, "“filed”: it must be true or false."),
        ("/cases", {"sort": "due"}, "“sort”: it is one of `filed`, `-filed`."),
        ("/cases", {"colour": "red"}, "`colour`: there is no such parameter."),
        ("/session", {"foo": "1"}, "`foo`: there is no such parameter."),
        ("/api-keys", {"limit": "1"}, "“limit”: there is no such parameter."),
        ("/rulebook/clauses", {"region": "VN", "regoin": "DE"}, "`regoin`: there is no such parameter."),
        ("/cases", {"stage": ["closed", "appealable"]}, "“stage”: it is said twice."),
        ("/rulebook", {}, "“region”: it is missing."),
        ("/rulebook", {"region": "vn"}, "“region”: it must be a region in capital letters, like VN."),
    ],
)
async def test_what_is_wrong_with_a_question_is_said_too(
    api: Api, people: dict[str, str], path: str, query: dict[str, Any], said: str
) -> None:
    refused = await api.get(people["jan"], path, **query)
    assert (refused.status_code, refused.json()["detail"]) == (422, said)


@pytest.mark.parametrize("said", [{}, {"do": "dance"}, {"do": 7}])
async def test_a_move_that_is_none_names_those_that_are(api: Api, people: dict[str, str], said: object) -> None:
    refused = (await api.send(people["mia"], "POST", "/cases/report-0/moves", said)).json()
    assert (refused["code"], refused["field"]) == ("invalid", "do")
    assert refused["detail"].startswith("“move”: it is one of ")


async def test_a_body_that_is_no_json_is_told_so(api: Api, people: dict[str, str]) -> None:
    known = api.bearer(people["jan"]) | {"Idempotency-Key": new("key")}
    broken = await api.client.post(
        f"{V1}/reports", content='{"clause": ', headers=known | {"Content-Type": "application/json"}
    )
    assert (broken.status_code, broken.json()["field"]) == (422, "body")
    assert "at character" in broken.json()["detail"]
    form = await api.client.post(f"{V1}/reports", data={"clause": "agency.poaching"}, headers=known)
    assert "Content-Type: application/json" in form.json()["detail"]


async def test_a_batch_tells_of_each_line(api: Api, people: dict[str, str]) -> None:
    kim, key = new("kim"), new("key")
    await api.send("platform", "PUT", f"/creators/{kim}", {"region": "VN"})
    fed = await api.send("platform", "PUT", f"/creators/{kim}/management", {"agency": people["lotus"]})
    assert fed.status_code == 200, fed.text
    good = {"clause": "content.gambling", "against": kim, "details": "seen", "severity": "mild"}
    lines = {"violations": [good, good | {"clause": "none"}, good | {"details": "again"}]}
    told = (await api.send("platform", "POST", "/violations/batch", lines, key=key)).json()
    assert (told["done"], told["refused"]) == (2, 1)
    assert [line["status"] for line in told["lines"]] == [201, 422, 201]
    assert (told["lines"][1]["code"], told["lines"][1]["field"]) == ("invalid", "clause")
    again = (await api.send("platform", "POST", "/violations/batch", lines, key=key)).json()
    assert again == told
    for broken, field in (({"clause": "content.gambling"}, "violations.1.against"), (7, "violations.1")):
        refused = await api.send("platform", "POST", "/violations/batch", {"violations": [good, broken, good]})
        assert (refused.status_code, refused.json()["field"]) == (422, field)
    other = await api.send("platform", "POST", "/violations/batch", {"violations": [good]}, key=key)
    assert (other.status_code, other.json()["code"]) == (422, "key_reused")


async def test_a_refusal_of_too_many_costs_no_more_than_knowing_who_asks(
    people: dict[str, str], house: House, door: Door
) -> None:
    async with served(house, door, a_minute=1) as slow:
        await slow.get(people["jan"], "/session")
        with asking(house.engine) as asked:
            assert (await slow.get(people["jan"], "/session")).status_code == 429
    # Meanwhile the sweep asks, too.
    assert sum("FROM people" in one for one in asked.statements) == 1


@pytest.mark.parametrize("blank", [" ", "\n\t", "\x1c", "\x1f\x1d", "\u2003"])
async def test_a_text_has_words(api: Api, people: dict[str, str], blank: str) -> None:
    """Also where Python and a pattern of the document disagree about what is white space."""
    for said, field in (({"details": blank}, "details"), ({"evidence": blank}, "evidence")):
        answer = await api.send(people["jan"], "POST", "/reports", POACHING | {"against": people["lotus"]} | said)
        assert (answer.status_code, answer.json()["code"], answer.json()["field"]) == (422, "invalid", field)


async def test_only_who_reads_an_appeal_learns_that_the_other_side_can_t_be_asked(
    api: Api, people: dict[str, str], house: House
) -> None:
    report = await filed(api, people)
    await api.move(people["mia"], report, "claim")
    await api.move(people["mia"], report, "decide", finding="violation", severity="mild", reasons="clear")
    appeal = (await api.send(people["ann"], "POST", "/appeals", {"of": report, "grounds": "not us"})).json()["case"]
    far = await person(house, Role.SENIOR_MODERATOR, region="DE")
    for who in (far, people["jan"]):
        one, other = [
            (await api.move(who, appeal, "ask", question="why?", to=to)).json() for to in ("reporter", "respondent")
        ]
        assert one == other
        assert one["code"] != "invalid"
    for who in (people["mia"], people["sam"], people["ann"]):
        refused = (await api.move(who, appeal, "ask", question="why?", to="reporter")).json()
        assert (refused["code"], refused["field"]) == ("invalid", "to")
    await api.move(people["sam"], appeal, "claim")
    assert (await api.move(people["sam"], appeal, "ask", question="why?", to="respondent")).status_code == 200


async def test_too_much_is_refused(api: Api, people: dict[str, str], house: House, door: Door) -> None:
    large = await api.send(people["jan"], "POST", "/reports", {"details": "x" * 3_000_000})
    assert (large.status_code, large.json()["code"]) == (413, "too_large")
    async with served(house, door, a_minute=3) as slow:
        answers = [await slow.get(people["jan"], "/notices") for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert 1 <= int(answers[3].headers["Retry-After"]) <= 60


async def test_what_is_not_there_is_a_problem_too(api: Api, people: dict[str, str]) -> None:
    for path in ("/nothing", "/cases/report-0"):
        answer = await api.get(people["jan"], path)
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    wrong = await api.client.delete(f"{V1}/reports", headers=api.bearer(people["jan"]))
    assert (wrong.status_code, wrong.json()["code"]) == (405, "method_not_allowed")


async def test_it_is_alive_and_ready_and_documented(api: Api) -> None:
    assert (await api.client.get("/health/live")).json() == {"live": True}
    assert (await api.client.get("/health/ready")).json() == {"ready": True, "database": True, "temporal": True}
    page = await api.client.get("/docs")
    assert page.status_code == 200
    assert "https://" not in page.text.replace(ORIGIN, "")
    assert (await api.client.get(f"{V1}/openapi.json")).json()["openapi"].startswith("3.")


async def test_the_monthly_content_verdict_and_the_rules(api: Api, people: dict[str, str], house: House) -> None:
    kim = new("kim")
    await api.send("platform", "PUT", f"/creators/{kim}", {"region": "VN"})
    await api.send(
        "platform", "PUT", f"/creators/{kim}/management",
        {"agency": people["lotus"], "since": "2020-01-01T00:00:00Z"},
    )  # fmt: skip
    seen = {"clause": "content.minor_safety", "against": kim, "details": "seen", "severity": "severe"}
    report = (await api.send("platform", "POST", "/violations", seen)).json()["case"]
    await api.move(people["mia"], report, "claim")
    await api.move(people["mia"], report, "decide", finding="violation", reasons="clear")
    month = f"{house.clock.now():%Y-%m}"
    verdict = (await api.get(people["ann"], f"/subjects/{people['lotus']}/content-verdicts/{month}")).json()
    line = next(one for one in verdict["lines"] if one["case"] == report)
    assert (line["creator"], line["clause"], line["appeal"], line["stands"]) == (
        kim,
        "content.minor_safety",
        "none",
        True,
    )
    (brought,) = line["penalties"]
    assert (brought["key"], brought["text"]) == ("base.live_suspended", "The permission to go LIVE is suspended.")
    policy = await api.client.get(line["policy"], headers=api.bearer(people["ann"]))
    assert [clause["key"] for clause in policy.json()["clauses"]] == ["content.minor_safety"]
    table = await api.client.get(verdict["penalty_table"], headers=api.bearer(people["ann"]))
    assert "base.warning" in {one["key"] for one in table.json()["penalties"]}
    rules = (await api.get(people["ann"], "/rulebook", region="DE", key="appeals")).json()["values"]
    assert {one["origin"] for one in rules} >= {"overlay EU"}


async def test_an_agent_without_an_agency_is_asked_for_the_agency(api: Api, people: dict[str, str]) -> None:
    kim = new("kim")
    assert (await api.send("platform", "PUT", f"/creators/{kim}", {"region": "VN"})).status_code == 200
    given = {"agency": None, "agent": people["ann"]}
    refused = await api.send("platform", "PUT", f"/creators/{kim}/management", given)
    assert (refused.status_code, refused.json()["field"]) == (422, "agency")
    assert refused.json()["detail"] == f"“agency”: {people['ann']} manages for an agency: say which."
