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
from collections.abc import Sequence
from statistics import median
from typing import Any

import httpx

from bench.browser import HERE, Browser, assets, hidden, sent
from bench.life import REASONS
from bench.meter import DATABASE, WORKFLOWS, Meter
from bench.owned import owned
from bench.prepared import REVIEWER, prepare, sessions
from bench.running import ENGINE, running

# Seconds between the questions of a console at which nobody does anything (`console.js`); it is opened with 5 or 20.
RESTING = 60.0
# Milliseconds of CPU, share of a core, bytes, and milliseconds.
CASE, QUEUE, AT_REST, FIRST, NEXT = 25.0, 15.0, 0.10, 60 * 1024, 200.0


async def cost(meter: Meter, browser: Browser, path: str, runs: int) -> float:
    """Ask for a page again and again; print and give the milliseconds of CPU of one answer."""
    for _ in range(max(runs // 10, 3)):
        await browser.get(path)
    before, walls, answers = meter.now(), list[float](), list[httpx.Response]()
    for _ in range(runs):
        start = time.perf_counter()
        answers.append(await browser.get(path))
        walls.append((time.perf_counter() - start) * 1000)
    spent = meter.since(before)
    engine, database = (spent[name] / runs * 1000 for name in (ENGINE, DATABASE))
    shown = re.sub(r"(report|appeal)-\w+", r"{\1}", path.partition("?")[0])
    print(f"{shown:36}{engine:8.1f}{database:12.1f}{engine + database:8.1f}{median(walls):8.1f}{sent(answers[-1]):10,}")
    return engine + database


async def asking(
    meter: Meter, pages: Sequence[tuple[Browser, str]], consoles: int, seconds: float, least: float = 0
) -> float:
    """Leave so many consoles open, evenly on these pages of somebody; give the share of a core that they take.

    `least`: seconds between a console's questions, where it asks more rarely than when it was opened.
    """
    found = [(browser, *await browser.news(page)) for browser, page in pages]
    news = [(browser, path, max(every, least)) for browser, path, every in found]
    asks = 0

    async def console(number: int) -> None:
        nonlocal asks
        browser, path, every = news[number % len(news)]
        await asyncio.sleep(every * number / consoles)
        while time.perf_counter() < end:
            await browser.get(path)
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


async def first_page(browser: Browser, path: str) -> int:
    """The bytes of a page with all that it needs."""
    found = await browser.get(path)
    parts = {asset.rpartition("/")[2]: sent(await browser.get(asset)) for asset in assets(found)}
    print(f"first page {path}: page {sent(found):,}", *(f"{name} {size:,}" for name, size in parts.items()), sep=", ")
    return sent(found) + sum(parts.values())


async def decide_and_next(meter: Meter, browser: Browser, turns: int) -> float:
    """Decide one case after the other, each once its preview was seen; give the median of POST and GET, in ms."""
    queue = hidden(await browser.get(f"{HERE}/queue"))
    page = await browser.send(f"{HERE}/queue", next(form for form in queue if "csrf" in form and "key" in form))
    walls, before = list[float](), meter.now()
    for _ in range(turns):
        form = next(form for form in hidden(page) if form.get("do") == "decide")
        form |= {"finding": "violation", "severity": "mild", "reasons": REASONS, "then": "next"}
        form |= hidden(await browser.post(f"{page.url.path}/preview", form))[0]
        start = time.perf_counter()
        page = await browser.send(page.url.path, form)
        walls.append((time.perf_counter() - start) * 1000)
    spent = {name: seconds / turns * 1000 for name, seconds in meter.since(before).items()}
    print(f"decide and next, {turns} turns: p50 {median(walls):.0f} ms; CPU of a turn with its preview, ms: ", end="")
    print(", ".join(f"{name} {spent[name]:.0f}" for name in (ENGINE, DATABASE, WORKFLOWS)))
    return median(walls)


async def measure(told: argparse.Namespace) -> None:
    """Start the product, and print what each thing costs beside what it may."""
    load = os.getloadavg()
    with running() as (settings, pid):
        async with owned(settings) as here, httpx.AsyncClient(base_url=settings.origin, trust_env=False) as client:
            case = await prepare(here, told.turns)
            mia, ann, oli, nia = (Browser(client, who) for _, who in sessions(here, ["mia", "ann", "oli", REVIEWER]))
            meter = await Meter.of(pid)
            print(f"{'ms':36}{'engine':>8}{'database':>12}{'both':>8}{'wall':>8}{'bytes':>10}")
            looked = [(mia, f"{HERE}/cases/{case}"), (mia, f"{HERE}/queue")]
            looked += [(ann, HERE + page) for page in (f"/cases/{case}", "/reports", "/subjects/lotus", "/notices")]
            looked.append((oli, f"{HERE}/ops"))
            asked = looked + [(who, (await who.news(page))[0]) for who, page in looked]
            costs = [await cost(meter, who, path, told.runs) for who, path in asked]
            await asking(meter, looked, told.consoles, told.seconds)
            rest = await asking(meter, looked, told.consoles, told.seconds, RESTING)
            first = max([await first_page(mia, page) for page in (f"{HERE}/login", *(page for _, page in looked[:2]))])
            turn = await decide_and_next(meter, nia, told.turns)
    print(f"\n{'':28}{'found':>10}{'wanted':>10}")
    rows: list[tuple[str, Any, Any]] = [
        ("case page, ms of CPU", costs[0], CASE),
        ("queue page, ms of CPU", costs[1], QUEUE),
        ("at rest, % of a core", rest * 100, AT_REST * 100),
        ("first page, bytes", first, FIRST),
        ("decide and next, ms", turn, NEXT),
    ]
    for name, found, wanted in rows:
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
