"""Real commits on a real database, without workflows: the story's time is given with each."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, select

from activities.command import Answer, Command, Request, case_id, command_id
from activities.feed.stream import record
from activities.install import PLATFORM, install
from activities.look import Looker, Woken
from activities.move.commit import Commit
from activities.move.input import Input, read
from activities.move.preview import Preview, preview
from activities.rulebooks import Rulebooks
from ops.rehearsal.stage.servers import Servers
from ops.verify import attribution, carried, chains, penalties, quotas, scores, windows
from rulebook.load import load
from rulebook.model import Rulebook
from rulebook.terms import CreatorClass
from states.terms import Kind, Role
from store import feed, journal, ledger, penalty, text
from store.engine import connect
from store.in_thread import close
from store.keyring import fleeting
from store.party import Profile
from store.schema.cases import cases
from store.schema.journal import notices
from store.schema.verdicts import violations
from store.trial import attempt

KEY = b"the properties' commands are signed too"
WORDS = {"details": "details", "reasons": "reasons", "grounds": "grounds", "question": "question", "text": "text"}
FIRST = datetime.fromisoformat("2026-09-01T00:00:00+00:00")
SENIORS = ("sam", "sue", "sol")
# Statements are compiled once for the databases of all courts.
_COMPILED: dict[Any, Any] = {}


class Deaf(Looker):
    """There is no Temporal here, so nobody is woken."""

    def __init__(self) -> None:
        """It has no client."""

    async def wake(self, woken: Woken, at: datetime) -> None: ...


@dataclass(frozen=True)
class Court:
    """A database with a rulebook, the staff of two regions, and the platform."""

    engine: Engine
    commit: Commit
    rulebooks: Rulebooks
    numbers: "count[int]"

    async def send(
        self, at: datetime, actor: str, case: str | Kind, event: str, basis: str | None = None, **said: Any
    ) -> Answer:
        """Commit a command; `case` is a kind where it opens one."""
        command, _ = self.command(at, actor, case, event, said, basis)
        return await self.commit.commit(Request(case=command.case, at=at, command=command))

    def preview(
        self, at: datetime, actor: str, case: str, event: str, basis: str | None = None, **said: Any
    ) -> Preview:
        """What the command would do."""
        command, facts = self.command(at, actor, case, event, said, basis)
        return attempt(self.engine, lambda connection: preview(connection, self.rulebooks, command, facts, at))

    def command(
        self, at: datetime, actor: str, case: str | Kind, event: str, said: dict[str, Any], basis: str | None
    ) -> tuple[Command, Input]:
        identity = command_id(actor, f"key-{next(self.numbers)}")
        named = case_id(case, identity, KEY) if isinstance(case, Kind) else case
        kind = Kind.REPORT if named.startswith(Kind.REPORT) else Kind.APPEAL
        facts = read(kind, event, said)
        texts = facts.words()
        command = Command(
            id=identity,
            case=named,
            kind=kind,
            event=event,
            actor=actor,
            args={name: value for name, value in facts.facts().items() if value is not None},
            texts={field: field for field in texts},
            body=identity,
            wanted_until=at + timedelta(seconds=10),
            basis=basis,
        ).signed(KEY)
        return command, facts

    async def done(self, at: datetime, actor: str, case: str | Kind, event: str, **said: Any) -> str:
        """Commit a command that is carried out; give the case."""
        answer = await self.send(at, actor, case, event, **said)
        assert answer.answer is not None, (event, answer.refusal)
        return str(answer.answer["case"])

    def stream(self, at: datetime, creator: str, days: int, hours: float) -> None:
        with self.engine.begin() as connection:
            record(connection, self.rulebooks, PLATFORM, {"creator": creator, "days": days, "hours": f"{hours}"}, at)

    def agency(self, region: str, creators: dict[str, Profile]) -> str:
        """A new agency with its owner; its creators' names are made its own. Give its id."""
        made = f"agency-{next(self.numbers)}"
        with self.engine.begin() as connection, journal.recording(connection, "feed", FIRST):
            feed.agency(connection, made, region)
            feed.person(connection, f"{made}.owner", Role.OWNER, agency=made)
            for name, profile in creators.items():
                feed.creator(connection, f"{made}.{name}", region, profile)
                feed.management(connection, f"{made}.{name}", made, None)
        return made

    def profile(self, creator: str, region: str, profile: Profile, since: datetime) -> None:
        with self.engine.begin() as connection, journal.recording(connection, "feed", since):
            feed.creator(connection, creator, region, profile, since)

    def status(self, case: str) -> str:
        with self.engine.connect() as connection:
            return str(connection.execute(select(cases.c.status).where(cases.c.id == case)).scalar_one())

    def score(self, subject: str, scheme: str, period: str) -> int | None:
        with self.engine.connect() as connection:
            return ledger.last(connection, subject, scheme, period)[1]

    def prices(self, agency: str) -> dict[str, tuple[int, bool]]:
        """The price booked for each case's violation, and whether it stands."""
        rows = select(violations.c.case, violations.c.price, violations.c.stands).where(violations.c.agency == agency)
        with self.engine.connect() as connection:
            return {row.case: (row.price, row.stands) for row in connection.execute(rows)}

    def in_force(self, subject: str, at: datetime) -> set[str]:
        with self.engine.connect() as connection:
            return {row["key"] for row in penalty.of_subject(connection, subject, at, in_force=True).rows}

    def told(self, recipient: str) -> list[tuple[str, dict[str, Any]]]:
        """The notices to somebody, in order: template and values."""
        rows = select(notices.c.template, notices.c["values"]).where(notices.c.recipient == recipient)
        with self.engine.connect() as connection:
            return [(template, values) for template, values in connection.execute(rows.order_by(notices.c.id))]

    def differences(self, now: datetime) -> list[str]:
        """What `verify` finds in scores, penalties and chains; the platform was told nothing here."""
        with self.engine.connect() as connection:
            checks = [
                chains.chains(connection),
                chains.seals(connection),
                scores.scores(connection, self.rulebooks, now),
                penalties.penalties(connection, self.rulebooks, now),
                carried.carried(connection, self.rulebooks, now),
                windows.windows(connection, self.rulebooks),
                attribution.attribution(connection, self.rulebooks),
                quotas.quotas(connection, self.rulebooks),
            ]
            return [str(difference) for found in checks for difference in found]


@asynccontextmanager
async def court(servers: Servers, rulebook: str | Path | Rulebook = "live", **override: object) -> AsyncIterator[Court]:
    """A court in a database of its own; `override` changes procedure keys."""
    book = rulebook if isinstance(rulebook, Rulebook) else load(rulebook, override)
    async with servers.database() as url:
        engine, rulebooks = (
            connect(url, pool=2, keyring=fleeting()).execution_options(compiled_cache=_COMPILED),
            Rulebooks(),
        )
        with engine.begin() as connection:
            install(connection, book, FIRST)
            with journal.recording(connection, "feed", FIRST):
                for name in SENIORS:
                    feed.person(connection, name, Role.SENIOR_MODERATOR, regions=["VN", "DE"])
            text.write(connection, WORDS)
        yield Court(engine, Commit(engine, KEY, Deaf(), rulebooks), rulebooks, count(1))
        close(engine)


def profile(kind: str, level: int, followers: int, viewers: int) -> Profile:
    return Profile(CreatorClass(kind), level, followers, viewers)
