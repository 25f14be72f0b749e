"""Every page, as people see it: nothing sticks out at any width in any language, and axe finds nothing, light and dark."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import AsyncExitStack
from typing import Any, Literal

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
THEMES: tuple[Literal["light", "dark"], ...] = ("dark", "light")


Look = tuple[Rule, Role | None, str]


def looks() -> Iterator[Look]:
    for rule in RULES:
        if rule.method == "GET" and not rule.pulse and rule.path not in NO_PAGES:
            first = None if rule.roles is None else next(role for role in EYES if role in rule.roles)
            for role, station in MORE.get(rule.path, ((first, "decided"),)):
                yield rule, role, station


LOOKS = list(looks())


def called(look: Look) -> str:
    return "-".join((look[0].path, str(look[1]), look[2]))


def judged(look: Look, language: str) -> dict[str, Any]:
    """By what axe judges a page: all but contrast, which takes most of its time and is the style's, whatever is said.

    That is judged once a page in light and once in dark, by turns in each language.
    """
    contrast = (LOOKS.index(look) + list(LANGUAGES).index(language)) % len(LANGUAGES) == 0
    return {"resultTypes": ["violations"], "rules": {"color-contrast": {"enabled": contrast}}}


async def axe(seat: Seat, how: Mapping[str, Any]) -> list[str]:
    """What axe finds to be wrong, light and dark."""
    wrong = []
    for theme in THEMES:
        await seat.page.emulate_media(color_scheme=theme)
        found = await seat.page.evaluate("how => axe.run(document, how)", how)
        wrong += [
            f"{theme}: {one['id']}: {one['help']} ({one['nodes'][0]['html'][:200]})" for one in found["violations"]
        ]
    return wrong


@pytest.fixture(scope="module")
async def seats(desk: Desk) -> AsyncIterator[dict[str, Seat]]:
    """A seat for each language, at which people take turns: a browser's process costs more than a page."""
    async with AsyncExitStack() as stack:
        made = {language: await stack.enter_async_context(desk.seat(language=language)) for language in LANGUAGES}
        for seat in made.values():
            await seat.bring(AXE_SCRIPT)
        yield made


@pytest.mark.parametrize("page", LOOKS, ids=called)
async def test_a_page_fits_and_can_be_used_by_everybody(desk: Desk, seats: dict[str, Seat], page: Look) -> None:
    owner = desk.lives.relations.actors[Role.OWNER]
    month = f"{desk.house.clock.now():%Y-%m}"
    rule, role, station = page
    path = rule.path.format(case=desk.lives.cases[station], subject=owner.agency, person=owner.id, month=month)

    async def look(language: str) -> list[str]:
        seat = seats[language]
        seat.wrong.clear()
        if role:
            await desk.log_in(seat.context, desk.lives.name(role))
        else:
            await seat.context.clear_cookies()
        await seat.go(path)
        assert await seat.page.locator(f"html[lang={language}] h1").count() == 1
        wide = [(width, by) for width in reversed(SIZES) if (by := await seat.sticks_out(width)) > 0]
        return [*map(str, wide), *await axe(seat, judged(page, language)), *seat.wrong]

    found = await asyncio.gather(*map(look, LANGUAGES))
    assert dict(zip(LANGUAGES, found, strict=True)) == {language: [] for language in LANGUAGES}
