"""A rehearsal: one scenario on a database, a worker and a clock of its own, verified at the end."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError
from temporalio.client import Client
from temporalio.service import RPCError

from activities.clock import Story as StoryClock
from activities.install import install
from ops.rehearsal.script.cast import Cast
from ops.rehearsal.script.further import FIRST
from ops.rehearsal.script.scenario import Scenario
from ops.rehearsal.stage.books import editions_of
from ops.rehearsal.stage.desk import Desk, Ends
from ops.rehearsal.stage.editions import Editions
from ops.rehearsal.stage.leavings import leave
from ops.rehearsal.stage.player import Player, Result
from ops.rehearsal.stage.servers import Servers, skipping_time
from ops.rehearsal.stage.settled import ended
from ops.rehearsal.stage.story import Story
from ops.verify import verify
from rulebook.model import Rulebook
from states.terms import RefusedError, Role
from store import feed, grants, journal
from store.audit import picture
from store.engine import connect
from store.in_thread import close
from store.keyring import fleeting
from store.objects import Objects
from store.party import Profile
from workers.clock import Clock
from workers.embedded.error import EmbeddedError
from workers.worker import compose

_KEY = b"a rehearsal's commands are signed too"
_TASK_QUEUE = "rehearsal"
_POOL = 20
# The errors of servers; another one is ours, and its traceback is logged.
_SERVERS = (TimeoutError, OSError, RPCError, SQLAlchemyError, EmbeddedError, RefusedError)
log = logging.getLogger("casework.rehearsal")


@dataclass(frozen=True)
class CaseProof:
    """A case at the end of a scenario, as `--json` prints it."""

    name: str
    workflow_id: str
    run_id: str
    events: int
    last_hash: str


@dataclass
class Played:
    """A scenario that was played: its steps, what differed at the end, and its cases."""

    scenario: Scenario
    steps: list[Result] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    cases: list[CaseProof] = field(default_factory=list)

    @property
    def passed(self) -> bool:
        """Whether every expectation held, and the proof at the end."""
        return not self.faults and not any(told.differences for told in self.steps)


@dataclass(frozen=True)
class Stage:
    """Where a scenario is played."""

    engine: Engine
    client: Client
    player: Player
    story: Story
    url: str
    objects: Objects


@asynccontextmanager
async def stage(servers: Servers, scenario: Scenario, desk: Desk, *, as_owner: bool = True) -> AsyncIterator[Stage]:
    """A database, a clock and a worker of its own, with the cast in place; acts go through the given desk.

    `as_owner`: of the tables, for who is to falsify what was played; desk and worker may do less (`store/grants.py`).
    """
    editions = editions_of(scenario)
    book = editions[FIRST].book
    async with servers.database() as url, closing(url, as_owner=as_owner) as engine, _folder() as folder:
        with engine.begin() as connection:
            install(connection, book, scenario.start)
            introduce(connection, scenario.cast, book, scenario.start)
        async with (
            skipping_time() as environment,
            compose(environment.client, engine, _KEY, _TASK_QUEUE, clock=StoryClock(Clock().now), sandbox=False),
        ):
            story = Story(environment, scenario.start)
            await story.begin()
            objects = Objects((folder / "evidence").as_uri())
            ends = Ends(engine, environment.client, _KEY, _TASK_QUEUE, story.now, objects, folder)
            async with desk(ends) as (sender, asker):
                player = Player(engine, sender, story, asker, Editions(editions, sender))
                yield Stage(engine, environment.client, player, story, url, objects)


@asynccontextmanager
async def _folder() -> AsyncIterator[Path]:
    with TemporaryDirectory(prefix="casework-") as name:
        yield Path(name)


@asynccontextmanager
async def closing(url: str, *, as_owner: bool) -> AsyncIterator[Engine]:
    """An engine whose connections and threads are closed afterwards."""
    engine = connect(url, pool=_POOL, keyring=fleeting())
    if not as_owner:
        grants.put_on(engine)
    try:
        yield engine
    finally:
        await asyncio.to_thread(close, engine)


async def rehearse(
    servers: Servers,
    scenario: Scenario,
    desk: Desk,
    *,
    told: Callable[[Result], None] = lambda _: None,
    keep: Path | None = None,
) -> Played:
    """Play a scenario to its end, also where steps fail. `keep`: a folder for histories and database.

    The database allows no more than to desk and worker. Where a server fails, the scenario fails there, with a fault
    that says at which step.
    """
    played = Played(scenario)
    try:
        async with stage(servers, scenario, desk, as_owner=False) as place:
            for step in scenario.steps:
                played.steps.append(await place.player.play(step))
                told(played.steps[-1])
            await prove(place, played)
            if keep is not None:
                await leave(keep, place.client, place.url, list(place.player.names.values()))
    except Exception as error:  # noqa: BLE001  # whatever it is, the other scenarios are played
        played.faults.append(_failed(played, error))
    return played


def _failed(played: Played, error: Exception) -> str:
    """One sentence: at which step, and what failed."""
    if isinstance(error, ExceptionGroup):
        return _failed(played, error.exceptions[0])
    done = len(played.steps)
    place = f"step {done + 1}" if done < len(played.scenario.steps) else "at the end"
    if isinstance(error, TimeoutError) and not f"{error}":
        return f"{place}: what is due did not happen"
    if not isinstance(error, _SERVERS):
        log.error("%s: %s could not be played", played.scenario.file, place, exc_info=error)
    said = f"{error}".partition("\n")[0].strip()
    return f"{place}: {type(error).__name__}: {said}" if said else f"{place}: {type(error).__name__}"


async def prove(place: Stage, played: Played) -> None:
    """Recompute everything, and compare every case's workflow with its row (ruling 14)."""
    await ended(place.engine, place.client)
    with picture(place.engine) as connection:
        differences = verify(connection, place.story.now(), place.client, place.objects)
        played.faults += [str(difference) async for difference in differences]
    for name, case_id in place.player.names.items():
        handle = place.client.get_workflow_handle(case_id)
        described, history = await handle.describe(), await handle.fetch_history()
        with place.engine.connect() as connection:
            lines = journal.timeline(connection, case_id)
        run = described.run_id
        played.cases.append(CaseProof(name, case_id, run, len(history.events), lines[-1]["hash"]))


def introduce(connection: Connection, cast: Cast, book: Rulebook, now: datetime) -> None:
    """Put the cast into the database."""
    with journal.recording(connection, "feed", now, journal.DIRECT):
        for name, agency in cast.agencies.items():
            feed.agency(connection, name, agency.region)
            feed.person(connection, agency.owner, Role.OWNER, agency=name)
            for lead in agency.leads:
                feed.person(connection, lead, Role.TEAM_LEAD, agency=name)
            for agent in agency.agents:
                feed.person(connection, agent, Role.AGENT, agency=name)
        for name, creator in cast.creators.items():
            home = cast.agencies.get(creator.agency or "")
            region = home.region if home else _elsewhere(cast, book)
            facts = Profile(creator.class_, creator.level, creator.followers, creator.average_viewers)
            feed.creator(connection, name, region, facts)
            feed.management(connection, name, creator.agency, cast.agent_of(name))
        for name, staff in cast.staff.items():
            feed.person(connection, name, staff.role, regions=staff.regions)


def _elsewhere(cast: Cast, book: Rulebook) -> str:
    """The region of a creator whom no agency manages: that of the story's first agency."""
    return next((agency.region for agency in cast.agencies.values()), book.regions[0])
