"""What ops, auditors, leads and everybody do on pages about the running of it all."""

import csv
import re
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from html import unescape
from urllib.parse import quote

import pytest
import sqlalchemy as sa
from conftest import agency, new, person, send
from consoles import Browser, Console, browsed

from desk.console.page import HERE
from desk.door.door import Door
from ops.history import history
from states.terms import Role
from store import case as cases
from store import delivery, feed, notice, webhook
from store.schema.webhooks import deliveries
from workers.reach import House


@pytest.fixture(scope="module")
async def console(house: House, door: Door) -> AsyncIterator[Console]:
    async with browsed(house, door) as made:
        yield made


class Claimed:
    """A case that mia has claimed; oli of ops and ada the auditor look at it."""

    def __init__(self, house: House, door: Door, console: Console) -> None:
        self.house, self.door, self.console = house, door, console

    async def begin(self) -> "Claimed":
        house = self.house
        (_, self.jan), (self.lotus, self.ann) = await agency(house, "jade"), await agency(house, "lotus")
        self.mia = await person(house, Role.MODERATOR)
        said = {"clause": "agency.poaching", "against": self.lotus, "details": "they wrote to her"}
        self.case = str((await send(self.door, self.jan, "report", **said))["case"])
        await send(self.door, self.mia, "claim", case=self.case)
        self.oli = self.console.browser(await person(house, Role.OPS))
        self.ada = self.console.browser(await person(house, Role.AUDITOR))
        return self

    @property
    def path(self) -> str:
        return f"/ops/cases/{self.case}"

    def status(self) -> str:
        with self.house.engine.connect() as connection:
            found = cases.read(connection, self.case)
        assert found is not None
        return str(found.status)


@pytest.fixture(scope="module")
async def claimed(house: House, door: Door, console: Console) -> Claimed:
    return await Claimed(house, door, console).begin()


async def text(browser: Browser, path: str) -> str:
    page = await browser.get(path)
    assert page.status_code == 200, path
    return unescape(page.text)


async def test_a_search_with_one_hit_leads_straight_there(claimed: Claimed) -> None:
    found = await claimed.oli.get(f"/search?q={claimed.case[:15]}")
    assert (found.status_code, found.headers["Location"]) == (303, f"{HERE}/cases/{claimed.case}")
    led = await claimed.oli.get(f"/cases/{claimed.case}")
    assert led.headers["Location"] == f"{HERE}{claimed.path}"
    assert (await claimed.ada.get(f"/search?q={claimed.mia}")).headers["Location"] == f"{HERE}/people/{claimed.mia}"
    nothing = await text(claimed.oli, "/search?q=<b>nobody")
    assert "Nothing is called <b>nobody" in nothing


async def test_whoever_is_found_is_shown_whatever_their_name(claimed: Claimed, house: House) -> None:
    odd = new("100% ni#k?&")
    with house.engine.begin() as connection:
        feed.person(connection, odd, Role.AGENT, agency=claimed.lotus)
    found = await text(claimed.oli, f"/search?q={quote(odd)}")
    assert f'href="{HERE}/subjects/{claimed.lotus}"' in found, "from an agent one may look for cases, too"
    assert odd in await text(claimed.oli, f"/people/{quote(odd)}")


async def test_a_case_is_drawn_with_where_it_stands_and_without_words(claimed: Claimed) -> None:
    for browser in (claimed.oli, claimed.ada):
        page = await text(browser, claimed.path)
        assert 'class="lanes"' in page
        assert re.search(r'aria-current="step">.*?claimed</li>', page)
        assert "they wrote to her" not in page
        assert "lease ran out" in page


async def test_ops_wake_a_workflow_and_nothing_changes_where_it_missed_nothing(claimed: Claimed) -> None:
    before = await history(claimed.house.client, claimed.case)
    assert "Its workflow reads its rows at once" in await text(claimed.oli, claimed.path)
    sent = await claimed.oli.post(claimed.path, {"do": "look"})
    assert (sent.status_code, sent.headers["Location"]) == (303, f"{HERE}{claimed.path}?done=look")
    after = await history(claimed.house.client, claimed.case)
    assert len(after.looks) == len(before.looks) + 1
    assert claimed.status() == "claimed"


async def test_what_an_auditor_may_not_do_stands_greyed_with_the_reason(claimed: Claimed) -> None:
    page = await text(claimed.ada, claimed.path)
    assert len(re.findall(r"<button disabled>(?:Wake it|Release it)</button><p class=\"hint\">[^<]+</p>", page)) == 2
    assert page.count("Only ops may do this.") == 2, "who never claims is not told that they did not"
    assert f"It waits for the verdict of {claimed.mia}, until" in page
    for said in ({"do": "look"}, {"do": "release", "reasons": "gone"}):
        assert (await claimed.ada.post(claimed.path, said)).status_code in {403, 409}
    assert (await claimed.ada.post("/ops", {"which": "case", "name": claimed.case})).status_code == 403
    assert claimed.status() == "claimed"


async def test_only_what_is_there_is_woken(claimed: Claimed) -> None:
    for which, name, status in (
        ("receiver", new("wh"), 404),
        ("subject", "\0", 422),
        ("case", "report-0", 404),
        ("clock", claimed.case, 422),
    ):
        assert (await claimed.oli.post("/ops", {"which": which, "name": name})).status_code == status
    assert (await claimed.oli.post("/ops", {"which": "subject", "name": claimed.lotus})).status_code == 303


async def test_ops_put_back_what_an_absent_colleague_has_claimed_and_say_why(
    house: House, door: Door, console: Console
) -> None:
    claimed = await Claimed(house, door, console).begin()
    assert f"What {claimed.mia} has claimed goes back" in await text(claimed.oli, claimed.path)
    silent = await claimed.oli.post(claimed.path, {"do": "release", "version": "3"})
    assert (silent.status_code, 'role="alert"' in silent.text, claimed.status()) == (422, True, "claimed")
    stale = await claimed.oli.post(claimed.path, {"do": "release", "version": "2", "reasons": "She is on leave."})
    assert (stale.status_code, "She is on leave." in stale.text, claimed.status()) == (412, True, "claimed")
    assert (await claimed.oli.post(claimed.path, {"do": "release", "version": "3", "reasons": "On leave."})).is_redirect
    assert claimed.status() == "queued"


async def test_a_lead_reads_what_the_own_people_did_and_nobody_elses(claimed: Claimed, console: Console) -> None:
    lead = console.browser(claimed.jan)
    page = await text(lead, f"/people/{claimed.jan}")
    assert claimed.case in page
    assert "Through" not in page
    assert claimed.jan in await text(lead, "/people")
    for other in (claimed.ann, claimed.mia):
        assert (await lead.get(f"/people/{other}")).status_code == 404
    assert "No move on this day" in await text(lead, f"/people/{claimed.jan}?day=2020-01-01")
    for never in ("soon", "0001-01-01", "9999-12-31"):
        assert (await lead.get(f"/people/{claimed.jan}?day={never}")).status_code == 422
    assert "Through" in await text(claimed.ada, f"/people/{claimed.mia}")


async def test_auditors_read_what_was_written_outside_of_cases_and_through_what(claimed: Claimed) -> None:
    page = await text(claimed.ada, "/records?topic=feed&through=engine")
    assert f"agencies/{claimed.lotus}" in page
    assert "Nothing was written so." in await text(claimed.ada, "/records?through=nobody")
    following = re.findall(r'href="/console(/records[^"]+cursor[^"]+)"', page)
    for one in following:
        assert "First page" in await text(claimed.oli, one)


async def test_rules_are_read_by_region_each_value_with_its_origin(claimed: Claimed, console: Console) -> None:
    reader = console.browser(claimed.ann)
    page = await text(reader, "/rules?region=DE&key=reports.quota_per_month")
    assert re.search(r">reports\.quota_per_month</td>.*>30</span></td>.*>base<.*>source document 001<", page)
    assert "Rules in force · " in await text(reader, "/rules")
    assert (await reader.get("/rules?region=XX")).status_code == 404


async def test_what_somebody_chose_holds_on_every_device(claimed: Claimed, console: Console) -> None:
    first = console.browser(claimed.ann)
    said = {"language": "vi", "zone": "Asia/Tokyo", "theme": "dark", "blur": "on"}
    assert (await first.post("/settings", said)).is_redirect
    page = await text(console.browser(claimed.ann, "zh"), "/settings")
    assert '<html lang="vi" data-theme="dark" data-keys="off">' in page
    assert re.findall(r'name="(\w+)" value="on" checked', page) == ["blur"]
    for wrong in ({"zone": "Mars/Olympus"}, {"language": "xx"}, {"theme": "pink"}):
        refused = await first.post("/settings", wrong)
        assert (refused.status_code, 'role="alert"' in refused.text) == (422, True)
    assert "Asia/Tokyo" in re.findall(r"<option selected>([^<]+)", await text(first, "/settings"))


async def test_the_page_of_operation_asks_whether_something_else_is_late(
    claimed: Claimed, house: House, door: Door
) -> None:
    page = await text(claimed.oli, "/ops")
    (pulse,) = re.findall(r'data-news="/console([^"]+)"', page)
    assert (await claimed.oli.get(pulse)).status_code == 204
    receiver = new("wh")
    with house.engine.begin() as connection:
        kept = {"agency": claimed.lotus, "url": "https://a.b/c", "secret": "s", "events": ["case.moved"]}
        webhook.add(connection, kept | {"id": receiver, "created_at": house.clock.now(), "created_by": claimed.ann})
        later = house.clock.now() + timedelta(days=1)
        delivery.post(connection, [{"webhook": receiver, "event": "case.moved", "payload": {}}], later)
    assert (await claimed.oli.get(pulse)).status_code == 204, "who looked a moment ago has looked for all"
    async with browsed(house, door) as later_on:
        assert "news" in (await later_on.browser(await person(house, Role.OPS)).get(pulse)).text
    shown = await text(claimed.ada, "/ops")
    assert re.search(rf"{receiver} · {claimed.lotus}.*waiting to be delivered: 1", shown)
    assert "https://a.b" not in shown
    with house.engine.begin() as connection:
        webhook.remove(connection, receiver, house.clock.now(), "")
    assert receiver not in await text(claimed.ada, "/ops")


async def test_an_incident_tells_its_facts_in_words_and_what_was_given_up_is_sent_again(
    claimed: Claimed, house: House
) -> None:
    receiver, now = new("wh"), house.clock.now()
    kept = {"id": receiver, "agency": claimed.lotus, "url": "https://a.b/c", "secret": "s", "events": ["case.moved"]}
    with house.engine.begin() as connection:
        webhook.add(connection, kept | {"created_at": now, "created_by": claimed.ann})
        delivery.post(connection, [{"webhook": receiver, "event": "case.moved", "payload": {}}], now)
        (given_up,) = [row["id"] for row in delivery.page(connection, receiver).rows]
        connection.execute(
            sa.update(deliveries).where(deliveries.c.id == given_up).values(given_up_at=now, next_at=None)
        )
        facts = {"webhook": receiver, "delivery": given_up, "answer": None, "removed": False}
        notice.raise_incident(connection, "webhook_given_up", now, subject=claimed.lotus, facts=facts)
        refused = {"key": "k-1", "restrictions": ["pk", "live"], "answer": "422: no"}
        notice.raise_incident(connection, "platform_refused", now, subject=claimed.lotus, facts=refused)
        broken = {"version": "3f2a71", "subject": claimed.lotus, "error": "LookupError"}
        for kind in ("rollout_broken", "rollout_stopped"):
            notice.raise_incident(connection, kind, now, subject=claimed.lotus, facts=broken)
        failing = {"version": "3f2a71", "moves": 3, "error": "LookupError"}
        notice.raise_incident(connection, "rollout_failing", now, facts=failing)
    page = await claimed.oli.get("/ops", **{"Accept-Language": "vi"})
    seen = " ".join(unescape(re.sub(r"<[^>]+>", "", page.text)).split())
    for fact in (f"bên nhận: {receiver}", f"lượt gửi: {given_up}", "đã xóa bên nhận: không", "hạn chế: PK, LIVE"):
        assert fact in seen
    assert "nội dung phản hồi: 422: no" in seen
    assert "phiên bản: 3f2a71" in seen
    assert "incident." not in seen
    said = {"do": "replay", "webhook": receiver, "delivery": given_up, "key": new("key")}
    assert "goes to the receiver as a new delivery" in await text(claimed.oli, "/ops")
    assert (await claimed.ada.post("/ops", said)).status_code == 403
    for _ in range(2):  # once, though it is sent twice
        assert (await claimed.oli.post("/ops", said)).headers["Location"] == f"{HERE}/ops?woken=sent"
    with house.engine.begin() as connection:
        again = delivery.page(connection, receiver).rows
        webhook.remove(connection, receiver, now, "")
    assert [row["replay_of"] for row in again] == [given_up, None]
    assert (await claimed.oli.post("/ops", said | {"delivery": "dl-0", "key": new("key")})).status_code == 404


async def test_a_case_leads_to_its_workflow_where_temporal_s_pages_are_known(claimed: Claimed) -> None:
    service = claimed.console.service
    assert service.temporal_page(claimed.case) is None
    shown = replace(service, temporal_pages="https://temporal.example/ui/")
    assert (
        shown.temporal_page("a/b") == f"https://temporal.example/ui/namespaces/{shown.client.namespace}/workflows/a%2Fb"
    )


@pytest.mark.parametrize("said", ["%00", "%ff", "x" * 5000, "%F0%9F%98%80", "'%22%3E%3Cscript%3E"])
async def test_whatever_is_asked_is_answered(claimed: Claimed, said: str) -> None:
    for path in (
        "/search?q=",
        "/records?topic=",
        "/records?through=",
        "/rules?key=",
        "/rules?version=",
        "/rules?region=",
    ):
        page = await claimed.ada.get(path + said)
        assert page.status_code < 500, path
        assert "<script>" not in page.text
    for path in ("/people?cursor=", "/records?cursor=", "/ops?cursor=", "/people/", "/ops/cases/"):
        assert (await claimed.ada.get(path + said)).status_code in {400, 404, 414, 422}, path


async def test_a_month_is_read_and_taken_along_as_a_table(claimed: Claimed, door: Door) -> None:
    said = {"clause": "agency.poaching", "against": claimed.lotus, "details": "again"}
    case = (await send(door, claimed.jan, "report", **said))["case"]
    await send(door, claimed.mia, "claim", case=case)
    await send(door, claimed.mia, "decide", case=case, finding="none", reasons="it was not")
    led = (await claimed.ada.get("/figures")).headers["Location"].removeprefix(HERE)
    page = await text(claimed.ada, led)
    assert re.search(rf'people/{claimed.mia}" translate="no">[^<]+</a></th><td class="number">1</td>', page)
    assert "agency.poaching" in page
    sheet = await claimed.oli.get(f"{led}/csv")
    assert sheet.headers["Content-Disposition"] == f'attachment; filename="figures-{led[-7:]}.csv"'
    rows = {(row["by"], row["key"]): row for row in csv.DictReader(sheet.text.splitlines())}
    theirs = rows["moderator", claimed.mia]
    assert (theirs["decided"], theirs["none"], theirs["hours_median"]) == ("1", "1", "0.0")
    assert "No verdict took force in" in await text(claimed.oli, "/figures/2025-01")
    assert [(await claimed.oli.get(f"/figures/{month}")).status_code for month in ("2025-13", "1825-01")] == [422, 422]
    mia = claimed.console.browser(claimed.mia)
    assert [(await mia.get(path)).status_code for path in (led, f"{led}/csv")] == [403, 403]
