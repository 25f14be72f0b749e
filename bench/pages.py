"""What pages of the console cost: CPU of a page and of consoles at rest, bytes of the first page, "decide and next".

The other end is `casework up` as it ships, asked by one client. CPU is that of the engine's process (worker and site)
and of PostgreSQL's, less what both use while nobody asks. Bytes are those of status, headers and body, as sent.
"""

import argparse
import asyncio
import os
import re
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import unescape
from html.parser import HTMLParser
from statistics import median
from typing import Any

import httpx
import sqlalchemy as sa
from sqlalchemy import Engine

from bench import cpu
from bench.life import DETAILS, REASONS
from bench.reads import copy, story
from bench.running import ENGINE, processes, running
from desk.demo import cast
from desk.door.door import Door
from desk.identity.sessions import COOKIE, Sessions
from states.terms import Role
from store import feed, journal
from workers.reach import House, reach

HERE = "/console"
# A story has one report that waits, and one in review: so many more fill pages of both lists.
COPIES = 120
# Reports that are decided one after the other, in a region of their own; an agency files at most thirty a month.
REGION, REVIEWER, OF_AN_AGENCY = "US", "nia", 20
DATABASE, WORKFLOWS = "postgres", "temporal"
QUIET = 5.0
# Seconds between the questions of a console at which nobody does anything (`console.js`); it is opened with 5 or 20.
RESTING = 60.0
# Milliseconds of CPU, share of a core, bytes, and milliseconds.
CASE, QUEUE, AT_REST, FIRST, NEXT = 25.0, 15.0, 0.10, 60 * 1024, 200.0
_NEWS = re.compile(r'data-news="([^"]+)" data-every="([0-9]+)"')
_ASSET = re.compile(rf'(?:href|src)="({HERE}/assets/[^"]+)"')


class Hidden(HTMLParser):
    """The hidden fields of each form of a page; of a part of one those outside of forms."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.forms: list[dict[str, str]] = [{}]
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: Sequence[tuple[str, str | None]]) -> None:
        has = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append({})
        elif tag == "input" and has.get("type") == "hidden":
            self.forms[-1][has["name"]] = has.get("value", "")


@dataclass(frozen=True)
class Meter:
    """The CPU of the engine's processes; `idle`: seconds that each uses in a second while nobody asks."""

    pids: Mapping[str, int]
    idle: Mapping[str, float]

    @classmethod
    async def of(cls, pid: int) -> "Meter":
        """Once it is known what they use in quiet."""
        pids = processes(pid)
        still = cls(pids, dict.fromkeys(pids, 0.0))
        before = still.now()
        await asyncio.sleep(QUIET)
        return cls(pids, {name: seconds / QUIET for name, seconds in still.since(before).items()})

    def now(self) -> tuple[float, dict[str, float]]:
        """The clock, and the CPU seconds of each; those of the engine without its servers."""
        seconds = cpu.seconds(dict(self.pids))
        seconds[ENGINE] -= sum(seconds[name] for name in (DATABASE, WORKFLOWS))
        return time.perf_counter(), seconds

    def since(self, before: tuple[float, dict[str, float]]) -> dict[str, float]:
        """The CPU seconds of each since then, less what it uses in quiet."""
        at, seconds = self.now()
        return {name: seconds[name] - before[1][name] - (at - before[0]) * self.idle[name] for name in self.pids}


async def cost(client: httpx.AsyncClient, meter: Meter, who: Mapping[str, str], path: str, runs: int) -> float:
    """Ask for a page again and again; print and give the milliseconds of CPU of one answer."""
    for _ in range(max(runs // 10, 3)):
        _good(await client.get(path, headers=who))
    before, walls, answers = meter.now(), list[float](), list[httpx.Response]()
    for _ in range(runs):
        start = time.perf_counter()
        answers.append(_good(await client.get(path, headers=who)))
        walls.append((time.perf_counter() - start) * 1000)
    spent = meter.since(before)
    engine, database = (spent[name] / runs * 1000 for name in (ENGINE, DATABASE))
    shown = re.sub(r"(report|appeal)-\w+", r"{\1}", path.partition("?")[0])
    print(
        f"{shown:36}{engine:8.1f}{database:12.1f}{engine + database:8.1f}{median(walls):8.1f}{_sent(answers[-1]):10,}"
    )
    return engine + database


async def news_of(client: httpx.AsyncClient, who: Mapping[str, str], page: str) -> tuple[str, int]:
    """Where a page asks whether something has moved, and after how many seconds again."""
    found = _NEWS.search(_good(await client.get(page, headers=who)).text)
    if found is None:
        raise LookupError(f"{page} asks for no news")
    return unescape(found[1]), int(found[2])


async def asking(
    client: httpx.AsyncClient,
    meter: Meter,
    pages: Sequence[tuple[Mapping[str, str], str]],
    consoles: int,
    seconds: float,
    least: float = 0,
) -> float:
    """Leave so many consoles open, evenly on these pages of somebody; give the share of a core that they take.

    `least`: seconds between a console's questions, where it asks more rarely than when it was opened.
    """
    found = [(who, *await news_of(client, who, page)) for who, page in pages]
    news = [(who, path, max(every, least)) for who, path, every in found]
    asks = 0

    async def console(number: int) -> None:
        nonlocal asks
        who, path, every = news[number % len(news)]
        await asyncio.sleep(every * number / consoles)
        while time.perf_counter() < end:
            _good(await client.get(path, headers=who))
            asks += 1
            await asyncio.sleep(min(every, max(end - time.perf_counter(), 0)))

    before, start = meter.now(), time.perf_counter()
    end = start + seconds
    await asyncio.gather(*(console(number) for number in range(consoles)))
    spent, wall = meter.since(before), time.perf_counter() - start
    engine, database = (spent[name] / wall for name in (ENGINE, DATABASE))
    each = (spent[ENGINE] + spent[DATABASE]) / asks * 1000
    print(f"{consoles} consoles ask {asks / wall:.0f} times a second, {each:.1f} ms of CPU each: ", end="")
    print(f"{engine + database:.1%} of a core (engine {engine:.1%}, database {database:.1%})")
    return engine + database


async def first_page(client: httpx.AsyncClient, who: Mapping[str, str], path: str) -> int:
    """The bytes of a page with all that it needs."""
    found = _good(await client.get(path, headers=who))
    parts = {asset: _sent(_good(await client.get(asset))) for asset in dict.fromkeys(_ASSET.findall(found.text))}
    named = {asset.rpartition("/")[2]: size for asset, size in parts.items()}
    print(f"first page {path}: page {_sent(found):,}", *(f"{name} {size:,}" for name, size in named.items()), sep=", ")
    return _sent(found) + sum(parts.values())


async def decide_and_next(client: httpx.AsyncClient, meter: Meter, who: Mapping[str, str], turns: int) -> float:
    """Decide one case after the other, each once its preview was seen; give the median of POST and GET, in ms."""
    queue = Hidden(_good(await client.get(f"{HERE}/queue", headers=who)).text)
    key = next(form for form in queue.forms if "csrf" in form and "key" in form)
    answer = await client.post(f"{HERE}/queue", data=key, headers=who)
    page, walls, before = await _led(client, who, answer), list[float](), meter.now()
    for _ in range(turns):
        form = next(form for form in Hidden(page.text).forms if form.get("do") == "decide")
        form |= {"finding": "violation", "severity": "mild", "reasons": REASONS, "then": "next"}
        preview = _good(await client.post(f"{page.url.path}/preview", data=form, headers=who))
        form |= Hidden(preview.text).forms[0]
        start = time.perf_counter()
        page = await _led(client, who, await client.post(page.url.path, data=form, headers=who))
        walls.append((time.perf_counter() - start) * 1000)
    spent = {name: seconds / turns * 1000 for name, seconds in meter.since(before).items()}
    print(f"decide and next, {turns} turns: p50 {median(walls):.0f} ms; CPU of a turn with its preview, ms: ", end="")
    print(", ".join(f"{name} {spent[name]:.0f}" for name in (ENGINE, DATABASE, WORKFLOWS)))
    return median(walls)


async def _led(client: httpx.AsyncClient, who: Mapping[str, str], answer: httpx.Response) -> httpx.Response:
    if not answer.is_redirect:
        raise RuntimeError(f"{answer.request.url}: {answer.status_code} {answer.text}")
    return _good(await client.get(answer.headers["Location"], headers=who))


def _good(answer: httpx.Response) -> httpx.Response:
    if not answer.is_success:
        raise RuntimeError(f"{answer.request.method} {answer.request.url}: {answer.status_code} {answer.text}")
    return answer


def _sent(answer: httpx.Response) -> int:
    head = sum(len(name) + len(value) + 4 for name, value in answer.headers.raw)
    return len("HTTP/1.1 200 OK\r\n\r\n") + head + answer.num_bytes_downloaded


async def prepare(here: House, turns: int) -> str:
    """The story with copies of it, and reports for all turns; give the case that is looked at."""
    agencies = turns // OF_AN_AGENCY + 2
    with here.engine.begin() as connection:
        now = here.clock.now()
        cast.introduce(connection, now)
        with journal.recording(connection, "feed", now):
            for number in range(agencies):
                feed.agency(connection, f"agency{number}", REGION)
                feed.person(connection, f"owner{number}", Role.OWNER, agency=f"agency{number}")
            feed.person(connection, REVIEWER, Role.MODERATOR, regions=[REGION])
    async with Door.of(here) as door:
        case = await story(door)
        for number in range(turns + 1):
            filer = number // OF_AN_AGENCY
            about = {"clause": "agency.poaching", "against": f"agency{filer + 1}", "details": DETAILS}
            await door.send(f"owner{filer}", "report", about, key=f"next {number}")
    _fill(here.engine)
    return case


def _fill(engine: Engine) -> None:
    with engine.begin() as connection:
        copy(connection, COPIES)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(sa.text("VACUUM ANALYZE"))


def sessions(here: House, people: Sequence[str]) -> Iterator[tuple[str, dict[str, str]]]:
    """The headers by which the console knows each of them."""
    begun = Sessions(here.clock.now)
    with here.engine.begin() as connection:
        for person in people:
            token, _ = begun.begin(connection, person, here.clock.now())
            yield person, {"Cookie": f"{COOKIE}={token}", "Origin": here.settings.origin}


async def measure(told: argparse.Namespace) -> None:
    """Start the product, and print what each thing costs beside what it may."""
    load = os.getloadavg()
    with running() as (settings, pid):
        async with reach(settings) as here:
            case = await prepare(here, told.turns)
            people = dict(sessions(here, ["mia", "ann", "oli", REVIEWER]))
            meter = await Meter.of(pid)
            async with httpx.AsyncClient(base_url=settings.origin, trust_env=False) as client:
                print(f"{'ms':36}{'engine':>8}{'database':>12}{'both':>8}{'wall':>8}{'bytes':>10}")
                looked = [(people["mia"], f"{HERE}/cases/{case}"), (people["mia"], f"{HERE}/queue")]
                theirs = (f"/cases/{case}", "/reports", "/subjects/lotus", "/notices")
                looked += [*((people["ann"], HERE + page) for page in theirs), (people["oli"], f"{HERE}/ops")]
                asked = looked + [(who, (await news_of(client, who, page))[0]) for who, page in looked]
                costs = [await cost(client, meter, who, path, told.runs) for who, path in asked]
                await asking(client, meter, looked, told.consoles, told.seconds)
                rest = await asking(client, meter, looked, told.consoles, told.seconds, RESTING)
                pages = [f"{HERE}/login", *(page for who, page in looked if who is people["mia"])]
                first = max([await first_page(client, people["mia"], page) for page in pages])
                turn = await decide_and_next(client, meter, people[REVIEWER], told.turns)
    print(f"\n{'':28}{'found':>10}{'wanted':>10}")
    rows: list[tuple[str, Any, Any]] = [
        ("case page, ms of CPU", costs[0], CASE),
        ("queue page, ms of CPU", costs[1], QUEUE),
    ]
    rows += [("at rest, % of a core", rest * 100, AT_REST * 100), ("first page, bytes", first, FIRST)]
    for name, found, wanted in [*rows, ("decide and next, ms", turn, NEXT)]:
        print(f"{name:28}{found:10,.1f}{wanted:10,.1f}  {'kept' if found <= wanted else 'missed'}")
    print(f"load average before and after: {load[0]:.1f}, {os.getloadavg()[0]:.1f}, on {os.cpu_count()} cores")


def main() -> None:
    """Read the command line and run."""
    parser = argparse.ArgumentParser(prog="python -m bench.pages", description=__doc__)
    parser.add_argument("--runs", type=int, default=100, help="of each page (100)")
    parser.add_argument("--turns", type=int, default=40, help="of decide and next (40)")
    parser.add_argument("--consoles", type=int, default=200, help="at rest (200)")
    parser.add_argument("--seconds", type=float, default=30, help="that they are at rest (30)")
    asyncio.run(measure(parser.parse_args()))
    sys.stdout.flush()
    os._exit(0)  # while the interpreter ends, the SDK's threads sometimes abort the process


if __name__ == "__main__":
    main()
