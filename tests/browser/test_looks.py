"""Every page, as people see it: nothing sticks out at any width in any language, and axe finds nothing, light and dark."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack

import pytest
import versions
from axe import axe
from faults import faults
from lives import HOSTILE
from visiting import SIZES, Desk, Seat

from desk.console.routes import RULES, Rule
from desk.words import LANGUAGES
from states.terms import Role

# Who is asked first to look at a page, of those who may.
EYES = (
    Role.MODERATOR,
    Role.SENIOR_MODERATOR,
    Role.OWNER,
    Role.AGENT,
    Role.CREATOR,
    Role.POLICY_EDITOR,
    Role.OPS,
    Role.AUDITOR,
)
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
    "/rules/versions/{version}": ((Role.POLICY_EDITOR, "decided"), (Role.POLICY_APPROVER, "decided")),
}
# Addresses without a page of their own.
NO_PAGES = {"/", "/cases/{case}/evidence/{file}", "/cases/{case}/receipt", "/figures", "/figures/{month}/csv"} | {
    "/login/provider",
    "/login/back",
    "/logout/provider",
}
# The widths at which a page is also held against what can be told without looking (`faults.py`).
EDGES = {min(SIZES), max(SIZES)}

Look = tuple[Rule, Role | None, str]


def looks() -> Iterator[Look]:
    for rule in RULES:
        if rule.method == "GET" and not rule.pulse and rule.path not in NO_PAGES:
            first = None if rule.roles is None else next(role for role in EYES if role in rule.roles)
            for role, station in MORE.get(rule.path, ((first, "decided"),)):
                yield rule, role, station


# One person after the other, each on all their pages.
LOOKS = sorted(looks(), key=lambda look: EYES.index(look[1]) if look[1] in EYES else -1)


def called(look: Look) -> str:
    return "-".join((look[0].path, str(look[1]), look[2]))


def judged(look: Look) -> str:
    """The language in which axe judges a page, by turns; that controls have names is held in each."""
    return list(LANGUAGES)[LOOKS.index(look) % len(LANGUAGES)]


async def amiss(seat: Seat, width: int) -> list[str]:
    """What sticks out at a width; at the narrowest and the widest also what else can be told without looking."""
    if width in EDGES:
        await seat.size(width)
        return await faults(seat.page)
    by = await seat.sticks_out(width)
    return [f"wider by {by} px"] if by > 0 else []


@pytest.fixture(scope="module")
def written(desk: Desk) -> None:
    """Versions of the rulebook, at two stations."""
    with desk.house.engine.begin() as connection:
        versions.written(connection, desk.lives.relations.actors[Role.POLICY_EDITOR], desk.house.clock.now(), HOSTILE)


@pytest.fixture(scope="module")
async def seats(desk: Desk, written: None) -> AsyncIterator[dict[str, Seat]]:  # noqa: ARG001  # it is there
    """A seat for each language, at which people take turns: a browser's process costs more than a page."""
    async with AsyncExitStack() as stack:
        yield {language: await stack.enter_async_context(desk.seat(language=language)) for language in LANGUAGES}


@pytest.mark.parametrize("page", LOOKS, ids=called)
async def test_a_page_fits_and_can_be_used_by_everybody(desk: Desk, seats: dict[str, Seat], page: Look) -> None:
    owner = desk.lives.relations.actors[Role.OWNER]
    month = f"{desk.house.clock.now():%Y-%m}"
    rule, role, station = page
    version = versions.DRAFT if role is Role.POLICY_EDITOR else versions.PROPOSED
    path = rule.path.format(
        case=desk.lives.cases[station], subject=owner.agency, person=owner.id, month=month, version=version.digest
    )

    async def look(language: str) -> list[str]:
        seat = seats[language]
        seat.wrong.clear()
        await desk.sit(seat, desk.lives.name(role) if role else None)
        await seat.go(path)
        assert await seat.page.locator(f"html[lang={language}] h1").count() == 1
        found = [f"{width}: {fault}" for width in reversed(SIZES) for fault in await amiss(seat, width)]
        return [*found, *(await axe(seat.page) if language == judged(page) else ()), *seat.wrong]

    found = await asyncio.gather(*map(look, LANGUAGES))
    assert dict(zip(LANGUAGES, found, strict=True)) == {language: [] for language in LANGUAGES}
