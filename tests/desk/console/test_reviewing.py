"""What reviewers do in the console, by its forms alone: so it works without script."""

import asyncio
import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
from conftest import agency, new, person, send
from consoles import Browser, Console, browsed, hidden

from desk.console.page import HERE
from desk.door.door import Door
from states.terms import Role
from store.schema.identity import sessions
from workers.reach import House

WORDS = "The messages of 12 November show it, <b>twice</b>.\nLời & 话"
MILD = {"do": "decide", "finding": "violation", "severity": "mild", "reasons": WORDS}


class Desk:
    """Jan of jade reports lotus; mia and max review, sam and sue are seniors."""

    def __init__(self, house: House, door: Door, console: Console) -> None:
        self.house, self.door, self.console = house, door, console
        self.people: dict[str, str] = {}

    async def begin(self) -> None:
        (_, jan), (self.lotus, ann) = await agency(self.house, "jade"), await agency(self.house, "lotus")
        staff = {"mia": Role.MODERATOR, "max": Role.MODERATOR, "sam": Role.SENIOR_MODERATOR}
        staff["sue"] = Role.SENIOR_MODERATOR
        self.people = {name: await person(self.house, role) for name, role in staff.items()} | {"jan": jan, "ann": ann}

    def browser(self, name: str) -> Browser:
        return self.console.browser(self.people[name])

    async def does(self, name: str, verb: str, **said: Any) -> str:
        return str((await send(self.door, self.people[name], verb, **said))["case"])

    async def report(self, **said: Any) -> str:
        told = {"clause": "agency.poaching", "against": self.lotus, "details": "they poached"} | said
        return await self.does("jan", "report", **told)

    async def claimed(self, by: str = "mia") -> tuple[Browser, str]:
        case = await self.report()
        await self.does(by, "claim", case=case)
        return self.browser(by), f"/cases/{case}"


@pytest.fixture(scope="module")
async def desk(house: House, door: Door) -> AsyncIterator[Desk]:
    async with browsed(house, door) as console:
        made = Desk(house, door, console)
        await made.begin()
        yield made


def told(page: httpx.Response) -> str:
    return unescape(page.text)


async def looked(browser: Browser, path: str, said: dict[str, str]) -> dict[str, str]:
    """What a form says once its preview was seen."""
    page = await browser.post(path, said)
    assert page.status_code == 200, told(page)
    (basis,) = hidden(page, "basis")
    return said | {"basis": basis, "version": hidden(page, "version")[0]}


async def test_nothing_is_decided_before_its_preview_was_seen(desk: Desk) -> None:
    browser, path = await desk.claimed()
    assert "Choose a finding" in told(await browser.get(path))
    page = await browser.post(path, MILD)
    assert " → " in told(page)
    assert WORDS in told(page)
    assert '<textarea id="reasons"' in page.text
    assert "yours" in told(await browser.get(path))
    done = await browser.post(path, await looked(browser, path, MILD) | {"then": "stay"})
    assert (done.status_code, done.headers["Location"]) == (303, HERE + path)
    assert WORDS in told(await browser.get(path))


async def test_a_changed_basis_shows_the_new_preview_and_keeps_the_words(desk: Desk) -> None:
    browser, path = await desk.claimed()
    seen = await looked(browser, path, MILD)
    other = await desk.report()
    await desk.does("max", "claim", case=other)
    await desk.does("max", "decide", case=other, finding="violation", severity="mild", reasons="another")
    page = await browser.post(path, seen)
    assert page.status_code == 412
    assert 'role="alert"' in page.text
    assert WORDS in told(page)
    (basis,) = hidden(page, "basis")
    assert basis != seen["basis"]
    assert (await browser.post(path, seen | {"basis": basis})).status_code == 303


async def test_a_gap_that_was_left_is_refused_at_the_form(desk: Desk) -> None:
    browser, path = await desk.claimed()
    left = "On [[day]] they wrote."
    page = await browser.post(path, await looked(browser, path, MILD | {"reasons": left}))
    assert page.status_code == 422
    assert "Fill in [[day]] first" in told(page)
    assert left in told(page)


async def test_next_claims_the_case_that_fits_the_last_filter(desk: Desk) -> None:
    first, wanted = await desk.report(), await desk.report(clause="agency.multi_account")
    browser = desk.browser("sue")
    filtered = await browser.get("/queue?clause=agency.multi_account&sort=-filed")
    assert wanted in filtered.text
    assert first not in filtered.text
    assert wanted in (await browser.get("/queue")).text, "the filter stays"
    taken = await browser.post("/queue")
    assert taken.headers["Location"].startswith(f"{HERE}/cases/")
    assert "Multiple accounts" in told(await browser.get(taken.headers["Location"].removeprefix(HERE)))
    assert taken.headers["Location"].rpartition("/")[2] in (await browser.get("/mine")).text
    await desk.report()
    await browser.get(f"/queue?region=VN&respondent={new('nobody')}")
    nothing = await browser.post("/queue")
    assert (nothing.status_code, "Nothing fits the filter" in told(nothing)) == (404, True)
    assert re.search(r"\d+\+? cases? (?:is|are) hidden by: “respondent”\.", told(nothing))


async def test_who_reads_all_languages_chooses_one_of_those_that_wait(desk: Desk) -> None:
    await desk.report(language="vi")
    await desk.report(language="zh-Hans")
    page = await desk.browser("sue").get("/queue?language=zh")
    offered = re.findall(
        r'<option value="([^"]*)"', page.text.partition('name="language"')[2].partition("</select>")[0]
    )
    assert {"vi", "zh-Hans"} <= set(offered)


async def test_decide_and_next_leads_to_the_next_case_claimed(desk: Desk) -> None:
    browser, path = await desk.claimed("max")
    await desk.report()
    done = await browser.post(path, await looked(browser, path, MILD) | {"then": "next", "key": new("key")})
    assert done.status_code == 303
    assert done.headers["Location"] != HERE + path
    assert "yours" in told(await browser.get(done.headers["Location"].removeprefix(HERE)))


async def test_two_who_claim_at_once_get_the_case_and_a_sentence(desk: Desk) -> None:
    case = await desk.report()
    both = [desk.browser(name).post(f"/cases/{case}", {"do": "claim"}) for name in ("mia", "max")]
    answers = await asyncio.gather(*both)
    assert sorted(one.status_code for one in answers) == [303, 409]
    assert "Somebody has already claimed this case" in told(next(one for one in answers if one.status_code == 409))


async def test_a_second_vote_shows_what_both_answers_do(desk: Desk) -> None:
    browser, path = await desk.claimed()
    proposed = await looked(browser, path, MILD | {"severity": "severe"})
    assert "Needs a second vote" in told(await browser.post(path, MILD | {"severity": "severe"}))
    assert (await browser.post(path, proposed | {"then": "stay"})).status_code == 303
    assert "p</kbd>" not in (await browser.get(path)).text, "who proposed it has no vote"
    sam = desk.browser("sam")
    assert path.rpartition("/")[2] in (await sam.get("/votes")).text
    page = await sam.get(path)
    (approving,), (rejecting,) = hidden(page, "basis.approve"), hidden(page, "basis.reject")
    assert approving != rejecting
    assert WORDS in told(page)
    said = {"reasons": "so it is", "basis.approve": approving, "basis.reject": rejecting}
    voted = await sam.post(path, said | {"do": "approve", "version": hidden(page, "version")[0]})
    assert (voted.status_code, voted.headers["Location"]) == (303, f"{HERE}/votes?done={path.rpartition('/')[2]}")


async def test_a_case_says_in_one_sentence_for_whom_it_waits_and_until_when(desk: Desk) -> None:
    async def waits(who: str, case: str) -> list[tuple[str, str]]:
        page = " ".join(told(await desk.browser(who).get(f"/cases/{case}")).split())
        return re.findall(r"(It waits for [^<]*?)(, until [^<]*)?\.</(?:p|span)>", page)

    case = await desk.report()
    assert [(one, bool(end)) for one, end in await waits("mia", case)] == [("It waits for a moderator", True)]
    assert [(one, bool(end)) for one, end in await waits("ann", case)] == [("It waits for a moderator", False)]
    await desk.does("mia", "claim", case=case)
    assert await waits("mia", case) == [], "it is hers, and the clock of her claim is there"
    assert (await waits("max", case))[0][0] == f"It waits for the verdict of {desk.people['mia']}"
    assert await waits("ann", case) == [("It waits for the verdict of a reviewer", "")]
    await desk.does("mia", "ask", case=case, to="respondent", question="Was it so?")
    for who, end in (("mia", True), ("ann", True), ("jan", False)):
        assert [(one, bool(by)) for one, by in await waits(who, case)] == [
            ("It waits for an answer of the respondent", end)
        ]
    await desk.does("ann", "answer", case=case, text="It was not.")
    await desk.does("mia", "claim", case=case)
    await desk.does("mia", "decide", case=case, finding="violation", severity="severe", reasons=WORDS)
    assert (await waits("mia", case))[0][0].startswith("It waits for the second vote of a senior moderator")
    assert await waits("ann", case) == [("It waits for the verdict of a reviewer", "")], "parties don't read of votes"
    await desk.does("sam", "approve", case=case, reasons=WORDS)
    for who in ("mia", "ann"):
        assert [(one, bool(end)) for one, end in await waits(who, case)] == [("It waits for an appeal", True)]
    appeal = await desk.does("ann", "appeal", of=case, grounds="it was not so")
    assert await waits("ann", case) == [("It waits for what its appeal comes to", "")]
    assert (await waits("jan", appeal), (await waits("ann", appeal))[0][0]) == ([], "It waits for a senior moderator")


async def test_keys_are_named_to_whoever_has_some(desk: Desk) -> None:
    for who, there in (("mia", True), ("sam", True), ("ann", False)):
        assert ('data-key="?"' in told(await desk.browser(who).get("/settings"))) is there


async def test_a_grave_act_asks_for_the_second_factor_and_keeps_what_was_said(desk: Desk) -> None:
    _, path = await desk.claimed()
    stale = desk.console.browser(desk.people["mia"], factor_shown_ago=timedelta(hours=1))
    asked = await stale.post(path, await looked(stale, path, MILD | {"severity": "severe"}))
    assert asked.status_code == 403
    assert any("severe" in one for one in hidden(asked, "carried"))


async def test_an_appeal_stands_beside_its_verdict_and_says_what_overturning_does(desk: Desk) -> None:
    report = await desk.report()
    await desk.does("mia", "claim", case=report)
    await desk.does("mia", "decide", case=report, finding="violation", severity="mild", reasons=WORDS)
    appeal = await desk.does("ann", "appeal", of=report, grounds="the appeal's grounds")
    await desk.does("sam", "claim", case=appeal)
    page = told(await desk.browser("sam").get(f"/cases/{appeal}"))
    for words in ("they poached", "the appeal's grounds", WORDS, "If overturned"):
        assert words in page
    assert re.findall(r'name="(?:outcome|severity)" value="(\w+)"', page) == ["upheld", "overturned"], "none is milder"


async def test_an_appeal_can_make_a_verdict_only_milder(desk: Desk) -> None:
    report = await desk.report()
    await desk.does("mia", "claim", case=report)
    await desk.does("mia", "decide", case=report, finding="violation", severity="moderate", reasons=WORDS)
    appeal = await desk.does("ann", "appeal", of=report, grounds="the appeal's grounds")
    await desk.does("sam", "claim", case=appeal)
    sam, path = desk.browser("sam"), f"/cases/{appeal}"
    page = told(await sam.get(path))
    offered = re.findall(r'name="(?:outcome|severity)" value="(\w+)"', page)
    assert offered == ["upheld", "modified", "overturned", "mild"]
    wish = {"do": "decide", "outcome": "modified", "reasons": WORDS}
    assert "“severity” can only be lowered" in told(await sam.post(path, wish | {"severity": "severe"}))


async def test_what_others_have_stands_greyed_with_the_reason(desk: Desk) -> None:
    _, path = await desk.claimed()
    page = await desk.browser("max").get(path)
    assert 'data-key="c"' not in page.text
    assert "disabled" in page.text
    assert 'name="finding"' not in page.text


async def test_news_say_what_moved_and_who_and_keep_no_session_alive(desk: Desk) -> None:
    browser, path = await desk.claimed()
    page = await browser.get(path)
    version = hidden(page, "version")[0]
    ago = datetime.now(UTC) - timedelta(minutes=20)
    with desk.house.engine.begin() as connection:
        connection.execute(sa.update(sessions).where(sessions.c.person == desk.people["mia"]).values(seen_at=ago))
    assert (await browser.get(f"{path}/pulse?version={version}")).status_code == 204
    await desk.does("max", "note", case=path.rpartition("/")[2], text="look")
    news = await browser.get(f"{path}/pulse?version={version}")
    assert f"noted, by {desk.people['max']}" in told(news)
    with desk.house.engine.connect() as connection:
        seen = connection.execute(
            sa.select(sessions.c.seen_at).where(sessions.c.person == desk.people["mia"]).order_by(sessions.c.seen_at)
        ).scalars()
        assert set(seen) == {ago}


async def test_a_list_says_that_its_first_page_has_changed(desk: Desk) -> None:
    browser, _ = await desk.claimed("sue")
    await desk.claimed("sue")
    pages = [(await browser.get(path)).text for path in ("/mine", "/mine?sort=-filed")]
    asked = [unescape(found) for page in pages for found in re.findall(rf'data-news="{HERE}([^"]+)"', page)]
    assert [(await browser.get(one)).status_code for one in asked] == [204, 204]
    await desk.claimed("sue")
    assert [(await browser.get(one)).status_code for one in asked] == [200, 200]


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"do": "withdraw"},
        {"do": "x"},
        *({"do": "decide", "extra": extra, "basis": "b"} for extra in ("1.5", "9" * 5000)),
    ],
)
async def test_a_form_that_is_none_of_ours_does_nothing(desk: Desk, said: dict[str, str]) -> None:
    browser, path = await desk.claimed()
    before = hidden(await browser.get(path), "version")
    assert (await browser.post(path, said)).status_code == 422
    assert hidden(await browser.get(path), "version") == before


async def test_a_senior_files_a_closed_report_again(desk: Desk) -> None:
    report = await desk.report()
    await desk.does("mia", "claim", case=report)
    first = await desk.report()
    await desk.does("mia", "decide", case=report, finding="duplicate", of=first, reasons="the same act")
    path = f"/cases/{report}"
    assert "Why the act must be judged anew" not in told(await desk.browser("mia").get(path))
    sam = desk.browser("sam")
    assert "Why the act must be judged anew" in told(await sam.get(path))
    gone = await sam.post(path, {"do": "again", "details": "it was [[another]] act"})
    assert (gone.status_code, "fill in [[another]] first" in told(gone)) == (422, True)
    filed = await sam.post(path, {"do": "again", "details": "it was another act"})
    assert filed.status_code == 303
    assert filed.headers["Location"] != HERE + path
    assert report in (await sam.get(filed.headers["Location"].removeprefix(HERE))).text
    assert "Why the act must be judged anew" not in told(await sam.get(path))
