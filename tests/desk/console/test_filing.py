"""What parties do in the console: report, keep drafts, bring files, appeal, answer, withdraw; and what they read."""

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from html import unescape
from typing import Any
from urllib.parse import quote, quote_plus

import files
import httpx
import pytest
from conftest import agency, feeding, new, person, send
from consoles import ORIGIN, Browser, Console, browsed, hidden
from sockets import connected, head

from desk.console.page import HERE
from desk.console.routes import RULES
from desk.door.door import Door
from desk.evidence.keep import MEGABYTE
from desk.identity.sessions import csrf_token
from desk.serving.serve import listening
from states.situation import Actor
from states.terms import Role
from store import notice, party
from workers.reach import House

PICTURE, CLIP = files.picture("PNG", size=(40, 30)), files.video("mp4", "mpeg4")
RULE = "agency.poaching"
YEAR = timedelta(days=365)


@dataclass
class Town:
    """Jan of jade reports lotus, whose owner is ann; mia and sam review. `browsers` are in English."""

    house: House
    door: Door
    console: Console
    people: dict[str, str]

    def browser(self, name: str, language: str = "en") -> Browser:
        return self.console.browser(self.people[name], language)

    async def reported(self, **more: object) -> str:
        said = {"clause": RULE, "against": self.people["lotus"], "details": "Họ hứa một căn nhà."}
        return str((await send(self.door, self.people["jan"], "report", **said, **more))["case"])

    async def decided(self, finding: str = "violation") -> str:
        case, mia = await self.reported(), self.people["mia"]
        await send(self.door, mia, "claim", case=case)
        more = {"severity": "mild"} if finding == "violation" else {}
        await send(self.door, mia, "decide", case=case, finding=finding, reasons="The messages prove it.", **more)
        return case


@pytest.fixture(scope="module")
async def town(house: House, door: Door) -> AsyncIterator[Town]:
    (jade, jan), (lotus, ann) = await agency(house, "jade"), await agency(house, "lotus")
    people = {"jade": jade, "jan": jan, "lotus": lotus, "ann": ann}
    people |= {"mia": await person(house, Role.MODERATOR), "sam": await person(house, Role.SENIOR_MODERATOR)}
    people |= {"leo": await person(house, Role.AGENT, jade), "lin": await person(house, Role.TEAM_LEAD, jade)}
    async with browsed(house, door) as console:
        yield Town(house, door, console, people)


def actor_of(house: House, name: str) -> Actor:
    with house.engine.connect() as connection:
        found = party.actor(connection, name)
    assert found is not None
    return found


async def bring(
    browser: Browser, path: str, said: dict[str, str], *brought: tuple[str, bytes], **headers: str
) -> httpx.Response:
    """A form with files, as a browser sends it: its fields first, and the button that was pressed last."""
    do = said.pop("do", "")
    fields = {"csrf": csrf_token(browser.token or ""), "key": new("key"), **said}
    parts: list[tuple[str, Any]] = [(name, (None, value.encode())) for name, value in fields.items()]
    parts += [("files", (name, content, "application/octet-stream")) for name, content in brought]
    parts += [("do", (None, do.encode()))]
    return await browser.client.post(HERE + path, files=parts, headers={"Origin": ORIGIN} | headers)


def carried(page: httpx.Response) -> list[str]:
    return re.findall(r'name="evidence" value="([^"]+)"', page.text)


def problem(page: httpx.Response, field: str) -> str:
    found = re.search(rf'id="{field}-problem" role="alert">(.*?)</p>', page.text)
    return unescape(found[1]) if found else ""


def case_of(answer: httpx.Response) -> str:
    assert (answer.status_code, answer.headers["Location"].rpartition("/")[0]) == (303, f"{HERE}/cases"), answer.text
    return answer.headers["Location"].rpartition("/")[2]


async def test_a_report_is_filed_once_with_its_files_without_a_script(town: Town) -> None:
    jan, key = town.browser("jan"), new("key")
    blank = await jan.get("/reports/new")
    assert blank.status_code == 200
    said = {"key": key, "clause": RULE, "against": town.people["lotus"], "occurred": "2026-11-20T18:44"}
    said |= {"about": "", "details": "Chúng tôi thấy <b>tin nhắn</b>."}
    first = await bring(jan, "/reports/new", said | {"do": "send"}, ("ảnh.png", PICTURE), ("clip.mp4", CLIP))
    again = await bring(jan, "/reports/new", said | {"do": "send"}, ("ảnh.png", PICTURE), ("clip.mp4", CLIP))
    case = case_of(first)
    assert case_of(again) == case
    page = await jan.get(f"/cases/{case}")
    assert "Chúng tôi thấy &lt;b&gt;tin nhắn&lt;/b&gt;." in page.text
    assert ("ảnh.png" in page.text, "clip.mp4" in page.text) == (True, True)
    seen = town.console.service.dossiers.open(actor_of(town.house, town.people["jan"]), case)
    assert [file.name for file in seen.evidence] == ["ảnh.png", "clip.mp4"]
    assert seen.case["occurred_at"].isoformat() == "2026-11-20T11:44:00+00:00"  # the agency's zone is seven hours ahead


async def test_what_is_refused_comes_back_at_its_field_with_every_word(town: Town) -> None:
    jan, key = town.browser("jan"), new("key")
    said = {"key": key, "clause": RULE, "against": "nobody-here", "about": "kim\ntom", "details": "A & B <i>"}
    page = await bring(jan, "/reports/new", said | {"do": "send"}, ("a.png", PICTURE))
    assert (page.status_code, hidden(page, "key")[-1]) == (422, key)
    assert "nobody-here" in problem(page, "against")
    assert "`" not in problem(page, "against")
    assert ("A &amp; B &lt;i&gt;</textarea>" in page.text, "kim\ntom</textarea>" in page.text) == (True, True)
    assert len(carried(page)) == 1
    said |= {"against": town.people["lotus"], "about": "", "evidence": carried(page)[0]}
    case = case_of(await bring(jan, "/reports/new", said | {"do": "send"}))
    assert "a.png" in (await jan.get(f"/cases/{case}")).text

    for wrong, field in (
        ({"details": ""}, "details"),
        ({"clause": "no.such"}, "clause"),
        ({"clause": "content.gambling"}, "clause"),
        ({"occurred": "x"}, "occurred"),
    ):
        page = await bring(jan, "/reports/new", said | {"key": new("key"), "evidence": ""} | wrong | {"do": "send"})
        assert (page.status_code, bool(problem(page, field))) == (422, True), wrong
        assert "content.gambling" not in problem(page, field), "a rule is called by its title"


@pytest.mark.parametrize(
    ("name", "content"),
    [("page.html", b"<script>alert(1)</script>" * 40), ("a.png", PICTURE[:60] + b"x" * 900), ("long.png", b"")],
)
async def test_a_file_that_is_none_of_the_kinds_leaves_the_form_and_the_other_files(
    town: Town, name: str, content: bytes
) -> None:
    jan = town.browser("jan")
    said = {"clause": RULE, "against": town.people["lotus"], "details": "as it was", "do": "send"}
    page = await bring(jan, "/reports/new", said, ("good.png", PICTURE), (name, content or b"x" * (51 * MEGABYTE)))
    assert page.status_code in {413, 422}
    assert ("as it was" in page.text, len(carried(page)), bool(problem(page, "files"))) == (True, 1, True)


async def test_a_form_with_files_must_be_ours(town: Town) -> None:
    jan = town.browser("jan")
    for said, headers in (({"csrf": "wrong"}, {}), ({}, {"Origin": "https://else.where"})):
        page = await bring(jan, "/reports/new", said | {"details": "x", "do": "bring"}, ("a.png", PICTURE), **headers)
        assert (page.status_code, carried(page)) == (403, [])


async def test_a_body_that_is_no_form_is_refused(town: Town) -> None:
    jan = town.browser("jan")
    headers = {"Origin": ORIGIN, "Content-Type": "multipart/form-data; boundary=b"}
    for body in (
        b"",
        b"no form",
        b'--b\r\nContent-Disposition: form-data; name="csrf"\r\n\r\nx',
        b"--b\r\nbad\r\n\r\n\xff",
    ):
        answer = await jan.client.post(f"{HERE}/reports/new", content=body, headers=headers)
        assert answer.status_code == 422, body
    many = b"".join(b'--b\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n' for _ in range(300)) + b"--b--\r\n"
    assert (await jan.client.post(f"{HERE}/reports/new", content=many, headers=headers)).status_code == 422


async def test_a_draft_is_kept_written_on_and_gone_once_it_is_filed(town: Town) -> None:
    jan, lin, key = town.browser("jan"), town.browser("lin"), new("key & name")
    address = f"/reports/new?draft={quote_plus(key)}"
    said = {"key": key, "against": town.people["lotus"], "details": "half of it"}
    kept = await bring(jan, "/reports/new", said | {"do": "keep"}, ("a.png", PICTURE))
    assert (kept.status_code, kept.headers["Location"]) == (303, HERE + address)
    again = await jan.get(address)
    assert ("half of it" in again.text, unescape(hidden(again, "key")[-1]), len(carried(again))) == (True, key, 1)
    assert quote(key) in (await jan.get("/reports")).text
    assert quote(key) not in (await lin.get("/reports")).text
    assert (await lin.get(address)).status_code == 404
    whole = said | {"clause": RULE, "details": "all of it", "evidence": carried(again)[0], "do": "send"}
    case_of(await bring(jan, "/reports/new", whole))
    assert (await jan.get(address)).status_code == 404

    await bring(jan, "/reports/new", {"key": key, "details": "again", "do": "keep"})
    dropped = await bring(jan, "/reports/new", {"key": key, "do": "drop"})
    assert dropped.headers["Location"] == f"{HERE}/reports"
    assert (await jan.get(address)).status_code == 404


async def test_a_quota_that_is_used_up_says_when_it_opens(house: House, door: Door, town: Town) -> None:
    _, ida = await agency(house, "iris")
    quota = town.console.service.filings.of(actor_of(house, ida)).quota
    assert quota is not None
    said = {"clause": RULE, "against": town.people["lotus"], "details": "one of many"}
    for _ in range(quota.limit):
        await send(door, ida, "report", **said)
    browser = town.console.browser(ida)
    for path in ("/reports", "/reports/new"):
        page = (await browser.get(path)).text
        assert re.search(r"opens \d", page), path
    assert f'{HERE}/reports/new"' not in (await browser.get("/reports")).text
    assert (await browser.post("/reports/new", said | {"do": "send"})).status_code == 409


async def test_reports_are_listed_by_agent_creator_and_stage(town: Town) -> None:
    case = await town.reported()
    jan = town.browser("jan")
    for query, there in (
        ("", True),
        (f"?agent={town.people['jan']}", True),
        (f"?agent={town.people['leo']}", False),
        ("?creator=nobody", False),
        ("?stage=under_review", True),
        ("?stage=closed", False),
        ("?tab=against", False),
        ("?tab=appeals", False),
        ("?tab=x&stage=y&creator=%3Cscript%3E", False),
    ):
        page = await jan.get(f"/reports{query}")
        assert (page.status_code, case in page.text) == (200, there), query
        assert "<script>" not in page.text
    assert case in (await town.browser("ann").get("/reports?tab=against")).text
    (asked,) = re.findall(r'data-news="/console([^"]*)"', unescape((await jan.get("/reports?stage=under_review")).text))
    assert (await jan.get(asked)).status_code == 204
    await send(town.door, town.people["jan"], "withdraw", case=case)
    assert (await jan.get(asked)).status_code == 200
    assert case not in (await town.browser("leo").get("/reports")).text


@pytest.fixture
async def next_year(house: House) -> AsyncIterator[Console]:
    """The same pages, when every window is over."""
    later = Door(house.engine, house.client, house.key, house.settings.task_queue, lambda: house.clock.now() + YEAR)
    async with later, browsed(house, later) as console:
        yield console


async def test_the_appeal_button_is_there_greyed_or_absent(town: Town, next_year: Console) -> None:
    """Held before the verdict, with the time that is left after it, greyed when that is over; the reporter has none."""
    ann, jan = town.browser("ann"), town.browser("jan")
    waiting, decided = await town.reported(), await town.decided()
    held, there = (await ann.get(f"/cases/{waiting}")).text, (await ann.get(f"/cases/{decided}")).text
    assert f'href="{HERE}/appeals/new?of={waiting}"' in held
    assert f'href="{HERE}/appeals/new?of={decided}"' in there
    assert re.search(r"until \d+ \w+ *\d* · <time [^>]*>in \d+ (days|weeks|month)", there)
    greyed = (await next_year.browser(town.people["ann"]).get(f"/cases/{decided}")).text
    assert ("appeals/new" in greyed, 'aria-disabled="true"' in greyed) == (False, True)
    assert re.search(r"The window for an appeal ended on \d+ \w+", greyed)
    history = f"/subjects/{town.people['lotus']}/verdicts"
    rows = (await ann.get(history)).text
    assert (f'{HERE}/appeals/new?of={decided}"' in rows, 'aria-disabled="true"' in rows) == (True, False)
    assert re.search(r"until \d+ \w+ *\d* · <time [^>]*>in \d+ (days|weeks|month)", rows)
    over = (await next_year.browser(town.people["ann"]).get(history)).text
    assert ("appeals/new" in over, "The window for an appeal ended on" in over) == (False, True)
    assert "appeals/new" not in (await town.browser("mia").get(history)).text  # staff appeal nothing
    for absent in (await jan.get(f"/cases/{decided}"), await jan.get(f"/cases/{waiting}")):
        assert ("appeals/new" in absent.text, 'aria-disabled="true"' in absent.text) == (False, False)
    closed = await next_year.browser(town.people["ann"]).get(f"/appeals/new?of={decided}")
    assert ("The window is over." in closed.text, 'value="send" disabled' in closed.text) == (True, True)


async def test_an_appeal_is_kept_filed_and_withdrawn(town: Town) -> None:
    ann, case, key = town.browser("ann"), await town.decided(), new("key")
    said = {"key": key, "of": case, "grounds": "They were friends before."}
    blank = await ann.get(f"/appeals/new?of={case}")
    assert "The messages prove it." in blank.text
    kept = await bring(ann, f"/appeals/new?of={case}", said | {"do": "keep"})
    assert kept.headers["Location"] == f"{HERE}/appeals/new?of={case}"
    assert hidden(await ann.get(f"/appeals/new?of={case}"), "key")[-1] == key
    assert f"of={case}" in (await ann.get("/reports?tab=appeals")).text
    refused = await bring(ann, f"/appeals/new?of={case}", said | {"grounds": " ", "do": "send"})
    assert (refused.status_code, bool(problem(refused, "grounds"))) == (422, True)
    appeal = case_of(await bring(ann, f"/appeals/new?of={case}", said | {"do": "send"}, ("a.png", PICTURE)))
    page = (await ann.get(f"/cases/{appeal}")).text
    assert ("They were friends before." in page, "a.png" in page, "Withdraw" in page) == (True, True, True)
    assert "appeals/new" not in (await ann.get(f"/cases/{case}")).text
    once = await ann.post("/appeals/new", {"of": case, "grounds": "once more", "do": "send"})
    assert (once.status_code, "once more" in once.text) == (409, True)
    assert case_of(await ann.post(f"/cases/{appeal}", {"do": "withdraw"})) == appeal
    assert "withdrawn" in (await ann.get(f"/cases/{appeal}")).text
    assert f"appeals/new?of={case}" in (await ann.get(f"/cases/{case}")).text


async def test_a_question_is_answered_with_a_file(town: Town) -> None:
    ann, jan, case = town.browser("ann"), town.browser("jan"), await town.reported()
    await send(town.door, town.people["mia"], "claim", case=case)
    await send(town.door, town.people["mia"], "ask", case=case, to="respondent", question="Who is <kim>?")
    page = await ann.get(f"/cases/{case}")
    assert ("Who is &lt;kim&gt;?" in page.text, "answer by" in page.text) == (True, True)
    assert "Who is" not in (await jan.get(f"/cases/{case}")).text
    refused = await bring(ann, f"/cases/{case}", {"text": "", "do": "answer"}, ("a.png", PICTURE))
    assert (refused.status_code, bool(problem(refused, "text")), len(carried(refused))) == (422, True, 1)
    said = {"text": "Nobody of ours.", "evidence": carried(refused)[0], "do": "answer"}
    assert case_of(await bring(ann, f"/cases/{case}", said)) == case
    after = (await ann.get(f"/cases/{case}")).text
    assert ("Nobody of ours." in after, "a.png" in after, 'id="answer"' in after) == (True, True, False)
    late = await ann.post(f"/cases/{case}", {"text": "too late", "do": "answer"})
    assert (late.status_code, "too late" in late.text) == (409, True)
    assert (await jan.post(f"/cases/{case}", {"do": "decide"})).status_code == 422


async def test_nobody_gets_a_page_of_somebody_else_s_case(town: Town) -> None:
    case, leo = await town.reported(), town.browser("leo")
    for path in (f"/cases/{case}", f"/appeals/new?of={case}", "/cases/report-0"):
        assert (await leo.get(path)).status_code == 404, path
    assert (await leo.post(f"/cases/{case}", {"do": "withdraw"})).status_code == 404
    assert (await leo.post("/appeals/new", {"of": case, "grounds": "x", "do": "send"})).status_code == 404


async def test_what_is_new_among_notices_is_marked_once(town: Town) -> None:
    case, ann = await town.decided(), town.browser("ann", "vi")
    first, second = await ann.get("/notices"), await ann.get("/notices")
    assert (f"cases/{case}" in first.text, ">mới<" in first.text) == (True, True)
    assert (f"cases/{case}" in second.text, ">mới<" in second.text) == (True, False)
    await town.decided()
    assert (await ann.get("/notices")).text.count(">mới<") == 1


async def test_the_pages_after_the_first_mark_the_same_notices_as_new(town: Town, house: House) -> None:
    case, (_, elm) = await town.decided(), await agency(house, "elm")
    told = {"recipient": elm, "case": case, "template": "report.received", "values": {}}
    start = house.clock.now() - timedelta(days=1)
    with feeding(house) as connection:
        notice.send(connection, [told | {"at": start + timedelta(minutes=n)} for n in range(60)])
        notice.read(connection, elm, start + timedelta(minutes=4))
    browser = town.console.browser(elm)
    first = await browser.get("/notices")
    (older,) = re.findall(r'href="/console(/notices[^"]*cursor[^"]*)"', first.text)
    second = await browser.get(unescape(older))
    assert [page.text.count(">new<") for page in (first, second)] == [50, 5]
    assert (await browser.get("/notices")).text.count(">new<") == 0
    assert (await browser.get(f"{older.partition('&')[0]}&before=yesterday")).status_code == 422


async def test_a_session_that_ends_over_a_form_with_files_keeps_its_words(town: Town) -> None:
    """What was to be sent with its files is shown again, since it lacks them; without files it can be sent."""
    stranger, said = town.console.browser(), {"clause": RULE, "details": "what was typed", "do": "send"}
    led = await bring(stranger, "/reports/new", dict(said), ("a.png", PICTURE))
    assert led.status_code == 401
    assert {"details=what+was+typed", "do=bring"} <= set(hidden(led, "carried"))
    led = await bring(stranger, "/reports/new", said, ("", b""))  # as browsers send that no file was chosen
    assert {"details=what+was+typed", "do=send"} <= set(hidden(led, "carried"))


WITH_FILES = [rule.path for rule in RULES if rule.files]


@pytest.mark.parametrize("path", WITH_FILES)
async def test_of_somebody_who_is_not_logged_in_no_file_is_read(town: Town, path: str) -> None:
    """The answer is there once the first file begins, of fifty megabytes; and nothing more is waited for."""
    begins = (
        '--x\r\nContent-Disposition: form-data; name="details"\r\n\r\nwhat was typed\r\n'
        '--x\r\nContent-Disposition: form-data; name="files"; filename="a.mp4"\r\n\r\n'
    )
    more = [f"Origin: {ORIGIN}", "Content-Type: multipart/form-data; boundary=x", f"Content-Length: {50 * MEGABYTE}"]
    async with listening(town.console.app, "127.0.0.1", 0) as url, connected(url) as (one,):
        lines = head("POST", HERE + path.replace("{case}", "report-0"), *more)
        answer = await one.ask(*lines, body=begins.encode() + bytes(1024))
        assert (answer.status, answer.headers["connection"]) == (401, "close")
        assert b"details=what+was+typed" in answer.body
        await one.closed()
