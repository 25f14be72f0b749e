"""Every page, asked for by every role about everything that it may concern: the status that the tables say, fit to be shown.

It is read in a language whose messages are marked: what stands outside of the marks is data, or was never translated.
"""

import re
from calendar import month_abbr, month_name
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass

import httpx
import pytest
import versions
from consoles import Browser, Console, browsed
from lives import HOSTILE, Lives
from markup import Markup, unfit
from pseudo import PSEUDO, marked, unmarked
from relations import HERE, PEOPLE, RELATIONS, Relations
from vouching import vouched

from desk.console.routes import RULES, Rule
from desk.console.words import FOLDER
from desk.door.door import Door
from desk.words import LANGUAGES, Languages
from desk.words.catalogue import FOLDER as ENGINES
from rulebook.load import LIVE, load
from states.sight import Resource
from states.terms import Role
from workers.reach import House

# A session is a person's: the platform comes with keys, and has no pages.
ROLES = tuple(role for role in PEOPLE if role is not Role.PLATFORM)
GETS = [rule for rule in RULES if rule.method == "GET"]
POSTS = [rule for rule in RULES if rule.method == "POST" and rule.path not in {"/login", "/logout"}]
# Other parts of an address; where there is one more than a case or a subject, nothing may be there.
PARTS: Mapping[str, str] = {
    "month": "2026-03",
    "file": "ev-none",
    "person": "nobody.here",
    "report": "report-none",
    "version": versions.PROPOSED.digest,
}
# It is shown, or leads on; a page that asks for news gets nothing where there are none.
THERE = {200, 204, 303}
# What Babel writes, in an option of a list or a heading; elsewhere dates are in `<time>`.
DATE = re.compile(
    rf"\b(?:\d{{1,2}} )?(?:{'|'.join(month_name[1:])}|{'|'.join(month_abbr[1:])}|Sept)\b(?: \d{{4}})?(?: \d\d:\d\d)?"
)
# What is no page, but a file to take along.
FILES = {"text/csv; charset=utf-8", "application/json"}
MEANT = re.compile(r"{(case|subject)}")


@dataclass
class World:
    """The console, and who asks it about what; what of its texts is data."""

    console: Console
    relations: Relations
    lives: Lives
    browsers: dict[Role, Browser]
    data: tuple[str, ...]

    def address(self, path: str, relation: str) -> str:
        return path.format(case=self.relations.cases[relation], subject=self.relations.subjects[relation], **PARTS)

    def untranslated(self, page: httpx.Response) -> list[str]:
        """What of its texts is neither data nor said by a catalogue; a sentence may go over several elements."""
        said = "\n".join(DATE.sub("", " ".join(text.split())) for text in Markup.of(page).texts)
        for known in self.data:
            said = said.replace(known, "")
        return [line for line in unmarked(said).splitlines() if re.search(r"[^\W\d_]{2,}", line)]


@pytest.fixture(scope="module")
async def world(house: House, door: Door) -> AsyncIterator[World]:
    languages = Languages({PSEUDO: marked(FOLDER, marked(ENGINES))})
    async with browsed(house, door, languages=languages) as console:
        relations = await Relations.made(house, door)
        lives = await Lives(door, relations).live()
        with house.engine.begin() as connection:
            versions.written(connection, relations.actors[Role.POLICY_EDITOR], house.clock.now(), HOSTILE)
        there = {case for relation, case in relations.cases.items() if relation != "not existing"}
        await vouched(house, *there, *lives.cases.values())  # who reads a case can take its receipt
        browsers: dict[Role, Browser] = {role: console.browser(lives.name(role), PSEUDO) for role in ROLES}
        yield World(
            console, relations, lives, browsers, tuple(sorted(set(_data(relations, lives)), key=len, reverse=True))
        )


def _data(relations: Relations, lives: Lives) -> Iterator[str]:
    yield from (
        "Casework",
        HERE,
        *(" ".join(text.split()) for text in (HOSTILE, *HOSTILE.splitlines())),
        lives.reporter,
        *LANGUAGES.values(),
    )
    yield from (*relations.cases.values(), *relations.subjects.values(), *lives.cases.values())
    for actor in relations.actors.values():
        yield from (actor.id, actor.agency or actor.id)
    policy = load(LIVE).policy(HERE)
    yield from policy.names("en").values()
    yield from (clause.text.in_language("en") for clause in policy.clauses.values())
    yield from policy.clauses
    yield from (clause.text.in_language("en") for clause in policy.clauses.values())


def named(rule: Rule) -> str:
    return f"{rule.method} {rule.path}"


def about(rule: Rule, role: Role) -> tuple[str, ...]:
    return RELATIONS if MEANT.search(rule.path) and role in (rule.roles or ROLES) else ("own",)


def fits(world: World, page: httpx.Response, where: str) -> None:
    assert page.status_code < 500, f"{where}: {page.status_code}"
    kind = page.headers.get("Content-Type")
    taken_along = kind in FILES
    assert unfit(page) == ([f"it is {kind}"] if taken_along else []), where
    if taken_along:
        assert page.headers["Content-Disposition"].startswith("attachment; "), where
    if page.status_code not in {204, 303} and not taken_along:
        assert world.untranslated(page) == [], where


@pytest.mark.parametrize("rule", GETS, ids=named)
async def test_a_page_is_there_for_whom_the_tables_say(world: World, rule: Rule) -> None:
    for role in ROLES:
        for relation in about(rule, role):
            page = await world.browsers[role].get(world.address(rule.path, relation))
            where = f"{role} asks {rule.path} about {relation}: {page.status_code}"
            fits(world, page, where)
            if "/cases/" in page.headers.get("Location", ""):  # whom another page of the case is for
                page = await world.browsers[role].client.get(page.headers["Location"])
            if role not in (rule.roles or ROLES):
                assert page.status_code == 403, where
            elif meant := MEANT.search(rule.path):
                _as_sight_says(world, role, relation, Resource(meant[1]), page.status_code, where)
            else:
                assert page.status_code in THERE | ({404} if "{" in rule.path else set()), where


def _as_sight_says(world: World, role: Role, relation: str, resource: Resource, status: int, where: str) -> None:
    refused = world.relations.refused(world.relations.actors[role], relation, resource)
    if refused is not None:
        assert status in ({403, 404} if "pulse" in where else {refused[0]}), where
    else:
        more = len(re.findall(r"{\w+}", where)) > 1  # of what this page is about besides, there may be none
        assert status in THERE | ({404} if more else set()), where


@pytest.mark.parametrize("rule", POSTS, ids=named)
async def test_a_form_that_says_nothing_is_answered_as_the_tables_say(world: World, rule: Rule) -> None:
    for role in ROLES:
        for relation in about(rule, role):
            page = await world.browsers[role].post(world.address(rule.path, relation))
            where = f"{role} sends {rule.path} about {relation}: {page.status_code}"
            fits(world, page, where)
            if role not in (rule.roles or ROLES):
                assert page.status_code == 403, where
            elif "{case}" in rule.path and world.relations.refused(
                world.relations.actors[role], relation, Resource.CASE
            ):
                assert page.status_code in {403, 404, 422}, where


@pytest.mark.parametrize("rule", [rule for rule in RULES if rule.roles is not None], ids=named)
async def test_nobody_is_led_to_the_login(world: World, rule: Rule) -> None:
    browser, address = world.console.browser(language=PSEUDO), world.address(rule.path, "own")
    page = await (browser.get(address) if rule.method == "GET" else browser.post(address))
    if rule.method == "GET":
        assert (page.status_code, page.headers["Location"][:14]) == (303, "/console/login")
    else:
        assert page.status_code == 401
    fits(world, page, named(rule))


@pytest.mark.parametrize("role", ROLES)
async def test_what_people_said_is_text_on_every_page_about_their_cases(world: World, role: Role) -> None:
    """At every station of a case, to everybody who sees it: by the pages' structure, and by their sentences."""
    browser = world.browsers[role]
    for rule in GETS:
        if "{case}" in rule.path and role in (rule.roles or ROLES):
            for station, case in world.lives.cases.items():
                page = await browser.get(rule.path.format(case=case, **PARTS))
                fits(world, page, f"{role} asks {rule.path} about {station}")
        if "{subject}" in rule.path and role in (rule.roles or ROLES):
            lotus = world.relations.actors[Role.OWNER].agency
            page = await browser.get(rule.path.format(subject=lotus, **PARTS))
            fits(world, page, f"{role} asks {rule.path} about {lotus}")
