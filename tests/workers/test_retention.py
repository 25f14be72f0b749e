"""Words of closed cases are erased when their time is over, unless they are held; what was decided stays as it was."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import files
import pytest
import sqlalchemy as sa
from clocks import REPORT, Town, town
from conftest import agency, new, person, send
from terminal import Terminal, terminal

from activities.retention import endings
from activities.rulebooks import Rulebooks
from desk.cli.operator import who_runs_it
from desk.door.asking import asked
from desk.door.erasing import Erasing
from desk.evidence.keep import Intake
from desk.reading.dossier import Dossiers
from desk.upload import upload
from ops.rehearsal.stage.inquiry import Inquiry
from ops.verify import verify
from ops.verify.checkpoints import Witness
from states.terms import Code, Role
from store import text
from store.keyring import Keyring, name_of, of_case
from store.master import Master
from store.schema.privacy import privacy_orders
from workers.checkpoints.make import make
from workers.checkpoints.signing import signer
from workers.clearing import clear
from workers.reach import House

MASTER = "the master key of the court"
RULES = {"retention.reports": "24 months", "retention.appeals": "6 months"}
MONTH = timedelta(days=31)
# What was decided and what was written stays, row by row; what proves it may only grow.
PROVES = ("journal", "ledger", "cases", "texts", "violations", "standings", "checkpoints", "checkpoint_leaves")


@dataclass(frozen=True)
class Court:
    """Cases of jan's: closed; closed and held; open; and one that is open again, as its appeal was withdrawn."""

    town: Town
    jan: str
    closed: str
    held: str
    holds: str
    open: str
    appealed: str
    appeal: str

    def read(self, case: str) -> set[str | None]:
        house = self.town.house
        actor = Inquiry(house.engine, house.clock.now).actor(self.jan)
        told = Dossiers(house.engine, house.clock.now).open(actor, case).timeline
        return {text for entry in told for text in entry.texts.values()}

    def files(self, case: str) -> list[str | None]:
        """The names of the case's files, as jan reads them."""
        house = self.town.house
        actor = Inquiry(house.engine, house.clock.now).actor(self.jan)
        return [file.name for file in Dossiers(house.engine, house.clock.now).evidence(actor, case)]

    def ends(self) -> list[tuple[str, list[str]]]:
        with self.town.house.engine.begin() as connection:
            return [(one.case, one.held) for one in endings(connection, Rulebooks())]

    def hold(self, name: str, *, hold: bool) -> None:
        house = self.town.house
        Erasing(house.engine, house.clock.now, "test").hold(who_runs_it(), name, "a court", hold=hold)

    def key(self, case: str) -> Path:
        return Path(self.town.house.keyring.folder or "", name_of(of_case(case)))

    def terminal(self, folder: Path) -> Terminal:
        house = self.town.house
        url = house.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
        own = {"command_key": house.key.decode(), "master_key": MASTER, "keys_url": house.keyring.url}
        return terminal(folder, database_url=url, operator="ops", **own)

    def rows(self) -> dict[str, set[str]]:
        with self.town.house.engine.connect() as connection:
            return {name: set(connection.scalars(sa.text(f"SELECT t::text FROM {name} t"))) for name in PROVES}

    async def clear(self, later: timedelta) -> None:
        house = self.town.house
        await clear(house.engine, house.objects, house.clock.now() + later)
        house.keyring.forget()  # a minute passes

    async def differences(self) -> list[str]:
        house = self.town.house
        signs = signer(house.keyring)
        make(house.engine, signs, house.clock.now(), at_once=True)
        with house.engine.connect() as connection:
            witness = Witness(frozenset([signs.public]))
            return [
                str(one) async for one in verify(connection, house.clock.now(), objects=house.objects, witness=witness)
            ]


async def paper(house: House, who: str) -> str:
    """A file that somebody has uploaded, by its id."""

    async def parts() -> AsyncIterator[bytes]:
        yield files.pdf()

    now = house.clock.now()
    actor = Inquiry(house.engine, house.clock.now).actor(who)
    return str((await upload(house.engine, Intake.of(house), actor, "paper.pdf", parts(), new("key"), now))["id"])


@pytest.fixture(scope="module")
async def court(house: House, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Court]:
    keys = Keyring((tmp_path_factory.mktemp("court") / "keys").as_uri(), Master(MASTER))
    async with town(house, override=RULES, keys=keys) as here:
        (_, jan), (lotus, ann), (other, _) = [await agency(here.house, name) for name in ("jade", "lotus", "other")]
        mia = await person(here.house, Role.MODERATOR)

        async def report(against: str) -> str:
            brought = [await paper(here.house, jan)] if against == other else []
            said = {"against": against, "evidence": brought, **REPORT}
            return str((await send(here.door, jan, "report", **said))["case"])

        closed, held, kept, appealed = [await report(against) for against in (lotus, other, lotus, lotus)]
        for case in (closed, held):
            await send(here.door, jan, "withdraw", case=case)
        await send(here.door, mia, "claim", case=appealed)
        said = {"finding": "violation", "severity": "mild", "reasons": "checked"}
        await send(here.door, mia, "decide", case=appealed, **said)
        appeal = (await send(here.door, ann, "appeal", of=appealed, grounds="it was not"))["case"]
        await send(here.door, ann, "withdraw", case=appeal)
        yield Court(here, jan, closed, held, other, kept, appealed, appeal)


async def test_words_that_could_not_end_with_their_case_are_stored_again(court: Court) -> None:
    house, door = court.town.house, court.town.door
    sending = door.sending(court.jan, "report", {"against": court.holds, **REPORT}, new("key"))
    with house.engine.begin() as connection:
        text.write(connection, sending.texts)  # as a desk did before a version with a period took force
    answer = await asked(house.client, house.settings.task_queue, sending.command, house.clock.now())
    assert answer.refusal is not None
    assert (answer.refusal.code, answer.refusal.key, answer.now) == (Code.UNAVAILABLE, "texts_lost", None)


async def test_words_go_when_their_time_is_over_and_nothing_else_moves(court: Court, tmp_path: Path) -> None:
    court.hold(court.holds, hold=True)
    assert court.ends() == [(court.closed, []), (court.held, [court.holds])]
    first, _ = await asyncio.to_thread(court.terminal(tmp_path).told, "retention")
    assert (first["case"], first["statement"], first["kept"]) == (court.closed, "retention.reports", "24 months")
    shown = (await asyncio.to_thread(court.terminal(tmp_path).casework, "retention", "--most", "2")).stdout
    for word in (court.closed, court.held, court.holds, "retention.reports: 24 months"):
        assert word in shown.replace("\n", "")
    assert await court.differences() == []
    before = court.rows()

    older = court.key(court.closed).read_bytes()
    await court.clear(23 * MONTH)
    assert court.read(court.closed) == {"seen on stream"}
    await court.clear(25 * MONTH)
    assert court.read(court.closed) == {None}
    court.key(court.closed).write_bytes(older)
    assert court.read(court.closed) == {"seen on stream"}
    await court.clear(timedelta())
    assert court.read(court.closed) == {None}
    for case in (court.held, court.open, court.appealed):
        assert court.read(case) == {"seen on stream"}, case
    assert court.ends() == [(court.held, [court.holds])]

    # Whatever is in a backup is the same row still, and opens no more.
    after = court.rows()
    assert {name: rows - after[name] for name, rows in before.items()} == {name: set() for name in PROVES}
    assert {name for name in PROVES if after[name] != before[name]} <= {"checkpoints", "checkpoint_leaves"}
    assert await court.differences() == []

    assert court.files(court.held) == ["paper.pdf"]
    court.hold(court.holds, hold=False)
    await court.clear(25 * MONTH)
    assert (court.read(court.held), court.files(court.held)) == ({None}, [None])
    with court.town.house.engine.connect() as connection:
        rows = connection.execute(sa.select(privacy_orders).where(privacy_orders.c.kind == "erase")).all()
    assert {(row.name, row.person, row.why) for row in rows} == {
        (case, "engine", "retention.reports: 24 months (live 3)") for case in (court.closed, court.held)
    }
    assert await court.differences() == []
