"""The time of a verdict's commit on a score that has many violations already; on a PostgreSQL of its own."""

import argparse
import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import count
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, Engine

from activities.command import Answer, Command, Request, case_id, command_id
from activities.install import PLATFORM, install
from activities.look import Looker, Woken
from activities.move.commit import Commit
from activities.move.input import read
from activities.rulebooks import Rulebooks
from rulebook.calendar import period
from rulebook.load import LIVE, load
from rulebook.policy import Policy
from rulebook.score import Act, balances, price
from rulebook.terms import CreatorClass, Severity, SubjectKind
from states.terms import Finding, Kind, Outcome, Role, Side, Status
from store import feed, journal, ledger, seal, text
from store import rulebook as stored
from store.case import Case
from store.engine import connect
from store.in_thread import close
from store.migrate import migrate
from store.party import Profile
from store.schema.cases import cases
from store.schema.scores import ledger as lines
from store.schema.verdicts import Validity, verdicts, violations
from workers.embedded.port import free
from workers.embedded.servers import embedded
from workers.settings import Settings

REGION = "VN"
SIZES = (100, 1_000, 10_000)
CLAUSES = {SubjectKind.AGENCY: "agency.poaching", SubjectKind.CREATOR: "content.vulgar"}
STREAMED = 300
FIRST = datetime.fromisoformat("2026-01-01T06:00:00+00:00")
NOW = datetime.fromisoformat("2026-11-01T06:00:00+00:00")
KEY = b"a bench signs too"
TEXT = "text"


class Deaf(Looker):
    """Wakes nobody: the bench runs without Temporal."""

    def __init__(self) -> None:
        """It has no client."""

    async def wake(self, woken: Woken, at: datetime) -> None: ...


@dataclass(frozen=True)
class Court:
    """A database with a rulebook, and the commit activity, which is called without Temporal."""

    engine: Engine
    commit: Commit
    numbers: "count[int]"

    async def decide(self, subject: str, clause: str, at: datetime) -> float:
        """Report and claim; decide, and give how long that commit took, in seconds."""
        said = {"clause": clause, "against": subject, "details": TEXT}
        report = await self._send(PLATFORM, Kind.REPORT, "submit", at, **said)
        await self._send("sam", report, "claim", at)
        start = time.perf_counter()
        await self._send("sam", report, "decide", at, finding="violation", severity="mild", reasons=TEXT)
        return time.perf_counter() - start

    async def _send(self, actor: str, case: str | Kind, event: str, at: datetime, **said: Any) -> str:
        identity = command_id(actor, f"{next(self.numbers)}")
        facts = read(Kind.REPORT, event, said)
        texts = facts.words()
        command = Command(
            id=identity,
            case=case_id(case, identity, KEY) if isinstance(case, Kind) else case,
            kind=Kind.REPORT,
            event=event,
            actor=actor,
            args={name: value for name, value in facts.facts().items() if value is not None},
            texts=dict.fromkeys(texts, TEXT),
            body=identity,
            wanted_until=at + timedelta(seconds=10),
        ).signed(KEY)
        answer: Answer = await self.commit.commit(Request(case=command.case, at=at, command=command))
        if answer.refusal is not None:
            raise answer.refusal.error()
        return command.case


async def measure(verdicts_each: int) -> None:
    """Fill each size, decide on it, and print the medians."""
    async with _court() as court:
        print(f"{'violations':>12}{'agency, ms':>12}{'creator, ms':>12}")
        for size in SIZES:
            took = [await _median(court, kind, size, verdicts_each) for kind in SubjectKind]
            print(f"{size:12,}{took[0]:12.1f}{took[1]:12.1f}", flush=True)


async def _median(court: Court, kind: SubjectKind, size: int, verdicts_each: int) -> float:
    subject, clause = f"{kind}-{size}", CLAUSES[kind]
    with court.engine.begin() as connection:
        fill(connection, kind, subject, size)
    with court.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(sa.text("VACUUM ANALYZE"))
    times = [await court.decide(subject, clause, NOW + timedelta(minutes=n)) for n in range(verdicts_each + 1)]
    return median(times[1:]) * 1000  # the first one also imposes what so many violations bring


@asynccontextmanager
async def _court() -> AsyncIterator[Court]:
    with TemporaryDirectory(prefix="casework-bench-", ignore_cleanup_errors=True) as folder:
        temporal, ui, postgres = free(3)
        ports = {"temporal_port": temporal, "ui_port": ui, "postgres_port": postgres}
        settings = Settings(data_dir=Path(folder), **ports)
        async with embedded(settings, only=frozenset({"postgres"})) as servers:
            engine = connect(servers.database_url, pool=2)
            try:
                migrate(engine)
                with engine.begin() as connection:
                    install(connection, load(LIVE), FIRST)
                    with journal.recording(connection, "feed", FIRST):
                        feed.person(connection, "sam", Role.SENIOR_MODERATOR, regions=[REGION])
                    text.write(connection, {TEXT: TEXT})
                yield Court(engine, Commit(engine, KEY, Deaf()), count(1))
            finally:
                close(engine)


def fill(connection: Connection, kind: SubjectKind, subject: str, size: int) -> None:
    """A subject with so many violations of this year, and the ledger that they make; a creator streamed too."""
    _enter(connection, kind, subject)
    digest = stored.newest(connection)
    rules = Rulebooks().policy(connection, digest or "", REGION)
    step = (NOW - FIRST - timedelta(days=1)) / size
    acts = [Act(f"{subject}.{n}.1", FIRST + step * n, n, level=1) for n in range(size)]
    booked = price(rules.scheme_of(kind), acts)
    closed = [_case(kind, subject, act, digest or "") for act in acts]
    connection.execute(sa.insert(cases), closed)
    connection.execute(sa.insert(verdicts), [_verdict(kind, case, act) for case, act in zip(closed, acts, strict=True)])
    connection.execute(sa.insert(violations), _violations(kind, subject, closed, acts, booked, rules))
    connection.execute(sa.insert(lines), _ledger(kind, subject, closed, acts, booked, rules))
    seal.forget(connection)


def _enter(connection: Connection, kind: SubjectKind, subject: str) -> None:
    if kind is SubjectKind.AGENCY:
        feed.agency(connection, subject, REGION)
        return
    feed.agency(connection, f"{subject}.agency", REGION)
    feed.creator(connection, subject, REGION, Profile(CreatorClass.STANDARD, 1, 0, 0))
    feed.management(connection, subject, f"{subject}.agency", None)
    for number in range(STREAMED):
        feed.streamed(connection, subject, (FIRST + timedelta(days=number)).date(), Decimal(3))


def _case(kind: SubjectKind, subject: str, act: Act, digest: str) -> dict[str, Any]:
    case = Case(
        id=act.id.removesuffix(".1"),
        kind=Kind.REPORT,
        rulebook=digest,
        region=REGION,
        region_source="declared",
        filed_by=PLATFORM,
        filed_role=Role.PLATFORM,
        filed_agency=None,
        filed_side=Side.REPORTER,
        filed_at=act.occurred,
        of_case=None,
        clause=CLAUSES[kind],
        severity=None,
        occurred_at=act.occurred,
        text=TEXT,
        about=[],
        respondent=subject,
        subject=subject,
        agency=_agency(kind, subject),
        agent=None,
        moved_at=act.occurred,
        status=Status.CLOSED,
        outcome=Outcome.WINDOW_OVER,
        version=1,
        finding=Finding.VIOLATION,
    )
    return asdict(case)


def _verdict(kind: SubjectKind, case: dict[str, Any], act: Act) -> dict[str, Any]:
    return {
        "id": act.id,
        "case": case["id"],
        "number": 1,
        "standing": Validity.IN_FORCE,
        "finding": Finding.VIOLATION,
        "clause": CLAUSES[kind],
        "severity": Severity.MILD,
        "extra": 0,
        "reasons": TEXT,
        "decided_by": "sam",
        "decided_at": act.occurred,
    }


def _violations(
    kind: SubjectKind,
    subject: str,
    closed: Sequence[dict[str, Any]],
    acts: Sequence[Act],
    booked: Sequence[int],
    rules: Policy,
) -> list[dict[str, Any]]:
    scheme, creator = rules.scheme_of(kind), kind is SubjectKind.CREATOR
    return [
        {
            "id": act.id,
            "case": case["id"],
            "subject": subject,
            "scheme": scheme.key,
            "period": period(scheme.period, act.occurred, rules.zone),
            "clause": CLAUSES[kind],
            "occurred_at": act.occurred,
            "decided_at": act.occurred,
            "severity": act.severity,
            "extra": 0,
            "class": CreatorClass.STANDARD if creator else None,
            "level": 1 if creator else None,
            "followers": 0 if creator else None,
            "average_viewers": 0 if creator else None,
            "agency": _agency(kind, subject),
            "stands": True,
            "price": points,
            "rulebook": case["rulebook"],
        }
        for case, act, points in zip(closed, acts, booked, strict=True)
    ]


def _ledger(
    kind: SubjectKind,
    subject: str,
    closed: Sequence[dict[str, Any]],
    acts: Sequence[Act],
    booked: Sequence[int],
    rules: Policy,
) -> list[dict[str, Any]]:
    scheme = rules.scheme_of(kind)
    bounds = scheme.bounds_of(CreatorClass.STANDARD)
    after = balances(bounds.start, scheme.floor, bounds.cap, booked)
    before = [bounds.start, *after]
    return [
        ledger.line(
            (subject, scheme.key, period(scheme.period, act.occurred, rules.zone)),
            number + 1,
            act.occurred,
            reason="verdict",
            rule=f"{scheme.key}.pricing",
            case=case["id"],
            violation=act.id,
            price=booked[number],
            change=after[number] - before[number],
            balance=after[number],
        )
        for number, (case, act) in enumerate(zip(closed, acts, strict=True))
    ]


def _agency(kind: SubjectKind, subject: str) -> str:
    return subject if kind is SubjectKind.AGENCY else f"{subject}.agency"


def main() -> None:
    """Read the command line and run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--verdicts", type=int, default=15, help="verdicts on each score (15)")
    asyncio.run(measure(parser.parse_args().verdicts))


if __name__ == "__main__":
    main()
