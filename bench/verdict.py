"""What a verdict costs on a score that has many violations already, and what its preview; on a PostgreSQL of its own.

Three are measured in turn: the commit, the commit that holds a basis, and the preview; of each the wall time and the
process's own CPU. Then the commit while somebody previews verdicts on the same score all the time.
"""

import argparse
import asyncio
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from threading import Event
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Engine

from activities.command import Answer, Command, Request, case_id, command_id
from activities.install import PLATFORM, install
from activities.look import Looker, Woken
from activities.move.commit import Commit
from activities.move.input import Input, read
from activities.move.preview import preview
from activities.rulebooks import Rulebooks
from bench.filled import CLAUSES, FIRST, NOW, REGION, TEXT, fill
from rulebook.load import LIVE, load
from rulebook.terms import SubjectKind
from states.terms import Kind, Role
from store import feed, journal, text
from store.engine import connect
from store.in_thread import close
from store.keyring import fleeting
from store.migrate import migrate
from store.trial import MetError, attempt
from workers.embedded.port import free
from workers.embedded.servers import embedded
from workers.settings import Settings

SIZES = (100, 1_000, 10_000)
KEY = b"a bench signs too"
VERDICT = {"finding": "violation", "severity": "mild", "reasons": TEXT}


class Deaf(Looker):
    """Wakes nobody: the bench runs without Temporal."""

    def __init__(self) -> None:
        """It has no client."""

    async def wake(self, woken: Woken, at: datetime) -> None: ...


@dataclass
class Took:
    """Seconds that something took: by the clock, and of the process's own CPU."""

    wall: float = 0.0
    own: float = 0.0


@contextmanager
def took() -> Iterator[Took]:
    """Measure what is done inside."""
    spent, wall, own = Took(), time.perf_counter(), time.process_time()
    yield spent
    spent.wall, spent.own = time.perf_counter() - wall, time.process_time() - own


@dataclass(frozen=True)
class Court:
    """A database with a rulebook, and the commit activity, which is called without Temporal."""

    engine: Engine
    commit: Commit
    rulebooks: Rulebooks
    numbers: "count[int]"

    async def claimed(self, subject: str, clause: str, at: datetime) -> str:
        """A report on the subject, which sam has claimed."""
        said = {"clause": clause, "against": subject, "details": TEXT}
        report = await self._send(PLATFORM, Kind.REPORT, "submit", at, **said)
        return await self._send("sam", report, "claim", at)

    async def decide(self, report: str, at: datetime, basis: str | None = None) -> Took:
        """Find a violation, and give what that commit took."""
        with took() as spent:
            await self._send("sam", report, "decide", at, basis, **VERDICT)
        return spent

    def preview(self, report: str, at: datetime) -> tuple[str, Took]:
        """The basis of the same verdict's preview, and what that took."""
        command, facts = self.command("sam", report, "decide", at, VERDICT)
        with took() as spent:
            found = attempt(self.engine, lambda tried: preview(tried, self.rulebooks, command, facts, at))
        return found.basis, spent

    async def _send(
        self, actor: str, case: str | Kind, event: str, at: datetime, basis: str | None = None, **said: Any
    ) -> str:
        command, _ = self.command(actor, case, event, at, said, basis)
        answer: Answer = await self.commit.commit(Request(case=command.case, at=at, command=command))
        if answer.refusal is not None:
            raise answer.refusal.error()
        return command.case

    def command(
        self, actor: str, case: str | Kind, event: str, at: datetime, said: dict[str, Any], basis: str | None = None
    ) -> tuple[Command, Input]:
        """The signed command, and its input."""
        identity = command_id(actor, f"{next(self.numbers)}")
        facts = read(Kind.REPORT, event, said)
        command = Command(
            id=identity,
            case=case_id(case, identity, KEY) if isinstance(case, Kind) else case,
            kind=Kind.REPORT,
            event=event,
            actor=actor,
            args={name: value for name, value in facts.facts().items() if value is not None},
            texts=dict.fromkeys(facts.words(), TEXT),
            body=identity,
            wanted_until=at + timedelta(seconds=10),
            basis=basis,
        )
        return command.signed(KEY), facts


async def measure(verdicts_each: int) -> None:
    """Fill each size, decide on it, and print the medians."""
    async with _court() as court:
        print("milliseconds, and of them the process's own CPU")
        print(f"{'violations':>12}{'':>9}{'commit':>15}{'with basis':>15}{'preview':>15}")
        for size in SIZES:
            for kind in SubjectKind:
                await _in_turn(court, kind, size, verdicts_each)
        await _beside(court, verdicts_each)


async def _in_turn(court: Court, kind: SubjectKind, size: int, verdicts_each: int) -> None:
    subject, clause = f"{kind}-{size}", CLAUSES[kind]
    with court.engine.begin() as connection:
        fill(connection, kind, subject, size)
    with court.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(sa.text("VACUUM ANALYZE"))
    commits, held, previews = list[Took](), list[Took](), list[Took]()
    for number in range(2 * verdicts_each + 2):
        at = NOW + timedelta(minutes=number)
        report = await court.claimed(subject, clause, at)
        basis, spent = court.preview(report, at)
        previews.append(spent)
        if number % 2:
            held.append(await court.decide(report, at, basis))
        else:
            commits.append(await court.decide(report, at))
    # The first one of each is left out: it also imposes what so many violations bring.
    print(f"{size:12,}{kind.value:>9}" + "".join(_medians(each[1:]) for each in (commits, held, previews)), flush=True)


async def _beside(court: Court, verdicts_each: int) -> None:
    """Decide while another thread previews verdicts on the same score without a pause; and without it, in turn."""
    subject, clause = f"{SubjectKind.AGENCY}-{SIZES[0]}", CLAUSES[SubjectKind.AGENCY]
    alone, beside, previews = list[Took](), list[Took](), list[int]()
    for number in range(2 * verdicts_each):
        at = NOW + timedelta(days=1, minutes=number)
        report, other = [await court.claimed(subject, clause, at) for _ in range(2)]
        if number % 2:
            stop = Event()
            previewing = asyncio.create_task(asyncio.to_thread(_until, stop, court, other, at))
            await asyncio.sleep(0.05)
            beside.append(await court.decide(report, at))
            stop.set()
            previews.append(await previewing)
        else:
            alone.append(await court.decide(report, at))
    for name, each in (("alone", alone), ("beside previews", beside)):
        walls = sorted(one.wall * 1000 for one in each)
        print(f"commit {name}: p50 {median(walls):.1f} ms, longest {walls[-1]:.1f} ms")


def _until(stop: Event, court: Court, report: str, at: datetime) -> int:
    made = 0
    while not stop.is_set():
        with suppress(MetError):
            court.preview(report, at)
            made += 1
    return made


def _medians(each: Sequence[Took]) -> str:
    wall, own = (median(getattr(one, name) for one in each) * 1000 for name in ("wall", "own"))
    return f"{wall:9.1f}{own:6.1f}"


@asynccontextmanager
async def _court() -> AsyncIterator[Court]:
    with TemporaryDirectory(prefix="casework-bench-", ignore_cleanup_errors=True) as folder:
        temporal, ui, postgres = free(3)
        ports = {"temporal_port": temporal, "ui_port": ui, "postgres_port": postgres}
        settings = Settings(data_dir=Path(folder), **ports)
        async with embedded(settings, only=frozenset({"postgres"})) as servers:
            engine = connect(servers.database_url, pool=2, keyring=fleeting())
            try:
                migrate(engine)
                with engine.begin() as connection:
                    install(connection, load(LIVE), FIRST)
                    with journal.recording(connection, "feed", FIRST):
                        feed.person(connection, "sam", Role.SENIOR_MODERATOR, regions=[REGION])
                    text.write(connection, {TEXT: TEXT})
                rulebooks = Rulebooks()
                yield Court(engine, Commit(engine, KEY, Deaf(), rulebooks), rulebooks, count(1))
            finally:
                close(engine)


def main() -> None:
    """Read the command line and run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--verdicts", type=int, default=15, help="verdicts on each score (15)")
    asyncio.run(measure(parser.parse_args().verdicts))


if __name__ == "__main__":
    main()
