"""The time of a page of the queue: 50 of a million open cases (`bench/crowd.py`), behind row-level security.

A time is the CPU of the server's process for a page, with planning and row-level security, from `/proc`: other work
on the machine changes that least. `--only` asks the questions whose line has all of its words.
"""

import argparse
import asyncio
import statistics
import sys
import time
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy import Engine

from bench.crowd import AT, RARE_CLAUSE, RARE_LANGUAGE, RARE_REGION, REGIONS, fill
from rulebook.terms import Severity
from states.situation import Actor
from states.terms import Kind, Role, Stage, Status
from store import queue
from store import row_security as belt
from store.cursor import Cursor
from store.engine import connect
from store.migrate import migrate
from store.order import Sort
from store.schema.cases import cases
from store.search import search
from store.sight import visible
from store.wanted import ALL, Filter
from workers.embedded.servers import embedded
from workers.settings import Settings

PAGE, RUNS = 50, 20
MOST = 20
# Changed pages are not all-visible until the next vacuum: an index-only scan has to look into them again.
_TOUCH = sa.text("UPDATE cases SET version = version + 1, moved_at = now() WHERE random() * 100 < :percent")
READERS = {
    "one region": Actor("mod", Role.MODERATOR, regions=frozenset({"VN"})),
    "six regions": Actor("mod", Role.MODERATOR, regions=frozenset(REGIONS[:6])),
    "a rare region": Actor("mod", Role.MODERATOR, regions=frozenset({RARE_REGION})),
    "six regions, one language": Actor("mod", Role.MODERATOR, None, frozenset(REGIONS[:6]), frozenset({"en"})),
    "an auditor": Actor("mod", Role.AUDITOR),
}


def filters(actor: Actor) -> Iterator[tuple[str, Filter]]:
    """What the reader could claim, and, of all that is open, each filter alone, common and rare, and some together."""
    yield "claimable", Filter(claimable=True)
    for name, wanted in _filters(min(actor.regions or REGIONS)):
        yield name, replace(wanted, claimable=False)


def _filters(region: str) -> Iterator[tuple[str, Filter]]:
    yield "no filter", ALL
    yield f"region {region}", Filter(regions=frozenset({region}))
    for language in ("en", region.lower(), "vi", RARE_LANGUAGE):
        yield f"language {language}", Filter(languages=frozenset({language}))
    yield f"region {region}, language en", Filter(regions=frozenset({region}), languages=frozenset({"en"}))
    rare = frozenset({RARE_LANGUAGE})
    yield f"region {region}, language {RARE_LANGUAGE}", Filter(regions=frozenset({region}), languages=rare)
    for clause in ("content.vulgar", "agency.creator_management", RARE_CLAUSE):
        yield f"clause {clause}", Filter(clauses=frozenset({clause}))
    for severity in Severity:
        yield f"severity {severity}", Filter(severities=frozenset({severity}))
    for stage in (Stage.SUBMITTED, Stage.UNDER_REVIEW, Stage.VERDICT, Stage.APPEALABLE):
        yield f"stage {stage}", Filter(stages=frozenset({stage}))
    for status in (Status.QUEUED, Status.AWAITING_ANSWER, Status.ESCALATED, Status.OPEN):
        yield f"status {status}", Filter(statuses=frozenset({status}))
    yield "kind appeal", Filter(kinds=frozenset({Kind.APPEAL}))
    yield "overdue", Filter(overdue=True)
    yield "overdue, severe", Filter(overdue=True, severities=frozenset({Severity.SEVERE}))
    yield "two clauses", Filter(clauses=frozenset({"content.vulgar", "agency.creator_management"}))
    yield "respondent agency7", Filter(respondents=frozenset({"agency7"}))
    yield "creator creator7", Filter(creators=frozenset({"creator7"}))
    yield "reporter agency7", Filter(reporters=frozenset({"agency7"}))


def deep(engine: Engine, actor: Actor, sort: Sort) -> str | None:
    """The cursor of the thousandth page, or of the last one if there are fewer."""
    with engine.connect() as connection:
        connection.execute(sa.text("SET LOCAL statement_timeout = 0"))
        query = sa.select(sort.time, cases.c.id, cases.c.priority).where(cases.c.outcome.is_(None), visible(actor, AT))
        last = [sa.nulls_last(key) for key in sort.by(*sort.keys, cases.c.id)]
        rows = connection.execute(query.order_by(*last).limit(999 * PAGE)).all()
    return Cursor(sort, *rows[-1][: 3 if sort.ranked else 2]).opaque() if rows else None


@dataclass
class Measured:
    """Milliseconds of the server's CPU in each run, and how many rows the page had."""

    runs: list[float]
    rows: int

    @property
    def median(self) -> float:
        """The median of the runs, in milliseconds."""
        return statistics.median(self.runs)


def measure(
    engine: Engine, actor: Actor, wanted: Filter = ALL, sort: Sort = Sort.URGENT, after: str | None = None
) -> Measured:
    """Ask for a page `RUNS` times."""
    found = Measured([], 0)
    with engine.connect() as connection:
        pid = connection.execute(sa.text("SELECT pg_backend_pid()")).scalar_one()
    for _ in range(RUNS):
        before = worked(pid)
        with belt.reading(engine, actor, AT) as connection:
            found.rows = len(queue.page(connection, search(connection, actor, AT, wanted), sort, after, PAGE).rows)
        found.runs.append(worked(pid) - before)
    return found


def worked(pid: int) -> float:
    """The milliseconds of CPU that the server's process for our only connection has used."""
    return int(Path(f"/proc/{pid}/schedstat").read_text("ascii").split()[0]) / 1e6


def report(engine: Engine, only: Collection[str] = ()) -> None:
    """Print a line a question, with its rows, and which questions need more than `MOST` milliseconds."""
    print(f"{'reader':26} {'wanted':36} {'sort':7} {'page':>5} {'rows':>4} {'median':>7} {'max':>7}  ms of CPU")
    asked: dict[str, Measured] = {}
    for reader, actor in READERS.items():
        for sort in Sort:
            deeper = ("no filter", Filter(claimable=False), "1000")
            for name, wanted, number in [*((name, wanted, "1") for name, wanted in filters(actor)), deeper]:
                said = f"{reader:26} {name:36} {sort:7} {number:>5}"
                if any(word not in said for word in only):
                    continue
                after = deep(engine, actor, sort) if number != "1" else None
                found = asked[said] = measure(engine, actor, wanted, sort, after)
                print(f"{said} {found.rows:4} {found.median:7.2f} {max(found.runs):7.2f}", flush=True)
    print()
    for reader in READERS:
        those = [found for said, found in asked.items() if said.startswith(f"{reader:26}")]
        if those:
            medians, most = [found.median for found in those], max(max(found.runs) for found in those)
            print(f"{reader}: {len(those)} questions, {RUNS} times each; ", end="")
            print(f"medians: half below {statistics.median(medians):.1f} ms, all below {max(medians):.1f} ms; ", end="")
            print(f"highest run {most:.1f} ms")
    runs = [time for found in asked.values() for time in found.runs]
    print(f"{sum(time > MOST for time in runs)} of {len(runs)} runs were above {MOST} ms.")
    above = [" ".join(said.split()) for said, found in asked.items() if found.median > MOST]
    print(f"Questions with a median above {MOST} ms: {'; '.join(above) or 'none'}")


async def main() -> None:
    """Fill a database that is forgotten afterwards, and ask it."""
    parser = argparse.ArgumentParser(prog="python -m bench.queue", description=__doc__)
    parser.add_argument("--cases", type=int, default=1_000_000, help="how many open cases")
    parser.add_argument("--only", nargs="+", default=(), metavar="WORD", help="such as 'six regions' language")
    parser.add_argument("--touched", type=int, default=0, metavar="PERCENT", help="moved since the last vacuum")
    told = parser.parse_args()
    async with embedded(Settings(), only=frozenset({"postgres"}), ephemeral=True) as servers:
        engine = connect(servers.database_url, pool=1)
        migrate(engine)
        start = time.perf_counter()
        with engine.begin() as connection:
            fill(connection, told.cases)
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(sa.text("SET statement_timeout = 0"))
            connection.execute(sa.text("VACUUM ANALYZE"))
            if told.touched:
                connection.execute(_TOUCH, {"percent": told.touched})
            connection.execute(sa.text("RESET statement_timeout"))
        print(f"{told.cases:,} open cases written in {time.perf_counter() - start:.0f} s\n")
        report(engine, told.only)
        engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
    sys.stdout.flush()
