"""Can a database be proved right, and is every falsified value found?"""

from contextlib import aclosing
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from knocking import QUICK
from sqlalchemy import Connection
from versions import approved

from activities.feed import people
from activities.feed.people import Fed
from activities.rollout import life
from activities.rulebooks import Rulebooks
from desk.identity.accounts import hashed
from desk.identity.caller import Scope
from desk.identity.keys import Keys
from desk.rehearsal.direct import direct
from ops.rehearsal.script.reader import read
from ops.rehearsal.stage.rehearsal import Stage, stage
from ops.rehearsal.stage.servers import servers
from ops.verify import verify
from rulebook.load import load
from states.situation import Actor
from states.terms import Role, Side
from states.version_terms import VersionStatus
from store import evidence, identity, journal, privacy, repair, seal
from store.audit import CHAINS, SEALED
from store.cipher import Locked
from store.evidence import File
from store.keyring import of_party
from store.schema.evidence import FileKind
from store.schema.privacy import Order
from store.schema.rulebooks import versions
from workers.settings import Settings

STORY = Path(__file__).parent / "verify.yaml"
HASHES = {
    "hash",
    "previous",
    "sha256",
    "digest",
    "body",
    "rulebook",
    "key",
    "id",
    "password",
    "totp_secret",
    "secret_hash",
    "wrapped",
}
DATES = (sa.DateTime, sa.Date)


def _falsified(column: sa.Column[object]) -> str | None:
    """SQL that flips one digit or character of the column, for numbers, dates and hashes."""
    name = f'"{column.name}"'
    if isinstance(column.type, DATES):
        return f"coalesce({name}, now()) + interval '10 years'"
    if isinstance(column.type, sa.Integer):
        return f"{name} + 1000"
    if isinstance(column.type, sa.Numeric):
        return f"{name} + 1"
    if not isinstance(column.type, sa.Text) or column.name not in HASHES:
        return None
    return f"overlay({name} placing (case when left({name}, 1) = '0' then '1' else '0' end) from 1 for 1)"


def _columns() -> list[tuple[sa.Table, sa.Column[object]]]:
    return [(table, column) for table in (*CHAINS, *SEALED) for column in _stored(table) if _falsified(column)]


def _stored(table: sa.Table) -> list[sa.Column[object]]:
    """Its columns but those that PostgreSQL computes from others, and the marks that nothing vouches for."""
    return [column for column in table.columns if column.computed is None and column.name not in seal.PASSING]


def _falsify(connection: Connection, table: sa.Table, column: sa.Column[object]) -> bool:
    """Change one value as somebody would who owns the database; say whether there was one."""
    prepare = [
        f"ALTER TABLE {table.name} DISABLE TRIGGER USER",
        *(f"ALTER TABLE {other.name} DROP CONSTRAINT {key.name!s}" for other, key in _keys(column)),
        "SET LOCAL statement_timeout = 0",
        *(f"ALTER TABLE {table.name} ALTER {c.name} DROP IDENTITY IF EXISTS" for c in table.columns if c.identity),
        *(
            f"ALTER TABLE {table.name} DROP CONSTRAINT IF EXISTS {check.name!s}"
            for check in table.constraints
            if isinstance(check, sa.CheckConstraint)
        ),
    ]
    for statement in prepare:
        connection.execute(sa.text(statement))
    name = f'"{column.name}"'
    known = f" WHERE {name} IS NOT NULL" if not isinstance(column.type, DATES) else ""
    row = f"(SELECT ctid FROM {table.name}{known} ORDER BY {name} IS NULL LIMIT 1)"
    change = f"UPDATE {table.name} SET {name} = {_falsified(column)} WHERE ctid = {row}"
    return connection.execute(sa.text(change)).rowcount == 1


def _keys(column: sa.Column[object]) -> list[tuple[sa.Table, sa.ForeignKeyConstraint]]:
    """The foreign keys, and their tables, that the column's table has or that refer to the column."""
    tables = column.table.metadata.tables.values()
    keys = [(table, key) for table in tables for key in table.foreign_key_constraints]
    return [(t, k) for t, k in keys if t is column.table or any(e.column is column for e in k.elements)]


async def _difference(connection: Connection, place: Stage) -> str | None:
    """The first that is found, if any."""
    async with aclosing(verify(connection, place.story.now() + timedelta(seconds=1))) as found:
        return str(await anext(found, "")) or None


# A check that a falsified row stops leaves its cursor to the end of the transaction; psycopg warns of it.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.timeout(240)
async def test_a_clean_database_is_proved_and_every_falsified_value_is_found() -> None:
    scenario = read(STORY)
    async with servers(Settings()) as running, stage(running, scenario, direct) as place:
        for step in scenario.steps:
            told = await place.player.play(step)
            assert not told.differences, [str(found) for found in told.differences]
        with place.engine.begin() as connection:
            people.person(connection, Rulebooks(), "eve", Fed(Role.AGENT, "jade", [], []), place.story.now())
        with place.engine.begin() as connection, journal.recording(connection, "feed", place.story.now()):
            file = File(evidence.new_id(), "0" * 64, 1, FileKind.PNG, "a.png", "jan", "jade", place.story.now())
            evidence.write(connection, file, Locked(["of jan"], "d3JhcHBlZA=="))
            evidence.bring(
                connection, [file.id], next(iter(place.player.names.values())), Side.REPORTER, 1, [of_party("lotus")]
            )
        with place.engine.begin() as connection, journal.recording(connection, "rulebook", place.story.now()):
            seal.update(connection, versions, {"status": VersionStatus.IN_FORCE}, pace=50)
        with place.engine.begin() as connection:
            other, now = load("live", {"reports.quota_per_month": 2}), place.story.now()
            approved(connection, other, now, now + timedelta(days=30))
            life.by_time(connection, Rulebooks(), other.digest, now)  # its courier has nothing to read
        with place.engine.begin() as connection:
            repair.note(connection, "oli", "case", "report-1", "look", now, "command_line")
            privacy.order(connection, "oli", Order.HOLD, [("jan", "a court")], now, "command_line")
        with place.engine.begin() as connection:
            identity.enter_account(connection, "mia", hashed("a password of hers", QUICK))
            identity.change_account(connection, "mia", {"totp_secret": "SECRET", "failures": 1})
            key = Keys(place.story.now).make(
                connection, Actor("jan", Role.OWNER, "jade"), "robot", [Scope.READ], 9, "jan"
            )
            identity.revoke_key(connection, key.id, place.story.now())
        with place.engine.connect() as connection:
            assert await _difference(connection, place) is None
            assert [str(d) async for d in verify(connection, place.story.now(), place.client)] == []
        missed, unplayed = [], []
        for table, column in _columns():
            with place.engine.connect() as connection:
                if not _falsify(connection, table, column):
                    unplayed.append(f"{table.name}.{column.name}")
                elif await _difference(connection, place) is None:
                    missed.append(f"{table.name}.{column.name}")
                connection.rollback()
        assert not missed
        assert not unplayed
