"""Agencies and creators read why their score is what it is, and who is near a line; each reads what is theirs."""

import re
from collections.abc import AsyncIterator
from html import unescape

import pytest
from conftest import agency, creator, person
from consoles import Console, browsed
from scores import Town

from desk.console.page import HERE
from desk.door.door import Door
from states.terms import Role
from workers.reach import House

TEXT = re.compile(r"<[^>]*>")


@pytest.fixture(scope="module")
async def town(house: House, door: Door) -> Town:
    made = Town(house, door)
    await made.begin()
    return made


@pytest.fixture(scope="module")
async def console(house: House, door: Door) -> AsyncIterator[Console]:
    async with browsed(house, door) as made:
        yield made


async def read(console: Console, who: str, path: str, language: str = "en") -> str:
    """The words of a page, in one line."""
    answer = await console.browser(who, language).get(path)
    assert answer.status_code == 200, answer.text
    return " ".join(unescape(TEXT.sub(" ", answer.text)).split())


def pages(town: Town) -> list[str]:
    lotus, month = f"/subjects/{town.lotus}", f"{town.house.clock.now():%Y-%m}"
    return [lotus, f"{lotus}/ledger", f"{lotus}/verdicts", f"{lotus}/content/{month}", "/creators"]


async def test_the_score_says_how_far_it_is_from_the_line_and_what_is_in_force_and_open(
    town: Town, console: Console
) -> None:
    led = await console.browser(town.ann).get("/score")
    assert led.headers["Location"] == f"{HERE}/subjects/{town.lotus}"
    seen = await read(console, town.ann, f"/subjects/{town.lotus}")
    for told in ("90 of 100 points Next line: 80 or less, 10 below Then: A warning; a report on the measures taken is due.", "Score: 90 of 100", "Lines at 80, 60, 40, 20, 0",
                 "the score is 100 again", "A warning. \u00d72", "30 of 30 left", "Poaching report · verdict, open to appeal"):  # fmt: skip
        assert told in seen, told


async def test_the_days_of_a_year_are_those_of_its_region_which_is_said_where_it_is_not_the_reader_s(
    town: Town, console: Console
) -> None:
    oli = await person(town.house, Role.OPS)
    assert (await console.browser(oli).post("/settings", {"zone": "America/Los_Angeles"})).is_redirect
    for path in (f"/subjects/{town.lotus}", f"/subjects/{town.lotus}/ledger", f"/subjects/{town.lotus}/verdicts"):
        assert "Times in Asia/Ho_Chi_Minh" in await read(console, oli, path)
        assert "Times in" not in await read(console, town.ann, path)
    of_ops = await read(console, oli, f"/subjects/{town.lotus}")
    assert re.search(r"Year \d{4}\. On 1 Jan(?: \d{4})? the score is 100 again\.", of_ops)


async def test_a_line_that_an_appeal_brought_leads_to_it(town: Town, console: Console) -> None:
    page = (await console.browser(town.ann).get(f"/subjects/{town.lotus}/ledger")).text
    assert (
        page.count(f'href="{HERE}/cases/{town.appeal}">The appeal') == 2
    )  # the overturned one, and the one priced again
    seen = " ".join(TEXT.sub(" ", page).split())
    assert "The others of the period were priced again. The appeal +5 90" in seen
    assert "begins 100" in seen
    assert "Lost 20, came back 10" in seen
    assert page.index("\u221210") > page.index("+5")


async def test_a_line_that_can_be_appealed_leads_to_the_appeal_whoever_may(town: Town, console: Console) -> None:
    for path in (f"/subjects/{town.lotus}", f"/subjects/{town.lotus}/ledger"):
        page = (await console.browser(town.ann).get(path)).text
        offered = re.findall(rf'href="{HERE}/appeals/new\?of=([^"]+)">Appeal', page)
        assert offered
        assert len(set(offered)) == len(offered)
        assert town.reports[0] not in offered, "an appeal overturned it"
        for case in offered:
            assert (await console.browser(town.ann).get(f"/appeals/new?of={case}")).status_code == 200
        assert "/appeals/new" not in (await console.browser(town.mia).get(path)).text


async def test_the_history_tells_by_kind_what_an_appeal_made_of_each_verdict(town: Town, console: Console) -> None:
    seen = await read(console, town.ann, f"/subjects/{town.lotus}/verdicts")
    assert seen.count("overturned on appeal") == 1
    assert seen.count(f"Poaching mild {town.lotus} agency A warning. base") == 3
    assert seen.count(f"Gambling moderate {town.kim} creator · {town.bob}") == 4
    by_score = await read(console, town.ann, f"/subjects/{town.lotus}/verdicts?kind=score")
    assert ("Gambling" in by_score, by_score.count("Poaching")) == (True, 1)  # the third, which came to the line
    assert "No verdict has brought" in await read(console, town.jan, f"/subjects/{town.jade}/verdicts?kind=base")
    of_kim = await read(console, town.ann, f"/subjects/{town.lotus}/verdicts?who=creator&name={town.kim}")
    assert ("Gambling" in of_kim, "Poaching" in of_kim) == (True, False)
    assert "No verdict fits" in await read(
        console, town.ann, f"/subjects/{town.lotus}/verdicts?period=2020-01&who=agency"
    )


async def test_a_months_content_says_the_rules_and_what_may_follow(town: Town, console: Console) -> None:
    seen = await read(console, town.ann, pages(town)[3])
    assert "A stream may not offer, promote or lead to gambling." in seen
    assert "Streams are recommended less, and PK is limited. at 69 points or less" in seen
    empty = await read(console, town.ann, f"/subjects/{town.lotus}/content/2020-02")
    assert "No content violation in February 2020." in empty


async def test_who_is_near_a_line_stands_first_and_leads_to_their_score(town: Town, console: Console) -> None:
    seen = await read(console, town.ann, "/creators")
    assert f"{town.kim} {town.bob} 64 restricted 25 4 2" in seen
    assert f"{town.tom} {town.eve} 100 31 1 \u2013" in seen
    assert seen.index(town.kim) < seen.index(town.tom)
    assert f"{town.bob} 1 64 25 4 2" in seen
    by_name = await read(console, town.ann, "/creators?sort=name")
    assert (by_name.index(town.kim) < by_name.index(town.tom)) is (town.kim < town.tom)
    both = (await console.browser(town.ann).get("/creators?sort=open")).text
    assert both.count('aria-sort="descending"') == 2  # creators and agents
    assert re.findall(r'href="[^"]*sort=recovery([^"]*)"', both) == ["", "#agents"]
    assert "64 of 100 points" in await read(console, town.ann, f"/subjects/{town.kim}")


async def test_an_agent_reads_the_same_pages_with_its_rows(town: Town, console: Console) -> None:
    assert "The agency's score is for its owner" in await read(console, town.eve, f"/subjects/{town.lotus}")
    creators = await read(console, town.eve, "/creators")
    assert (town.tom in creators, town.kim in creators, town.bob in creators) == (True, False, False)
    assert "No verdict." in await read(console, town.eve, f"/subjects/{town.lotus}/verdicts")
    browser = console.browser(town.eve)
    for path in (f"/subjects/{town.lotus}/ledger", f"/subjects/{town.kim}", f"/subjects/{town.kim}/verdicts"):
        assert (await browser.get(path)).status_code == 404, path


async def test_a_creator_reads_the_own_score_and_nobody_elses(town: Town, console: Console) -> None:
    seen = await read(console, town.kim, f"/subjects/{town.kim}")
    assert "64 of 100 points Next line: 39 or less, 25 below · 6 more to be above 69" in seen
    assert "Days without a violation until +5 points: 2" in seen
    assert "Violation of Gambling" in await read(console, town.kim, f"/subjects/{town.kim}/ledger")
    browser = console.browser(town.kim)
    assert (await browser.get("/creators")).status_code == 403
    assert (await browser.get(f"/subjects/{town.lotus}")).status_code == 404
    assert (await browser.get(f"/subjects/{town.tom}/ledger")).status_code == 404


async def test_another_agency_and_staff_of_another_region_find_nothing(
    town: Town, console: Console, house: House
) -> None:
    far = await person(house, Role.MODERATOR, region="DE")
    for who in (town.jan, far):
        for path in pages(town)[:4]:
            assert (await console.browser(who).get(path)).status_code == 404, (who, path)
    assert town.kim not in await read(console, town.jan, "/creators")


async def test_what_is_asked_in_no_known_form_is_refused(town: Town, console: Console) -> None:
    browser, lotus = console.browser(town.ann), f"/subjects/{town.lotus}"
    for path in (
        "/ledger?period=20x6",
        "/ledger?cursor=x",
        "/verdicts?kind=none",
        "/verdicts?who=none",
        "/verdicts?period=soon",
        "/content/2026-13",
    ):
        assert (await browser.get(lotus + path)).status_code == 422, path
    assert (await browser.get("/creators?sort=none")).status_code == 422
    assert (await browser.get(f"{lotus}/ledger?period=life")).status_code == 404


async def test_a_score_that_changed_while_it_was_read_says_so(town: Town, console: Console, house: House) -> None:
    rose, ron = await agency(house, "rose")
    browser = console.browser(ron)
    (asked,) = re.findall(r'data-news="/console([^"]*)"', (await browser.get(f"/subjects/{rose}")).text)
    assert (await browser.get(asked)).status_code == 204
    await town.found(town.jan, rose, "agency.poaching", "mild")
    told = await browser.get(asked)
    assert (told.status_code, "have changed" in told.text) == (200, True)


@pytest.mark.parametrize("language", ["vi", "zh"])
async def test_no_page_is_without_its_words(town: Town, console: Console, house: House, language: str) -> None:
    (rose, ron), lone = await agency(house), await creator(house)
    empty = [f"/subjects/{rose}", f"/subjects/{rose}/ledger", f"/subjects/{rose}/verdicts", "/creators"]
    asked = [(town.ann, path) for path in pages(town)] + [(ron, path) for path in empty]
    for who, path in [*asked, (lone, f"/subjects/{lone}"), (lone, f"/subjects/{lone}/ledger")]:
        seen = await read(console, who, path, language)
        assert not re.search(r"\b(score|subject|ledger|verdicts|content|creators)\.[a-z]", seen), (path, seen)
        assert not re.search(r"\b(the|of|no|above|clean|lost)\b", seen.replace(" of ", " "), re.IGNORECASE), (
            path,
            seen,
        )
