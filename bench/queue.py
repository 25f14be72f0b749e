"""The CPU of a page of the queue: 50 of a million open cases (`bench/crowd.py`), behind row-level security.

Each side has a database of its own and a process that asks it (`bench/asker.py`): this checkout and, with `--other`, a
second one, which take turns. CPU is the server's for the page, with planning, and the process's own: other work on the
machine changes that least.
"""

import argparse
import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import median
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import URL, make_url

from bench import page
from bench.crowd import fill
from bench.questions import Question, questions
from bench.table import markdown
from store.engine import connect
from workers.embedded.servers import embedded
from workers.settings import Settings

HERE = Path(__file__).parents[1]
WARM_UP, RUNS, ROUNDS = 3, 5, 4
# Milliseconds of the server's CPU that a page may cost.
MOST = 20
# Changed pages are not all-visible until the next vacuum: an index-only scan has to look into them again.
_TOUCH = sa.text("UPDATE cases SET version = version + 1, moved_at = now() WHERE random() * 100 < :percent")
Answer = dict[str, list[Any]]


class Side:
    """A checkout with its process; `asked` is what it answered so far, by question."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process
        self.asked: dict[Question, Answer] = {}

    def told(self) -> str:
        """The next line that the process prints."""
        if self._process.stdout is None or not (line := self._process.stdout.readline()):
            raise RuntimeError("a side has ended")
        return line

    def ask(self, question: Question, runs: int) -> Answer:
        """Ask for a page so many times."""
        print(json.dumps(question.said(runs)), file=self._process.stdin, flush=True)
        answer: Answer = json.loads(self.told())
        return answer

    def turn(self, question: Question) -> None:
        """Ask it, and keep what it costs."""
        answer = self.ask(question, RUNS)
        known = self.asked.setdefault(question, {"server": [], "here": [], "ids": []})
        self.asked[question] = {**answer, **{name: known[name] + answer[name] for name in ("server", "here")}}

    def cost(self, question: Question) -> tuple[float, float] | None:
        """The medians of the server's milliseconds and of the process's own; none where it has no such page."""
        found = self.asked[question]
        return (median(found["server"]), median(found["here"])) if found["server"] else None


@contextmanager
def side(path: Path, url: str, count: int, touched: int) -> Iterator[Side]:
    """A checkout that asks a database of its own, which is migrated by it, filled and vacuumed."""
    command = [str(path / ".venv/bin/python"), "-P", str(HERE / "bench/asker.py"), url]
    environment, pipe = {**os.environ, "PYTHONPATH": str(path)}, subprocess.PIPE
    with subprocess.Popen(command, cwd=path, env=environment, stdin=pipe, stdout=pipe, text=True) as process:
        made = Side(process)
        made.told()
        engine = connect(url, pool=1)
        with engine.begin() as connection:
            fill(connection, count)
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(sa.text("SET statement_timeout = 0"))
            connection.execute(sa.text("VACUUM ANALYZE"))
            if touched:
                connection.execute(_TOUCH, {"percent": touched})
        engine.dispose()
        yield made


def measure(sides: Sequence[Side], asked: Sequence[Question]) -> None:
    """Ask all sides each question in turn, and print a line for it."""
    print(f"{'reader':14} {'wanted':36} {'sort':7} rows  server + here, ms of CPU; the highest of the server")
    for question in asked:
        for one in sides:
            one.ask(question, WARM_UP)
        for _ in range(ROUNDS):
            for one in sides:
                one.turn(question)
        found = [one.asked[question] for one in sides if one.asked[question]["server"]]
        costs = [cost for one in sides if (cost := one.cost(question))]
        shown = [f"{s:6.2f} + {h:5.2f} ({max(a['server']):5.1f})" for (s, h), a in zip(costs, found, strict=True)]
        ratio = [f"{sum(costs[0]) / sum(costs[1]):5.2f}"] if len(costs) > 1 else []
        same = [] if len({tuple(a["ids"]) for a in found}) == 1 else ["other cases"]
        print(question, f"{len(found[0]['ids']):4} ", *shown, *ratio, *same, flush=True)


def summary(side: Side) -> Iterator[str]:
    """What a page costs the server, by reader, and which questions need more than `MOST`."""
    for reader in dict.fromkeys(question.reader for question in side.asked):
        costs = [cost[0] for one in side.asked if one.reader == reader and (cost := side.cost(one))]
        most = max(max(found["server"]) for one, found in side.asked.items() if one.reader == reader)
        yield f"{reader}: {len(costs)} questions; half below {median(costs):.1f} ms of the server's CPU,"
        yield f"    all below {max(costs):.1f}; highest run {most:.1f}"
    above = [" ".join(str(one).split()) for one in side.asked if (cost := side.cost(one)) and cost[0] > MOST]
    yield f"Above {MOST} ms: {'; '.join(above) or 'none'}"


def table(here: Side, other: Side) -> list[list[str]]:
    """A line a reader and filter, a column an order: what a page costs there, here, and the ratio."""
    both = [one for one in here.asked if here.cost(one) and other.cost(one)]
    sorts = list(dict.fromkeys(one.sort for one in both))
    cells: dict[tuple[str, str], dict[str, str]] = {}
    for one in both:
        now, before = sum(here.cost(one) or ()), sum(other.cost(one) or ())
        name = f"{one.name}, after {one.pages * 100}" if one.pages else one.name
        cells.setdefault((one.reader, name), {})[one.sort] = f"{before:.1f} → {now:.1f} ({now / before:.2f})"
    lines = [[f"{reader}: {name}", *(found.get(sort, "") for sort in sorts)] for (reader, name), found in cells.items()]
    return [["", *(f"by `{sort}`" for sort in sorts)], *lines]


async def main() -> None:
    """Fill databases that are forgotten afterwards, and ask them."""
    parser = argparse.ArgumentParser(prog="python -m bench.queue", description=__doc__)
    parser.add_argument("--other", type=Path, help="a second checkout that was set up, to compare with")
    parser.add_argument("--cases", type=int, default=1_000_000, help="how many open cases")
    parser.add_argument("--only", nargs="+", default=(), metavar="WORD", help="such as 'six regions' language")
    parser.add_argument("--touched", type=int, default=0, metavar="PERCENT", help="moved since the last vacuum")
    parser.add_argument("--into", type=Path, help="write how both compare into this page")
    told = parser.parse_args()
    paths = [HERE, *([told.other.absolute()] if told.other else [])]
    async with embedded(Settings(), only=frozenset({"postgres"}), ephemeral=True) as servers:
        with ExitStack() as stack:
            urls = _databases(make_url(servers.database_url), len(paths))
            sides = [
                stack.enter_context(side(path, url, told.cases, told.touched))
                for path, url in zip(paths, urls, strict=True)
            ]
            loads = [os.getloadavg()[0]]
            measure(sides, list(questions(told.only)))
            loads.append(os.getloadavg()[0])
            print("", *summary(sides[0]), sep="\n")
            if told.into and len(sides) > 1:
                measured = page.measured_on(f"{told.cases:,} open cases", loads)
                page.write(told.into, "queue", [measured, "", markdown(table(*sides))])


def _databases(root: URL, count: int) -> list[str]:
    engine = connect(root.render_as_string(hide_password=False), pool=1)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for number in range(count):
            connection.execute(sa.text(f"CREATE DATABASE side{number}"))
    engine.dispose()
    return [root.set(database=f"side{number}").render_as_string(hide_password=False) for number in range(count)]


if __name__ == "__main__":
    asyncio.run(main())
    sys.stdout.flush()
