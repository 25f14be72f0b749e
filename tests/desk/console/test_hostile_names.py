"""People, agencies and files may be called nearly anything: on every page that names them it is text, and nothing else.

What can't be a name is refused where it is fed, and what an address asks for may be anything at all.
"""

import csv
from collections.abc import AsyncIterator
from dataclasses import dataclass
from html import unescape
from typing import Any
from urllib.parse import quote

import pytest
from conftest import feeding, new, send
from consoles import Browser, Console, browsed
from files import picture
from markup import Markup, unfit
from relations import HERE, PLAIN
from test_filing import bring, case_of

from activities.entered import named
from desk.console.routes import RULES, Rule
from desk.door.door import Door
from states.terms import STAFF, RefusedError, Role
from store import feed
from workers.reach import House

# Each ends what it may stand in, runs what it may, or draws over its neighbours; one has no place to break.
NAMES = {
    "agency": "</h1><script>hostile()</script>".replace("/", "\N{DIVISION SLASH}"),
    "owner": "\"'><img src=x onerror=hostile()>",
    "agent": "{{7919*7927}} ${7919*7927} {% raw %} %s {field} `id`",
    "creator": "Z" + "\N{COMBINING GRAVE ACCENT}\N{COMBINING LONG SOLIDUS OVERLAY}" * 60,
    "other agency": "javascript:hostile()",
    "reporter": "\N{HEBREW LETTER ALEF}\N{ARABIC LETTER BEH} <!-- \N{GRINNING FACE}\N{REGIONAL INDICATOR SYMBOL LETTER V}",
    "moderator": "W" * 180,
}
SEATS = (
    Role.MODERATOR, Role.SENIOR_MODERATOR, Role.OWNER, Role.AGENT, Role.CREATOR, Role.OPS, Role.AUDITOR,
)  # fmt: skip
FILE = "a\"b'<svg onload=hostile()>.png"
WORDS = (
    "\u202egnp.exe\u2066 <script>hostile()</script> {{7919*7927}} \N{MAN}\u200d\N{WOMAN}\u200d\N{GIRL} "
    + "e\u0301\u0323" * 3000
)
NO_NAMES = ("a\u202eb", "a\x00b", "a\u2066b\u2069", "\N{MAN}\u200d\N{WOMAN}", "W" * 10_000, "a\nb", " a", "\u3164", "")
# What may stand in an address; a zero, half a letter and ten thousand of them, too.
ASKED = (
    NAMES["agency"], NAMES["owner"], NAMES["agent"], "javascript:hostile()", "a\u202eb", "a\x00b", "a\nb", "\ud800", "%00",
    "../../etc/passwd", "agency.none", "9" * 10_000,
)  # fmt: skip
KEYS = {
    "/rules": ("key", "region", "version"),
    "/rules/explained": ("key", "region", "subject", "at"),
    "/rules/versions/{version}": ("from", "cursor"),
    "/queue": ("clause", "region", "language", "status", "sort", "cursor"),
    "/search": ("q",),
    "/reports": ("tab", "agent", "creator", "stage", "cursor"),
    "/creators": ("sort", "agent", "cursor"),
    "/subjects/{subject}/verdicts": ("kind", "cursor"),
    "/subjects/{subject}/ledger": ("period", "cursor"),
    "/people/{person}": ("day", "cursor"),
    "/appeals/new": ("of",),
    "/reports/new": ("draft",),
    "/login": ("to",),
}
GETS = [rule for rule in RULES if rule.method == "GET"]


@dataclass
class World:
    """The people by what they are, their browsers by role, and a report in which all of them are named."""

    console: Console
    names: dict[str, str]
    browsers: dict[Role, Browser]
    case: str
    parts: dict[str, str]

    def shown(self, rule: Rule) -> str:
        return rule.path.format(**self.parts)


@pytest.fixture(scope="module")
async def world(house: House, door: Door) -> AsyncIterator[World]:
    names = {role: named(new(name), role) for role, name in NAMES.items()} | {
        role: new(role) for role in SEATS if role not in NAMES
    }
    with feeding(house) as connection:
        for one, lead in (("agency", "owner"), ("other agency", "reporter")):
            feed.agency(connection, names[one], HERE)
            feed.person(connection, names[lead], Role.OWNER, agency=names[one])
        feed.person(connection, names["agent"], Role.AGENT, agency=names["agency"])
        feed.creator(connection, names["creator"], HERE, PLAIN)
        feed.management(connection, names["creator"], names["agency"], names["agent"])
        for staff in SEATS:
            if staff in STAFF:
                feed.person(connection, names[staff], staff, regions=[HERE])
    async with browsed(house, door) as console:
        browsers = {role: console.browser(names[role]) for role in SEATS}
        said = {"clause": "agency.poaching", "against": names["agent"], "about": names["creator"], "details": WORDS}
        filed = await bring(
            console.browser(names["reporter"]), "/reports/new", said | {"do": "send"}, (FILE, picture("PNG"))
        )
        assert filed.status_code == 303, filed.text
        case = case_of(filed)
        mia = names["moderator"]
        await send(door, mia, "claim", case=case)
        await send(door, mia, "note", case=case, text=WORDS)
        await send(door, mia, "decide", case=case, finding="violation", severity="mild", reasons=WORDS)
        parts = {name: quote(value, safe="") for name, value in (("subject", names["agency"]), ("person", mia))}
        file = await _file(browsers[Role.MODERATOR], case)
        yield World(
            console, names, browsers, case, parts | {"case": case, "month": "2026-11", "file": file, "version": "live"}
        )


async def _file(browser: Browser, case: str) -> str:
    page = (await browser.get(f"/cases/{case}")).text
    return page.partition("/evidence/")[2].partition('"')[0]


def amiss(page: Any) -> list[str]:
    """What is wrong with a page, or was run or computed of what stands in it."""
    if page.headers.get("Content-Type", "").startswith("image/"):
        return [] if "\n" not in page.headers["Content-Disposition"] else ["a header is broken"]
    if page.headers.get("Content-Type", "").startswith("text/csv"):
        return [
            cell for row in csv.reader(page.text.splitlines()) for cell in row if cell.startswith(("=", "+", "-", "@"))
        ]
    found = [*unfit(page)] if page.status_code < 500 else [str(page.status_code)]
    if page.status_code not in {204, 303}:
        found += [f"{tag} of {given}" for tag, given in Markup.of(page).elements if given.get("src") == "x"]
        found += ["62773913"] if "62773913" in page.text else []  # what a template would make of it
    return found


@pytest.mark.parametrize("role", SEATS)
async def test_names_and_words_are_text_on_every_page(world: World, role: Role) -> None:
    browser, seen = world.browsers[role], ""
    for rule in GETS:
        if role in (rule.roles or ()) and not rule.pulse:
            page = await browser.get(world.shown(rule))
            assert amiss(page) == [], rule.path
            seen += unescape(page.text) if page.headers.get("Content-Type", "").startswith("text/") else ""
    assert role is Role.CREATOR or world.names["agent"] in seen, "who is charged is named somewhere"
    assert world.names[role if role in NAMES else "moderator"] in seen


async def test_a_file_keeps_its_hostile_name_as_text(world: World) -> None:
    page = await world.browsers[Role.MODERATOR].get(f"/cases/{world.case}")
    assert FILE in unescape(page.text)
    given = await world.browsers[Role.MODERATOR].get(f"/cases/{world.case}/evidence/{world.parts['file']}")
    assert (given.status_code, given.headers["Content-Disposition"].partition(";")[0]) == (200, "attachment")


@pytest.mark.parametrize("name", NO_NAMES)
def test_what_cannot_be_a_name_is_refused_and_named(name: str) -> None:
    with pytest.raises(RefusedError) as refused:
        named(name, "person")
    assert refused.value.field == "person"


@pytest.mark.parametrize("asked", ASKED, ids=range(len(ASKED)))
async def test_an_address_may_ask_for_anything(world: World, asked: str) -> None:
    """For a clause, region, person, case or page that does not exist, however it is written: the answer is a page."""
    sent = quote(asked.encode("utf-8", "surrogatepass"), safe="")
    for rule in GETS:
        role = next((one for one in world.browsers if one in (rule.roles or ())), Role.MODERATOR)
        for key in KEYS.get(rule.path, ()):
            page = await world.browsers[role].get(f"{world.shown(rule)}?{key}={sent}")
            assert amiss(page) == [], (rule.path, key)
        if "{" in rule.path and not {"/", "\n"} & {*asked}:  # with which it is no address of the console's
            page = await world.browsers[role].get(rule.path.format(**dict.fromkeys(world.parts, sent)))
            assert page.status_code in {303, 400, 403, 404, 422}, rule.path
            assert amiss(page) == [], rule.path
