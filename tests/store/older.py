"""A database as a deployment leaves it: a story played for real, with cases in every status, then dumped.

`older_database.sql.gz` was made by the commit before the one that first reads it, and is not made again with it: it
shows that what runs goes on. `older_database.json` says what was sent and answered meanwhile. To keep another one, play
this story with the code that is in use before a change is made, and commit the two files it writes:

    .venv/bin/python tests/store/older.py

The first was made at e0bc888, where this file did not stand yet: with its imports as the modules were named then, and
`door.command` for `door.sending`.
"""

import asyncio
import gzip
import json
import tempfile
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
from argon2 import PasswordHasher
from sqlalchemy import Engine
from temporalio.client import Client
from temporalio.testing import WorkflowEnvironment

from activities.clock import Story as StoryClock
from activities.courier.deliver import Deliver
from activities.courier.post import Answer, Post
from activities.install import install
from desk.api.app import create_app
from desk.door.door import Door
from desk.evidence.keep import Intake
from desk.identity.accounts import Accounts, hashed
from desk.identity.identities import Identities
from desk.identity.limits import Limits
from desk.identity.own_issuer import OwnIssuer
from desk.service import Service
from ops.rehearsal.stage.leavings import leave
from ops.rehearsal.stage.servers import servers, skipping_time
from ops.rehearsal.stage.settled import settle
from ops.rehearsal.stage.story import Story
from rulebook.load import load
from rulebook.terms import CreatorClass
from states.terms import Kind, Role
from store import feed, identity, journal, text
from store.delivery import Due
from store.engine import connect
from store.in_thread import close
from store.keyring import fleeting
from store.objects import Objects
from store.party import Profile
from workers.clock import Clock
from workers.settings import Settings
from workers.worker import compose, compose_deliveries

HERE = Path(__file__).parent
DUMP, SENT = HERE / "older_database.sql.gz", HERE / "older_database.json"
START = datetime(2026, 3, 2, 2, tzinfo=UTC)
KEY = b"an older deployment's commands are signed too"
TASK_QUEUE = "casework"
ORIGIN, V1 = "https://casework.test", "/api/v1"
PASSWORD = "correct horse battery"  # of a story
QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
AGENCIES = {"jade": ("VN", "jan"), "lotus": ("VN", "ann"), "opal": ("VN", "ola"), "elbe": ("DE", "eva")}
STAFF = {"mia": Role.MODERATOR, "max": Role.MODERATOR, "sam": Role.SENIOR_MODERATOR, "sue": Role.SENIOR_MODERATOR}
WELL, BADLY = "https://receiver.example/well", "https://receiver.example/badly"


@dataclass
class Wish:
    """A command that was sent through the door, and its answer."""

    by: str
    verb: str
    said: dict[str, Any]
    key: str
    answer: dict[str, Any]


@dataclass
class Call:
    """A write over HTTP, and its answer."""

    by: str
    method: str
    path: str
    body: Any
    key: str
    status: int
    answer: Any


@dataclass
class Sent:
    """What is known of the story beside its database; `pending` is a command that was signed and not carried out."""

    ends: str = ""
    names: dict[str, str] = field(default_factory=dict)
    wishes: list[Wish] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)
    secrets: dict[str, str] = field(default_factory=dict)
    pending: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Receivers(Post):
    """What the receivers of webhooks got; one of them answers that it can't, until it is `mended`."""

    mended: bool = False
    got: list[Due] = field(default_factory=list)

    async def send(self, due: Due, at: datetime) -> Answer:  # noqa: ARG002  # as the real one
        if due.url == BADLY and not self.mended:
            return Answer(503, "answered 503")
        self.got.append(due)
        return Answer(204, None)


@dataclass
class Stage:
    """A database on which a story is played, or played on: with a Temporal and a clock of its own."""

    engine: Engine
    client: Client
    environment: WorkflowEnvironment
    story: Story
    door: Door
    http: httpx.AsyncClient
    issuer: OwnIssuer
    receivers: Receivers

    async def after(self, **how_long: float) -> None:
        """Let so much time pass."""
        await self.story.until(self.story.now() + timedelta(**how_long))
        await self.settle()

    async def settle(self) -> None:
        """Wait until all has happened that is due."""
        await settle(self.engine, self.story.now)

    async def call(self, by: str, method: str, path: str, body: Any, key: str) -> httpx.Response:
        """A write over HTTP, with a token of the person's."""
        headers = {"Authorization": f"Bearer {self.issuer.token(by)}", "Idempotency-Key": key}
        return await self.http.request(method, V1 + path, json=body, headers=headers)


@asynccontextmanager
async def stage(engine: Engine, start: datetime, receivers: Receivers) -> AsyncIterator[Stage]:
    """A worker, a door and an API over the database, in the story's time."""
    async with skipping_time() as environment:
        story = Story(environment, start)
        await story.begin()
        client = environment.client
        clock = StoryClock(Clock().now)
        deliver = Deliver(engine, receivers, clock)
        issuer = OwnIssuer(now=story.now)
        identities = Identities(engine, issuers=[issuer.issuer], local_accounts=True, origin=ORIGIN, now=story.now)
        identities.accounts = Accounts(engine, story.now, QUICK)
        async with (
            compose(client, engine, KEY, TASK_QUEUE, clock=clock, sandbox=True),
            compose_deliveries(client, TASK_QUEUE, deliver),
            Door(engine, client, KEY, TASK_QUEUE, story.now) as door,
        ):
            folder = Path(tempfile.gettempdir())
            intake = Intake(Objects((folder / "casework-older").as_uri()), folder)
            app = create_app(Service(door, identities, Limits(1_000_000), intake, demo=False))
            transport = httpx.ASGITransport(app, raise_app_exceptions=False)
            async with httpx.AsyncClient(transport=transport, base_url=ORIGIN) as http:
                yield Stage(engine, client, environment, story, door, http, issuer, receivers)


def introduce(engine: Engine) -> None:
    """The rulebook, and who is there."""
    with engine.begin() as connection:
        install(connection, load("live"), START)
        with journal.recording(connection, "feed", START):
            for agency, (region, owner) in AGENCIES.items():
                feed.agency(connection, agency, region)
                feed.person(connection, owner, Role.OWNER, agency=agency)
            feed.person(connection, "bob", Role.AGENT, agency="lotus")
            for person, role in STAFF.items():
                feed.person(connection, person, role, regions=["VN", "DE"])
            feed.creator(connection, "kim", "VN", Profile(CreatorClass.STANDARD, 1, 0, 0))
            feed.management(connection, "kim", "lotus", "bob")
            feed.creator(connection, "zoe", "VN", Profile(CreatorClass.QUALITY, 2, 200_000, 2_000))
            feed.management(connection, "zoe", None, None)
        for person in ("ann", "jan"):
            identity.enter_account(connection, person, hashed(PASSWORD, QUICK))


class Author:
    """Plays the story, and notes what was sent."""

    def __init__(self, on: Stage) -> None:
        self.on = on
        self.sent = Sent()

    async def do(self, by: str, verb: str, name: str = "", **said: Any) -> None:
        """Send a wish; `name` is the case's, of one that it opens or one that is known."""
        known = {word: self.sent.names.get(value, value) if word == "of" else value for word, value in said.items()}
        if verb not in tuple(Kind):
            known = {"case": self.sent.names[name], **known}
        key = f"key {len(self.sent.wishes)}"
        answer = await self.on.door.send(by, verb, known, key=key)
        if verb in tuple(Kind):
            self.sent.names[name] = answer["case"]
        self.sent.wishes.append(Wish(by, verb, known, key, answer))
        await self.on.settle()

    async def call(self, by: str, method: str, path: str, body: Any = None) -> Any:
        """Write over HTTP; give the answer."""
        key = f"call-{len(self.sent.calls)}"
        answer = await self.on.call(by, method, path, body, key)
        assert answer.is_success, answer.text
        self.sent.calls.append(Call(by, method, path, body, key, answer.status_code, answer.json()))
        await self.on.settle()
        return answer.json()

    async def report(self, name: str, by: str = "jan", against: str = "lotus", **more: Any) -> None:
        said = {"clause": "agency.poaching", "against": against, "details": "seen on stream", **more}
        await self.do(by, "report", name, **said)

    async def verdict(self, name: str, finding: str, severity: str | None = None, by: str = "mia", **more: Any) -> None:
        await self.do(by, "claim", name)
        said = {"finding": finding, "reasons": "checked the evidence", **more}
        await self.do(by, "decide", name, **(said | {"severity": severity} if severity else said))

    async def appeal(self, of: str, by: str = "ann") -> None:
        await self.do(by, "appeal", f"appeal.{of}", of=of, grounds="we did not")

    async def heard(self, of: str, outcome: str, **more: Any) -> None:
        await self.do("sue", "claim", f"appeal.{of}")
        await self.do("sue", "decide", f"appeal.{of}", outcome=outcome, reasons="heard", **more)

    async def play(self) -> None:
        """Two months: what is over, then what still runs."""
        await self.call("jan", "POST", "/webhooks", {"url": WELL, "events": ["case.moved", "verdict.decided"]})
        await self.call("ann", "POST", "/webhooks", {"url": BADLY, "events": ["penalty.in_force", "notice.sent"]})
        unwanted = await self.call("ann", "POST", "/webhooks", {"url": WELL, "events": ["notice.sent"]})
        await self.call("ann", "DELETE", f"/webhooks/{unwanted['id']}")
        await self.over()
        await self.on.after(days=33)
        await self.fed()
        await self.running()

    async def over(self) -> None:
        """What comes to an end."""
        await self.report("withdrawn")
        await self.do("jan", "withdraw", "withdrawn")
        await self.report("dismissed", by="ola")
        await self.verdict("dismissed", "none")
        await self.report("twice", by="ola")
        await self.verdict("twice", "violation", "mild", clause="agency.other")
        await self.report("duplicate")
        await self.verdict("duplicate", "duplicate", of=self.sent.names["twice"])
        for outcome, more in (("overturned", {}), ("modified", {"severity": "mild"}), ("upheld", {})):
            await self.report(outcome, occurred="2026-03-01T09:30:00+07:00")
            await self.verdict(outcome, "violation", "moderate")
            await self.on.after(hours=5)
            await self.appeal(outcome)
            await self.heard(outcome, outcome, **more)
        await self.report("moot")
        await self.appeal("moot")
        await self.verdict("moot", "none")
        await self.report("overdue", by="ola", against="jade")
        await self.on.after(days=7)
        await self.verdict("overdue", "none", by="sam")

    async def fed(self) -> None:
        """What the platform feeds, and a verdict on a creator."""
        profile = {"region": "VN", "class": "professional", "level": 3, "followers": 150_000, "average_viewers": 1_500}
        await self.call("platform", "PUT", "/creators/lou", profile)
        await self.call("platform", "PUT", "/creators/lou/management", {"agency": "opal", "agent": None})
        await self.call("platform", "POST", "/creators/kim/streaming-days", {"days": 3, "hours": "2.5"})
        lines = [{"clause": "content.gambling", "against": who, "details": "seen"} for who in ("zoe", "kim", "nobody")]
        done = await self.call("platform", "POST", "/violations/batch", {"violations": lines})
        self.sent.names |= {"zoe": done["lines"][0]["case"], "kim": done["lines"][1]["case"]}
        await self.verdict("zoe", "violation", "moderate")

    async def running(self) -> None:
        """What is left in every status; a lease, which runs out first, comes last."""
        await self.report("open")
        await self.verdict("open", "violation", "severe", by="sam")
        await self.do("sue", "approve", "open", reasons="seen it too")
        await self.report("open_to_reporter", against="elbe")
        await self.verdict("open_to_reporter", "none")
        await self.report("appealed")
        await self.verdict("appealed", "violation", "mild")
        await self.appeal("appealed")
        await self.report("held")
        await self.appeal("held")
        await self.report("approval", occurred="2026-04-01T10:00:00Z")
        await self.verdict("approval", "violation", "severe")
        await self.report("escalated", by="ola")
        await self.do("mia", "claim", "escalated")
        await self.do("mia", "escalate", "escalated", reasons="hard")
        await self.report("asked", evidence="a video")
        await self.do("mia", "claim", "asked")
        await self.do("mia", "ask", "asked", question="where?", to="reporter")
        await self.over_http()
        await self.report("awaited", by="ola")
        await self.report("claimed")
        await self.do("max", "claim", "claimed")
        await self.identities()
        self.leave_pending("mia", "claim", {"case": self.sent.names["awaited"]})

    async def over_http(self) -> None:
        """The same moves as they come in over HTTP."""
        said = {"clause": "agency.multi_account", "against": "lotus", "about": ["kim"], "details": "four accounts"}
        self.sent.names["queued"] = (await self.call("jan", "POST", "/reports", said))["case"]
        said = {"clause": "agency.poaching", "against": "lotus", "details": "seen", "evidence": "a video"}
        filed = await self.call("ola", "POST", "/reports", {**said, "occurred": "2026-04-02T10:00:00+07:00"})
        self.sent.names["heard"] = report = filed["case"]
        await self.move("max", report, "claim")
        await self.move("max", report, "ask", to="respondent", question="why?")
        await self.move("ann", report, "answer", text="by chance")
        await self.move("max", report, "claim")
        await self.move("max", report, "decide", finding="violation", severity="moderate", reasons="checked")
        appeal = (await self.call("ann", "POST", "/appeals", {"of": report, "grounds": "we did not"}))["case"]
        self.sent.names["appeal.heard"] = appeal
        await self.move("sue", appeal, "claim")

    async def move(self, by: str, case: str, do: str, **said: Any) -> None:
        await self.call(by, "POST", f"/cases/{case}/moves", {"do": do, **said})

    async def identities(self) -> None:
        """A session of a browser, and a key of a system."""
        said = {"person": "jan", "password": PASSWORD}
        session = await self.on.http.post(V1 + "/session", json=said, headers={"Origin": ORIGIN})
        assert session.status_code == 201, session.text
        cookie = session.headers["Set-Cookie"].partition(";")[0]
        self.on.http.cookies.clear()
        made = await self.call("jan", "POST", "/api-keys", {"label": "robot", "scopes": ["read", "write"]})
        self.sent.secrets = {"cookie": cookie, "csrf": session.json()["csrf_token"], "api_key": made["secret"]}

    def leave_pending(self, by: str, verb: str, said: Mapping[str, Any]) -> None:
        """A command that was sent and that no worker has taken."""
        command, _, texts = self.on.door.sending(by, verb, said, "pending")
        with self.on.engine.begin() as connection:
            text.write(connection, texts)
        wanted = command.model_copy(update={"wanted_until": self.on.story.now() + timedelta(hours=1)})
        self.sent.pending = wanted.signed(KEY).model_dump(mode="json")


async def main() -> None:
    """Play the story and write the two files down."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        async with servers(Settings(data_dir=place / "data")) as started, started.database() as url:
            engine = connect(url, keyring=fleeting())
            try:
                introduce(engine)
                async with stage(engine, START, Receivers()) as on:
                    author = Author(on)
                    await author.play()
                    await asyncio.sleep(1)  # receipts are written down in the background
                    author.sent.ends = on.story.now().isoformat()
                    await leave(place / "left", on.client, url, [])
            finally:
                close(engine)
        DUMP.write_bytes(gzip.compress((place / "left" / "database.sql").read_bytes(), mtime=0))
        SENT.write_text(json.dumps(asdict(author.sent), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    asyncio.run(main())
