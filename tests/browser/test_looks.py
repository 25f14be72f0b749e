"""Every page, as people see it: nothing sticks out at any width in any language, and axe finds nothing, light and dark."""

from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack

import pytest
from visiting import AXE_SCRIPT, SIZES, Desk, Seat

from desk.console.routes import RULES, Rule
from desk.words import LANGUAGES
from states.terms import Role

# Who is asked first to look at a page, of those who may.
EYES = (Role.MODERATOR, Role.SENIOR_MODERATOR, Role.OWNER, Role.AGENT, Role.CREATOR, Role.OPS, Role.AUDITOR)
# Pages that others see otherwise, or that look otherwise at other stations of a case.
MORE: dict[str, tuple[tuple[Role | None, str], ...]] = {
    "/cases/{case}": (
        (Role.MODERATOR, "claimed"),
        (Role.SENIOR_MODERATOR, "voting"),
        (Role.MODERATOR, "appeal of appealed"),
        (Role.OWNER, "decided"),
        (Role.OWNER, "asked"),
    ),
    "/ops/cases/{case}": ((Role.OPS, "overturned"),),
}
# Addresses without a page of their own.
NO_PAGES = {"/", "/cases/{case}/evidence/{file}"}


def looks() -> Iterator[tuple[Rule, Role | None, str]]:
    for rule in RULES:
        if rule.method == "GET" and not rule.pulse and rule.path not in NO_PAGES:
            first = None if rule.roles is None else next(role for role in EYES if role in rule.roles)
            for role, station in MORE.get(rule.path, ((first, "decided"),)):
                yield rule, role, station


def called(look: object) -> str:
    return look.path if isinstance(look, Rule) else str(look)


async def axe(seat: Seat, *rules: str) -> list[str]:
    """What axe finds to be wrong; with `rules`, by these alone. Trusted Types forbid to add its script to the page."""
    if not await seat.page.evaluate("'axe' in window"):
        await seat.page.evaluate(AXE_SCRIPT)
    how = {"resultTypes": ["violations"]} | ({"runOnly": list(rules)} if rules else {})
    found = await seat.page.evaluate("how => axe.run(document, how)", how)
    return [f"{one['id']}: {one['help']} ({one['nodes'][0]['html'][:200]})" for one in found["violations"]]


@pytest.fixture(scope="module")
async def seats(desk: Desk) -> AsyncIterator[dict[str, Seat]]:
    """A seat for each language, at which people take turns: a browser's process costs more than a page."""
    async with AsyncExitStack() as stack:
        yield {language: await stack.enter_async_context(desk.seat(language=language)) for language in LANGUAGES}


@pytest.mark.parametrize(("rule", "role", "station"), list(looks()), ids=called)
async def test_a_page_fits_and_can_be_used_by_everybody(
    desk: Desk, seats: dict[str, Seat], rule: Rule, role: Role | None, station: str
) -> None:
    owner = desk.lives.relations.actors[Role.OWNER]
    month = f"{desk.house.clock.now():%Y-%m}"
    path = rule.path.format(case=desk.lives.cases[station], subject=owner.agency, person=owner.id, month=month)
    for language in LANGUAGES:
        seat = seats[language]
        seat.wrong.clear()
        await seat.context.clear_cookies()
        if role:
            await desk.log_in(seat.context, desk.lives.name(role))
        await seat.go(path)
        assert await seat.page.locator("html[lang] h1").count() == 1
        assert await seat.page.locator("html").get_attribute("lang") == language
        for width in SIZES:
            await seat.size(width)
            assert await seat.sticks_out() <= 0, (language, width)
        await seat.size(1366)
        if language == "en":
            assert await axe(seat) == []
            await seat.page.emulate_media(color_scheme="dark")
            assert await axe(seat, "color-contrast") == []
            await seat.page.emulate_media(color_scheme="light")
        assert seat.wrong == []
