"""A product that was broken on purpose: what is stuck is found with its reason, and mended; Temporal's store is lost."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from conftest import agency, person, send
from other_build import begun_by_another_build
from outside import Receiver, until
from pydantic import SecretStr
from terminal import Terminal, keys, terminal

from activities.clock import Own
from activities.courier.deliver import Deliver
from activities.courier.post import Post
from activities.look import Woken
from activities.names import LOOK
from activities.subject import known
from desk.demo import cast
from desk.door.door import Door
from desk.door.mending import Mending, Repair, Thing, Whose
from desk.reading.watch import Watch, Watched
from ops.metrics.figures import of_waves
from ops.stuck import by_rows
from ops.verify.workflows import workflows as compared
from rulebook.terms import PenaltyKind
from states.situation import Actor
from states.terms import RefusedError, Role
from store import figures, penalty
from store.penalty import Changes
from workers import sweep
from workers.embedded.servers import embedded
from workers.house import up
from workers.settings import Settings
from workers.worker import compose, compose_deliveries, working

# Temporal marks a workflow as failing after the first failed task, not the fifth; histories go at once.
EXTRA = ("--dynamic-config-value", "system.numConsecutiveWorkflowTaskProblemsToTriggerSearchAttribute=1")
POACHING = {"clause": "agency.poaching", "details": "seen"}
OPS = Actor("ola", Role.OPS)
# The queue of a worker that has got what another build began.
OTHER = "other"


class Product:
    """An engine on a database that stays, with a Temporal that forgets all when it is stopped, and without its sweep."""

    def __init__(self, settings: Settings, platform: Receiver) -> None:
        self.settings, self.platform = settings, platform
        self.stack = AsyncExitStack()

    async def start(self) -> None:
        self.house, _ = await self.stack.enter_async_context(
            up(self.settings, ephemeral=True, headless=True, extra=EXTRA)
        )
        self.door = await self.stack.enter_async_context(Door.of(self.house))

    async def lose_temporal(self) -> None:
        await self.stack.aclose()
        await self.start()

    async def claimed(self) -> tuple[str, str]:
        """A case that a new moderator has claimed, and who that is."""
        (_, jan), (lotus, _) = await agency(self.house, "jade"), await agency(self.house, "lotus")
        mia = await person(self.house, Role.MODERATOR)
        case = (await send(self.door, jan, "report", against=lotus, **POACHING))["case"]
        await send(self.door, mia, "claim", case=case)
        return str(case), mia

    async def restricted(self) -> str:
        """A new agency with a penalty of which the platform must be told."""
        name, _ = await agency(self.house)
        at, changes = self.house.clock.now() - timedelta(minutes=5), Changes()
        with self.house.engine.begin() as connection:
            digest = connection.execute(sa.text("SELECT digest FROM versions WHERE status = 'in_force'")).scalar_one()
            of: Any = {"scheme": "agency_compliance", "period": "2026", "key": "agency_compliance.restricted"}
            of |= {"subject": name, "rulebook": digest, "starts_at": at, "ends_at": at + timedelta(days=20)}
            penalty.impose(connection, changes, at=at, restricts=True, on_trial=False, kind=PenaltyKind.SCORE, **of)
        return name

    def run(self, statement: str, **values: Any) -> None:
        with self.house.engine.begin() as connection:
            connection.execute(sa.text(statement), values)

    def read(self, statement: str, **values: Any) -> Any:
        with self.house.engine.connect() as connection:
            return connection.execute(sa.text(statement), values).scalar_one()

    async def look(self, queue: str | None = None) -> Watched:
        house = self.house
        watch = Watch(house.engine, house.clock.now, house.client, queue or house.settings.task_queue)
        return await watch.look(OPS, exactly=True)

    async def differences(self) -> list[str]:
        with self.house.engine.connect() as connection:
            return [str(one) async for one in compared(connection, self.house.client, moment=0.2)]


@pytest.fixture(scope="module")
async def product(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Product]:
    folder, platform, patch = tmp_path_factory.mktemp("broken"), Receiver(), pytest.MonkeyPatch()
    patch.setattr(sweep, "PAUSE", 3600)
    server = await asyncio.start_server(platform.serve, "127.0.0.1", 0)
    host, port = server.sockets[0].getsockname()
    async with embedded(Settings(data_dir=folder), only=frozenset({"postgres"}), ephemeral=True) as servers:
        settings = Settings(
            data_dir=folder,
            database_url=SecretStr(servers.database_url),
            command_key=SecretStr("a key of the broken product"),
            master_key=SecretStr("a key of the broken product"),
            keys_url=(folder / "keys").as_uri(),
            platform_url=f"http://{host}:{port}/restrictions",
            platform_key=SecretStr("a key of the platform's"),
        )
        made = Product(settings, platform)
        await made.start()
        with made.house.engine.begin() as connection:
            cast.introduce(connection, made.house.clock.now())
        try:
            yield made
        finally:
            await made.stack.aclose()
            server.close()
            patch.undo()


@pytest.fixture(params=[None])
def at(product: Product, tmp_path: Path, request: pytest.FixtureRequest) -> Terminal:
    house = product.house
    return terminal(
        tmp_path,
        database_url=product.settings.database_url.get_secret_value() if product.settings.database_url else "",
        operator="olivia",
        **({"task_queue": request.param} if request.param else {}),
        temporal_address=house.client.service_client.config.target_host,
        **keys(house),
    )


def subject(name: str) -> Woken:
    return Woken(subjects=[name])


def found(watched: Watched) -> dict[tuple[str, str], str | None]:
    return {(one.thing.name, one.trouble.value): one.repair.value if one.repair else None for one in watched.stuck}


@pytest.mark.parametrize("at", [OTHER], indirect=True)
async def test_each_trouble_is_found_with_its_reason_and_mended_by_its_repair(product: Product, at: Terminal) -> None:
    house = product.house
    assert (await product.look()).quiet
    hour = house.clock.now() - timedelta(hours=1)
    overdue, unread, alone, beyond, failing, away, mistold = await _broken(product, hour)
    how: Any = {"clock": Own(house.clock.now), "sandbox": False}
    deliver = Deliver(house.engine, Post(), Own(house.clock.now))
    async with (
        working(house.client, lambda client: compose(client, house.engine, house.key, OTHER, **how)),
        working(house.client, lambda client: compose_deliveries(client, OTHER, deliver)),
    ):
        await house.client.get_workflow_handle(failing).signal(LOOK)
        async with asyncio.timeout(20):
            while (failing, "failing") not in found(watched := await product.look(OTHER)):
                await asyncio.sleep(0.2)
        assert found(watched) == {
            (overdue, "overdue"): "look",
            (unread, "unread"): "look",
            (alone, "no_workflow"): "look",
            (beyond, "no_case"): "look",
            (failing, "failing"): "anew",
            (away, "untold"): None,
            (mistold, "mistold"): "look",
            ("wh-late", "overdue"): "look",
        }
        told = {one.thing.name: one for one in watched.stuck}
        tried = {name: f"{one.failing.name} {one.failing.error}" for name, one in told.items() if one.failing}
        assert told[overdue].since == hour
        assert tried.keys() == {failing, away}
        assert tried[failing].startswith("workflow_task non_deterministic")
        assert tried[away].startswith("tell ")
        assert all(one.since for one in watched.stuck if one.thing.name != mistold)

        listed = at.casework("stuck", "--json")
        assert listed.returncode == 1
        assert all(name in listed.stdout for name in told)
        ola = await person(house, Role.OPS)
        planned = at.told("repair", overdue, away, "--by", ola)
        assert (planned["done"], [one["repair"] for one in planned["steps"]]) == (False, ["look", None])
        assert product.read("SELECT count(*) FROM repairs") == 0
        done = at.told("repair", "--all", "--by", ola, "--yes")
        assert len(done["steps"]) == len(told)
        product.platform.usual = "204 No Content"
        await until(lambda: product.platform.bodies[-1:] and not _untold(product))
        for _ in range(20):
            if found(watched := await product.look(OTHER)) == {("wh-late", "undelivered"): None}:
                break
            await asyncio.sleep(0.3)
        assert found(watched) == {("wh-late", "undelivered"): None}
        assert await product.differences() == []
    assert product.read("SELECT count(*) FROM repairs") == len(told) - 1
    assert product.read("SELECT count(*) FROM records WHERE topic = 'repairs'") == len(told) - 1
    assert str(product.read("SELECT DISTINCT through FROM records WHERE topic = 'repairs'")).endswith("/olivia")


async def test_a_wave_that_stands_still_is_found(product: Product) -> None:
    at = product.house.clock.now()
    with product.house.engine.connect() as connection:
        for digest, status, due in (("a" * 64, "halted", None), ("b" * 64, "draft", at - timedelta(hours=1))):
            of = {"digest": digest, "status": status, "at": at - timedelta(hours=2), "due": due}
            book = "INSERT INTO rulebooks (digest, key, version, body) VALUES (:digest, 'other', '1', '{}')"
            connection.execute(sa.text(book), of)
            version = "INSERT INTO versions (digest, status, version, moved_at, deadline_at, approved_at, follows)"
            values = (
                f"{version} SELECT :digest, :status, 3, :at, :due, :at, digest FROM versions WHERE status = 'in_force'"
            )
            connection.execute(sa.text(values), of)
        stuck = {one.thing.name: one for one in by_rows(connection, at)}
        rollout = "INSERT INTO rollouts VALUES (:digest, :region, :at, 1, -1, '', -1, '', 7, 2)"
        for region in ("VN", "EU"):
            connection.execute(sa.text(rollout), {"digest": "a" * 64, "region": region, "at": at})
        metrics = [*of_waves(figures.waves(connection), at)]
        connection.rollback()
    told = [tuple(sample.labels.values()) for metric in metrics for sample in metric.samples]
    assert (len(told), told.count(("other 1",))) == (len(set(told)), 1)
    assert (stuck["a" * 64].trouble, stuck["a" * 64].repair) == ("halted", None)
    assert (stuck["b" * 64].trouble, stuck["b" * 64].since) == ("overdue", at - timedelta(hours=1))


async def test_all_that_a_colleague_has_claimed_is_put_back_after_it_was_said(product: Product, at: Terminal) -> None:
    (first, mia), ola = await product.claimed(), await person(product.house, Role.OPS)
    second, other = await product.claimed()
    await send(product.door, other, "release", case=second)
    await send(product.door, mia, "claim", case=second)
    asked = ("repair", "--claimed-by", mia, "--by", ola)
    said = at.told(*asked)
    assert {(one["name"], one["repair"]) for one in said["steps"]} == {(first, "release"), (second, "release")}
    count = "SELECT count(*) FROM cases WHERE claimed_by = :who"
    assert product.read(count, who=mia) == 2
    assert {one["refused"] for one in at.refused(*asked, "--yes")["steps"]} == {"invalid"}, "reasons are missing"
    assert product.read(count, who=mia) == 2
    done = await asyncio.to_thread(lambda: at.told(*asked, "--reasons", "ill", "--yes"))
    assert [one.get("refused") for one in done["steps"]] == [None, None]
    assert product.read(count, who=mia) == 0
    mended = at.refused("repair", "report-gone", first, "--by", ola, "--yes")["steps"]
    assert [(one["repair"], one.get("refused")) for one in mended] == [(None, "not_found"), ("look", None)]


async def test_everything_goes_on_from_the_rows_where_temporals_store_was_lost(product: Product) -> None:
    (case, mia), told = await product.claimed(), await product.restricted()
    await product.door.wake(subject(told))
    due = "SELECT deadline_at FROM cases WHERE id = :id"
    before, ends = product.read(due, id=case), "SELECT next_at FROM standings WHERE subject = :id"
    await until(lambda: product.read(ends, id=told))
    next_at = product.read(ends, id=told)

    await product.lose_temporal()
    async with asyncio.timeout(20):
        while {name for name, _ in found(await product.look())} - {"wh-late"} or await product.differences():
            await asyncio.sleep(0.2)
    assert product.read(due, id=case) == before
    courier = product.house.client.get_workflow_handle(f"standing-{told}")
    assert (await courier.describe()).status is not None
    ola = known(product.house.engine, await person(product.house, Role.OPS))
    with pytest.raises(RefusedError, match="not_found"):
        await Mending(product.door).mend(ola, Thing(Whose.CASE, f"standing-{told}"), Repair.ANEW, key="another's")
    assert product.read(ends, id=told) == next_at
    said = {"finding": "violation", "severity": "mild", "reasons": "clear"}
    decided = await send(product.door, mia, "decide", case=case, **said)
    assert decided["status"] == "open"
    product.run("UPDATE penalties SET ends_at = now() + interval '1 second' WHERE subject = :id", id=told)
    product.run("UPDATE standings SET next_at = now() + interval '1 second' WHERE subject = :id", id=told)
    await product.door.wake(subject(told))
    await until(lambda: product.platform.bodies[-1]["restrictions"] == [])
    assert await product.differences() == []


async def _broken(product: Product, hour: datetime) -> list[str]:
    """Break one thing of each kind, as of an hour ago; give their names."""
    house = product.house
    overdue, unread, alone, beyond, failing = [(await product.claimed())[0] for _ in range(5)]
    product.run("UPDATE cases SET deadline_at = :at WHERE id = :id", at=hour, id=overdue)
    product.run("UPDATE cases SET stirred = true, moved_at = :at WHERE id = :id", at=hour, id=unread)
    await house.client.get_workflow_handle(alone).terminate()
    closed = "status = 'closed', outcome = 'withdrawn', claimed_by = NULL, lease_until = NULL, deadline_at = NULL"
    product.run(f"UPDATE cases SET {closed} WHERE id = :id", id=beyond)
    await house.client.get_workflow_handle(failing).terminate()
    await begun_by_another_build(house.client, failing, OTHER)
    product.platform.usual = "503 Service Unavailable"
    away = await product.restricted()
    await product.door.wake(subject(away))
    await until(lambda: product.platform.raw)
    product.run("UPDATE tellings SET decided_at = :at", at=hour)
    mistold, _ = await agency(house)
    product.run("INSERT INTO standings (subject, told, stirred) VALUES (:id, '{live}', false)", id=mistold)
    _late_delivery(product, hour)
    return [overdue, unread, alone, beyond, failing, away, mistold]


def _untold(product: Product) -> int:
    return int(product.read("SELECT count(*) FROM tellings WHERE told_at IS NULL AND refused_at IS NULL"))


def _late_delivery(product: Product, at: datetime) -> None:
    """A delivery that was due and never sent, to a receiver that is nowhere."""
    made = "'https://127.0.0.1:9/x', 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', '{case.moved}', :at, 'platform'"
    hook = "INSERT INTO webhooks (id, url, secret, events, created_at, created_by)"
    product.run(f"{hook} VALUES ('wh-late', {made})", at=at)
    delivery = "INSERT INTO deliveries (id, webhook, event, payload, at, next_at)"
    product.run(f"{delivery} VALUES ('dl-late', 'wh-late', 'case.moved', '{{}}', :at, :at)", at=at)
