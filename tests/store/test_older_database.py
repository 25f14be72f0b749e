"""A database of the commit before migrates and plays on: `older.py` tells how it was made."""

import asyncio
import gzip
import json
import os
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import datetime
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from conftest import new
from older import BADLY, DUMP, KEY, PASSWORD, SENT, TASK_QUEUE, V1, WELL, Call, Receivers, Sent, Stage, Wish, stage
from sqlalchemy import Engine, create_engine
from temporalio.client import WithStartWorkflowOperation
from temporalio.common import WorkflowIDConflictPolicy

from activities.command import Answer, Command
from activities.install import install
from activities.look import Looker, Woken
from activities.names import CASE, COMMAND
from desk.door.sending import former_hash_of
from ops.verify import verify
from rulebook.load import LIVE, load
from states.terms import Code, Outcome, RefusedError, Status
from store import case as cases
from store import delivery, text
from store.encrypting import encrypt
from store.engine import connect
from store.in_thread import close
from store.keyring import name_of, of_party
from store.migrate import migrate, newest
from store.schema import metadata
from store.schema.cases import cases as rows
from store.schema.commands import commands
from store.schema.journal import journal
from store.schema.scores import penalties
from store.schema.webhooks import deliveries
from workers import sweep as sweeping
from workers.embedded.binary import binary
from workers.reach import House

PASSED = {Status.NEW, Status.SUBMITTED, Status.DECIDED}  # in the middle of a move only


def read_sent() -> Sent:
    told = json.loads(SENT.read_text(encoding="utf-8"))
    wishes, calls = told.pop("wishes"), told.pop("calls")
    return Sent(**told, wishes=[Wish(**each) for each in wishes], calls=[Call(**each) for each in calls])


THEN = read_sent()


@contextmanager
def restored(house: House) -> Iterator[Engine]:
    """The kept database, as it was left; gone afterwards."""
    name = new("older").replace("-", "_")
    at = house.engine.url
    admin = create_engine(at, isolation_level="AUTOCOMMIT", pool_size=1)
    with admin.connect() as connection:
        connection.execute(sa.text(f"CREATE DATABASE {name}"))
    reach = {"HOST": at.host, "PORT": at.port, "USER": at.username, "PASSWORD": at.password, "DATABASE": name}
    subprocess.run(
        [binary("psql"), "--no-psqlrc", "--quiet", "--set", "ON_ERROR_STOP=1", "--output", os.devnull],
        input=gzip.decompress(DUMP.read_bytes()),
        env={**os.environ, **{f"PG{key}": str(value) for key, value in reach.items()}},
        check=True,
    )
    url = at.set(drivername="postgresql", database=name).render_as_string(hide_password=False)
    engine = connect(url, keyring=house.keyring)
    try:
        yield engine
    finally:
        close(engine)
        with admin.connect() as connection:
            connection.execute(sa.text(f"DROP DATABASE {name}"))
        admin.dispose()


def prepared(engine: Engine) -> None:
    """As a worker does before it begins."""
    migrate(engine)
    encrypt(engine, datetime.fromisoformat(THEN.ends))
    with engine.begin() as connection:
        install(connection, load(LIVE), datetime.fromisoformat(THEN.ends))


def asked(engine: Engine, query: sa.Select[Any]) -> list[Any]:
    with engine.connect() as connection:
        return list(connection.execute(query).scalars())


async def differences(engine: Engine, at: datetime, on: Stage | None = None) -> list[str]:
    with engine.connect() as connection:
        return [str(found) async for found in verify(connection, at, on.client if on else None)]


@pytest.fixture(scope="module")
async def on(house: House) -> AsyncIterator[Stage]:
    """The kept database, brought up to date; the clock goes on where the story ended, and no workflow is left."""
    with restored(house) as engine:
        prepared(engine)
        async with stage(engine, datetime.fromisoformat(THEN.ends), Receivers(mended=True)) as made:
            yield made


async def test_it_is_older_and_has_cases_in_every_status(house: House) -> None:
    with restored(house) as engine:
        with engine.connect() as connection:
            assert connection.scalar(sa.text("SELECT version_num FROM alembic_version")) < newest()
        assert set(asked(engine, sa.select(rows.c.status))) == set(Status) - PASSED
        kept = set(asked(engine, sa.select(rows.c.outcome).where(rows.c.outcome.is_not(None))))
        assert kept == set(Outcome)
        assert asked(engine, sa.select(penalties.c.id).where(penalties.c.lifted_at.is_(None)))
        assert asked(engine, sa.select(deliveries.c.id).where(deliveries.c.next_at.is_not(None)))


async def test_migrated_it_has_the_schema_of_the_code_and_all_of_it_is_true(house: House) -> None:
    with restored(house) as engine:
        prepared(engine)
        with engine.connect() as connection:
            assert compare_metadata(MigrationContext.configure(connection), metadata) == []
        assert await differences(engine, datetime.fromisoformat(THEN.ends)) == []


async def test_its_words_are_encrypted_and_read_as_they_did(house: House) -> None:
    with restored(house) as engine:
        kept = sa.text("SELECT id, body FROM texts")
        with engine.connect() as connection:
            before = {row.id: row.body for row in connection.execute(kept)}
        prepared(engine)
        with engine.connect() as connection:
            after = {row.id: row.body for row in connection.execute(kept)}
            assert text.bodies(connection, list(after)) == before
            wrapped_by = set(connection.scalars(sa.text("SELECT DISTINCT unnest(wrapped_by) FROM texts")))
            hooks = set(connection.scalars(sa.text("SELECT secret FROM webhooks")))
            dues = [
                delivery.following(connection, hook) for hook in connection.scalars(sa.text("SELECT id FROM webhooks"))
            ]
        assert {hook.partition(":")[0] for hook in hooks} == {"encrypted"}
        assert {due.secret.partition("_")[0] for due in dues if due} == {"whsec"}
        assert not set(after.values()) & set(before.values())
        assert {name_of(of_party(who)) for who in ("jan", "ann", "zoe", "lotus")} <= wrapped_by
        assert name_of(of_party("mia")) not in wrapped_by
        assert await differences(engine, datetime.fromisoformat(THEN.ends)) == []


async def test_what_was_on_its_way_is_carried_out(on: Stage) -> None:
    """A start and a command as the older desk wrote them: its words for their fields, and its signature."""
    pending = THEN.pending
    start: WithStartWorkflowOperation[Any, Any] = WithStartWorkflowOperation(
        CASE,
        {"case": pending["case"], "at": THEN.ends, "first": None},
        id=pending["case"],
        task_queue=TASK_QUEUE,
        id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
    )
    answer = await on.client.execute_update_with_start_workflow(
        COMMAND, pending, start_workflow_operation=start, result_type=Answer
    )
    assert (answer.refusal, answer.now and answer.now.status) == (None, Status.CLAIMED)
    assert Command.model_validate(pending).genuine(KEY)


def as_then(on: Stage, wish: Wish) -> Command:
    """The command as the older desk wrote it."""
    command, said, _ = on.door.sending(wish.by, wish.verb, wish.said, wish.key)
    return command.model_copy(update={"body": former_hash_of(wish.verb, command.case, said)}).signed(KEY)


def test_the_same_wish_under_the_same_key_hashes_the_same(on: Stage) -> None:
    with on.engine.connect() as connection:
        then = {row.id: row.body for row in connection.execute(sa.select(commands.c.id, commands.c.body))}
    for wish in THEN.wishes:
        command = as_then(on, wish)
        assert (command.case, command.body) == (wish.answer["case"], then.get(command.id)), wish


async def test_what_was_sent_before_gets_its_old_answer_and_happens_once(on: Stage) -> None:
    before = len(asked(on.engine, sa.select(journal.c.number)))
    for wish in THEN.wishes:
        assert await on.door.send(wish.by, wish.verb, wish.said, key=wish.key) == wish.answer
    for call in THEN.calls:
        again = await on.call(call.by, call.method, call.path, call.body, call.key)
        # A secret is shown once; a sentence may be put in other words, and its code stays.
        assert (again.status_code, plain(again.json())) == (call.status, plain(call.answer))
    assert len(asked(on.engine, sa.select(journal.c.number))) == before


def plain(told: Any) -> Any:
    if isinstance(told, list):
        return [plain(each) for each in told]
    if isinstance(told, dict):
        return {name: plain(value) for name, value in told.items() if name not in {"secret", "detail"}}
    return told


async def test_a_workflow_that_is_asked_again_answers_from_the_row(on: Stage) -> None:
    """The desk stopped before it read the answer; the case's workflow is new and gets the same command."""
    wish = next(wish for wish in THEN.wishes if wish.answer["case"] == THEN.names["open"])
    command = as_then(on, wish)
    await Looker(on.client, TASK_QUEUE).wake(Woken([command.case]), on.story.now())
    handle = on.client.get_workflow_handle(command.case)
    answer: Answer = await handle.execute_update(COMMAND, command, result_type=Answer)
    assert answer.answer == wish.answer


async def test_something_else_under_an_old_key_is_refused(on: Stage) -> None:
    wish = THEN.wishes[0]
    with pytest.raises(RefusedError) as refused:
        await on.door.send(wish.by, wish.verb, wish.said | {"details": "something else"}, key=wish.key)
    assert refused.value.code is Code.KEY_REUSED
    call = THEN.calls[0]
    other = await on.call(call.by, call.method, call.path, call.body | {"url": BADLY}, call.key)
    assert other.json()["code"] == Code.KEY_REUSED


async def test_accounts_sessions_and_keys_open_as_they_did(on: Stage) -> None:
    kept = THEN.secrets
    session = await on.http.get(V1 + "/session", headers={"Cookie": kept["cookie"]})
    assert (session.json()["person"], session.json()["csrf_token"]) == ("jan", kept["csrf"])
    robot = await on.http.get(V1 + "/session", headers={"Authorization": f"Bearer {kept['api_key']}"})
    assert (robot.json()["person"], robot.json()["via"]) == ("jan", "api_key")
    login = await on.http.post(V1 + "/session", json={"person": "ann", "password": PASSWORD})
    on.http.cookies.clear()
    assert login.status_code == 201


async def test_it_plays_on_until_all_is_closed(on: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is left in each status goes on from there; in the end all is true, also in the workflows."""
    monkeypatch.setattr(sweeping, "PAUSE", 0.2)
    async with swept(on):
        await play_on(on)
        assert await differences(on.engine, on.story.now()) == []
        assert status(on, "held") is Status.UNDER_APPEAL
        assert status(on, "appeal.held") is Status.QUEUED
        await on.after(days=4)
        assert (
            status(on, "claimed") is Status.ESCALATED
        )  # nobody has touched it since: the lease ran out, then the time
        await on.after(days=60)
    for name in ("appealed", "approval", "escalated", "heard", "queued", "zoe"):
        assert status(on, name) is Status.CLOSED, name
    assert asked(on.engine, sa.select(deliveries.c.id).where(deliveries.c.next_at.is_not(None))) == []
    assert {due.url for due in on.receivers.got} == {WELL, BADLY}
    assert await differences(on.engine, on.story.now(), on) == []


@asynccontextmanager
async def swept(on: Stage) -> AsyncIterator[None]:
    """The sweep is at work, as beside every worker: of the cases that wait for a time no workflow is left."""
    task = asyncio.create_task(sweeping.sweep_forever(on.engine, Looker(on.client, TASK_QUEUE), on.story.now))
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def status(on: Stage, name: str) -> Status | None:
    with on.engine.connect() as connection:
        found = cases.read(connection, THEN.names[name])
    return found.status if found else None


async def play_on(on: Stage) -> None:
    """Somebody does what comes next in every status."""

    async def do(by: str, verb: str, name: str, **said: Any) -> None:
        about = {"of": THEN.names[name]} if verb == "appeal" else {"case": THEN.names[name]}
        await on.door.send(by, verb, about | said, key=new("key"))
        await on.settle()

    async def decide(by: str, name: str, **said: Any) -> None:
        await do(by, "decide", name, reasons="checked again", **said)

    await do("mia", "claim", "queued")
    await decide("mia", "queued", finding="violation", severity="mild")
    await do("sue", "approve", "approval", reasons="seen it too")
    await do("jan", "answer", "asked", text="there")
    await do("mia", "claim", "asked")
    await decide("mia", "asked", finding="violation", severity="moderate")
    await do("sam", "claim", "escalated")
    await decide("sam", "escalated", finding="none")
    await do("mia", "claim", "held")
    await decide("mia", "held", finding="violation", severity="mild")
    await do("sue", "claim", "appeal.appealed")
    await decide("sue", "appeal.appealed", outcome="overturned")
    await decide("sue", "appeal.heard", outcome="modified", severity="mild")
    await do("ann", "appeal", "open", grounds="not we")
    await do("jan", "appeal", "open_to_reporter", grounds="look again")


async def test_languages_that_were_written_in_another_case_are_normalised_and_vouched_for(house: House) -> None:
    with restored(house) as engine:
        with engine.begin() as connection:
            connection.execute(sa.text("UPDATE people SET languages = '{VI-vn,vi-VN,zh-hans-cn}' WHERE id = 'mia'"))
            opened = sa.text("UPDATE cases SET language = 'Zh-hans-CN' WHERE outcome IS NULL RETURNING id")
            assert connection.execute(opened).all()
        prepared(engine)
        with engine.connect() as connection:
            staff = connection.scalar(sa.text("SELECT languages FROM people WHERE id = 'mia'"))
        assert staff == ["vi-VN", "zh-Hans-CN"]
        assert set(asked(engine, sa.select(rows.c.language).where(rows.c.outcome.is_(None)))) == {"zh-Hans-CN"}
        assert await differences(engine, datetime.fromisoformat(THEN.ends)) == []
