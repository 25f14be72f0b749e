"""What a page's read costs: a case alone, the parts of its page one by one, and its overview; of a subject likewise.

At the door, in one process with one connection to PostgreSQL: the CPU of this process and of the server's process for
the connection, and the wall clock. First in a database with one story, then with thousands of copies of it.
"""

import argparse
import asyncio
import os
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, Engine

from activities.rulebooks import Rulebooks
from bench.asker import worked
from bench.life import DETAILS, REASONS
from desk.demo import cast
from desk.door.door import Door
from desk.reading.agency import Agencies
from desk.reading.dossier import Dossiers
from desk.reading.lists import Lists
from desk.reading.overview import LINES, OPEN, PENALTIES, VERDICTS, Overviews
from desk.reading.subject import Sheets
from states.situation import Actor
from store import listing, party
from store.engine import connect
from store.order import Sort
from store.schema.cases import cases
from store.schema.journal import journal, journal_number
from store.schema.parties import agencies, subjects
from store.schema.scores import ledger, penalties
from store.schema.verdicts import verdicts, violations
from workers.house import up
from workers.reach import House
from workers.settings import Settings

TARGETS = {"case": 6.0, "case overview": 12.0}
READERS, SUBJECT = ("mia", "ann"), "lotus"
POACHING = {"clause": "agency.poaching", "against": "lotus", "about": ["kim"], "details": DETAILS}
# What names a row of the story or points to one; a copy has names of its own.
_OWN = {"id", "case", "of_case", "again", "subject", "agency", "filed_agency", "verdict", "violation", "origin"}
_OWN |= {"duplicate_of"}
_COPIED = (subjects, agencies, cases, journal, verdicts, violations, ledger, penalties)
_COUNTED = {(violations, "number"), (penalties, "id")}


@dataclass
class Spent:
    """Milliseconds of each run: CPU here, CPU of the server's process, and wall clock."""

    here: list[float] = field(default_factory=list)
    server: list[float] = field(default_factory=list)
    wall: list[float] = field(default_factory=list)

    @property
    def cpu(self) -> float:
        """The median of the CPU of both, in milliseconds."""
        return median(here + there for here, there in zip(self.here, self.server, strict=True))


async def story(door: Door) -> str:
    """Four verdicts against lotus, a report that is open, and one in review whose appeal is held; give that one."""

    async def send(actor: str, verb: str, **said: Any) -> str:
        return str((await door.send(actor, verb, said, key=f"{actor} {verb} {next(numbers)}"))["case"])

    numbers = iter(range(10**6))
    for severity in ("mild", "moderate", "mild", "moderate"):
        case = await send("jan", "report", **POACHING)
        await send("mia", "claim", case=case)
        await send("mia", "decide", case=case, finding="violation", severity=severity, reasons=REASONS)
    await send("jan", "report", **POACHING)
    case = await send("jan", "report", **POACHING)
    await send("mia", "claim", case=case)
    await send("mia", "ask", case=case, question=REASONS, to="respondent")
    await send("ann", "answer", case=case, text=DETAILS)
    await send("ann", "appeal", of=case, grounds=DETAILS)
    await send("mia", "claim", case=case)
    return case


def copy(connection: Connection, times: int) -> None:
    """Write the story so many times more, each with agencies of its own."""
    connection.execute(sa.text("SET LOCAL statement_timeout = 0"))
    number = sa.func.generate_series(1, times).table_valued("n").render_derived(name="copies")
    for table in _COPIED:
        columns = [column for column in table.c if column.computed is None and (table, column.name) not in _COUNTED]
        values = [_of_copy(column, number.c.n) for column in columns]
        rows = sa.select(*values).select_from(table.join(number, sa.true()))
        if table is subjects:
            rows = rows.where(table.c.kind == "agency")
        connection.execute(sa.insert(table).from_select([column.name for column in columns], rows))


def _of_copy(column: sa.Column[Any], number: sa.ColumnElement[int]) -> sa.ColumnElement[Any]:
    if column is journal.c.number:
        return journal_number.next_value()
    own = column.name in _OWN or column is cases.c.respondent
    return column + "~" + sa.cast(number, sa.Text) if own else column


class Desk:
    """The reads of one person: each part of a page by itself, and all of it at once."""

    def __init__(self, engine: Engine, house: House, actor: Actor, case: str) -> None:
        made = engine, house.clock.now, Rulebooks()
        self.dossiers, self.sheets, self.agencies, self.overviews = (
            Dossiers(*made), Sheets(*made), Agencies(*made), Overviews(*made),
        )  # fmt: skip
        self.lists = Lists(engine, house.clock.now)
        self.actor, self.case = actor, case
        self.beside = self.overviews.case(actor, case).dossier.beside or case

    def asks(self) -> dict[str, Callable[[], object]]:
        """What is measured, by name."""
        return {
            "case": lambda: self.dossiers.open(self.actor, self.case),
            "case parts": self._of_case,
            "case overview": lambda: self.overviews.case(self.actor, self.case),
            "subject parts": self._of_subject,
            "subject overview": lambda: self.overviews.subject(self.actor, SUBJECT),
        }

    def _of_case(self) -> None:
        for case in (self.case, self.beside):
            self.dossiers.open(self.actor, case)
            self.dossiers.timeline(self.actor, case)
        self.dossiers.offered(self.actor, self.case)
        self._account()

    def _of_subject(self) -> None:
        self._account()
        self.agencies.verdicts(self.actor, SUBJECT, limit=VERDICTS)
        self.agencies.quota(self.actor, SUBJECT)

    def _account(self) -> None:
        self.sheets.show(self.actor, SUBJECT, most=PENALTIES)
        self.sheets.ledger(self.actor, SUBJECT, limit=LINES)
        self.lists.cases(self.actor, listing.Filter(against=SUBJECT, open=True), Sort.FILED_LAST, limit=OPEN)


def measure(engine: Engine, desk: Desk, runs: int) -> dict[str, Spent]:
    """Ask each in turn, so many times; the first tenth is not counted."""
    with engine.connect() as connection:
        pid = connection.execute(sa.text("SELECT pg_backend_pid()")).scalar_one()
    asks = desk.asks()
    spent = {name: Spent() for name in asks}
    for run in range(-runs // 10, runs):
        for name, ask in asks.items():
            here, server, wall = time.thread_time(), worked(pid), time.perf_counter()
            ask()
            if run >= 0:
                spent[name].wall.append((time.perf_counter() - wall) * 1000)
                spent[name].here.append((time.thread_time() - here) * 1000)
                spent[name].server.append(worked(pid) - server)
    return spent


def report(reader: str, spent: dict[str, Spent]) -> None:
    """Print a line for each, and what an overview spares."""
    for name, found in spent.items():
        shown = f"{median(found.here):8.2f} {median(found.server):8.2f} {found.cpu:8.2f} {median(found.wall):8.2f}"
        print(f"{reader:6} {name:18} {shown}")
    for page in ("case", "subject"):
        print(f"{reader:6} {page}: parts to overview {spent[f'{page} parts'].cpu / spent[f'{page} overview'].cpu:.1f}")
    missed = [name for name, most in TARGETS.items() if spent[name].cpu > most]
    print(f"{reader:6} wanted: {', '.join(f'{name} {most:g} ms' for name, most in TARGETS.items())}", end="; ")
    print(f"missed: {', '.join(missed)}" if missed else "kept", flush=True)


async def main() -> None:
    """Play the story, measure, copy it, and measure again."""
    parser = argparse.ArgumentParser(prog="python -m bench.reads", description=__doc__)
    parser.add_argument("--copies", type=int, default=6000, help="of a story with seven cases (6000)")
    parser.add_argument("--runs", type=int, default=200, help="of each read (200)")
    told = parser.parse_args()
    with TemporaryDirectory(prefix="casework-bench-", ignore_cleanup_errors=True) as folder:
        async with up(Settings(data_dir=Path(folder)), ephemeral=True, headless=True) as (house, _):
            with house.engine.begin() as connection:
                cast.introduce(connection, house.clock.now())
            async with Door.of(house) as door:
                case = await story(door)
            engine = connect(
                house.engine.url.set(drivername="postgresql").render_as_string(hide_password=False), pool=1
            )
            for times in (0, told.copies):
                _write(house.engine, times)
                with engine.begin() as connection:
                    count = connection.execute(sa.select(sa.func.count()).select_from(cases)).scalar_one()
                    people = [one for name in READERS if (one := party.actor(connection, name))]
                print(f"\n{count:,} cases; p50 of {told.runs}, ms")
                print(f"{'':25} {'CPU here':>8} {'server':>8} {'both':>8} {'wall':>8}")
                for actor in people:
                    desk = Desk(engine, house, actor, case)
                    report(actor.id, await asyncio.to_thread(measure, engine, desk, told.runs))
            engine.dispose()


def _write(engine: Engine, times: int) -> None:
    with engine.begin() as connection:
        copy(connection, times)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(sa.text("SET statement_timeout = 0"))
        connection.execute(sa.text("VACUUM ANALYZE"))
        connection.execute(sa.text("RESET statement_timeout"))


if __name__ == "__main__":
    asyncio.run(main())
    sys.stdout.flush()
    os._exit(0)  # while the interpreter ends, the SDK's threads sometimes abort the process
