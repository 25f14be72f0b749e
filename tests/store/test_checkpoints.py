"""What somebody does who owns the database is found by what was signed before; and no line is ever under none."""

import hashlib
import json
import random
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from knocking import QUICK
from sqlalchemy import Connection, Engine
from test_migrations import empty
from test_older_database import THEN, prepared, restored

from desk.identity.accounts import hashed
from desk.identity.caller import Scope
from desk.identity.keys import Keys
from ops.verify import verify
from ops.verify.checkpoints import Witness
from ops.verify.copies import heads
from states.situation import Actor
from states.terms import Role
from store import checkpoint, feed, identity, journal, merkle, seal, vouched
from store.copies import Copies
from store.engine import connect
from store.keyring import Keyring
from store.master import Master, UnknownMasterError
from store.migrate import migrate
from store.schema import metadata
from store.schema.cases import cases
from store.schema.identity import accounts, api_keys
from workers.checkpoints.keep import keep
from workers.checkpoints.make import make
from workers.checkpoints.signing import Signer, proven, signer
from workers.reach import House

SIGNER = Signer.of(b"Z" * 32)
TRUSTED = frozenset({SIGNER.public})
END = datetime.fromisoformat(THEN.ends)
NOTE: dict[str, Any] = {"event": "note", "actor": "mia", "command": None, "through": "test", "facts": {}}


@dataclass(frozen=True)
class Place:
    """A database with a checkpoint of everything in it, a copy of that, and how a case was before its last move."""

    engine: Engine
    copies: Copies
    moved: str
    before: Mapping[str, Any]
    unmoved: str


def moved(connection: Connection, case: str, at: datetime) -> None:
    """A case's next version, as a commit writes it: its row, and a line that has the digest."""
    row = connection.execute(sa.select(cases).where(cases.c.id == case)).mappings().one()
    seal.forget(connection)
    notes = (row["notes"] or 0) + 1
    seal.update(connection, cases, {"id": case}, version=row["version"] + 1, notes=notes)
    state = {"source": row["status"], "target": row["status"]}
    journal.append(connection, [{"case": case, "version": row["version"] + 1, "at": at, **NOTE, **state}])


def checkpointed(engine: Engine, at: datetime) -> None:
    more = True
    while more:
        _, more = make(engine, SIGNER, at, at_once=True, most=100)


@pytest.fixture(scope="module")
def place(house: House, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    with restored(house) as engine:
        prepared(engine)
        with engine.begin() as connection:
            open_ones = sa.select(cases).where(cases.c.status == "queued").order_by(cases.c.id)
            one, other = connection.execute(open_ones).mappings().fetchmany(2)
            moved(connection, one["id"], END)
            identity.enter_account(connection, "mia", hashed("a password of hers", QUICK))
            Keys(lambda: END).make(connection, Actor("jan", Role.OWNER, "jade"), "robot", [Scope.READ], 9, "jan")
        with engine.begin() as connection, journal.recording(connection, "last", END):
            feed.person(connection, "newest", Role.MODERATOR, regions=["VN"])
        checkpointed(engine, END)
        copies = Copies((tmp_path_factory.mktemp("kept") / "copies").as_uri())
        keep(engine, copies, None)
        yield Place(engine, copies, one["id"], dict(one), other["id"])


async def found(connection: Connection, witness: Witness) -> list[str]:
    return [str(one) async for one in verify(connection, END + timedelta(minutes=1), witness=witness)]


def run(connection: Connection, statement: str, **values: object) -> None:
    connection.execute(sa.text(statement), values)


def of_case(table: sa.Table) -> str | None:
    return next((key.parent.name for key in table.foreign_keys if key.target_fullname == "cases.id"), None)


def remove(connection: Connection, place: Place) -> None:
    """All that there is of a case."""
    for table in metadata.sorted_tables:
        if (column := of_case(table)) is not None and table is not cases:
            run(connection, f'DELETE FROM {table.name} WHERE "{column}" = :case', case=place.unmoved)
    run(connection, "DELETE FROM cases WHERE id = :case", case=place.unmoved)


def set_back(connection: Connection, place: Place) -> None:
    run(
        connection,
        'DELETE FROM journal WHERE "case" = :case AND version > :version',
        case=place.moved,
        version=place.before["version"],
    )
    connection.execute(
        sa.update(cases)
        .where(cases.c.id == place.moved)
        .values(version=place.before["version"], notes=place.before["notes"])
    )


def cut(connection: Connection, place: Place) -> None:  # noqa: ARG001
    run(connection, "DELETE FROM records WHERE topic = 'last'")
    run(connection, "DELETE FROM people WHERE id = 'newest'")


def forge(connection: Connection, table: sa.Table, topic: str, **values: object) -> None:
    """Change a row, and have its chain say that it was always so."""
    changed = connection.execute(sa.update(table).values(values).returning(*table.c)).mappings().all()
    for row in changed:
        name = f"{topic}/{row[table.primary_key.columns[0].name]}"
        query = sa.text("SELECT * FROM records WHERE topic = :topic OR rows ? :row ORDER BY number")
        for line in connection.execute(query, {"topic": name, "row": seal.name(table, row)}).mappings().all():
            mended = {**line, "rows": {**line["rows"], seal.name(table, row): seal.digest(table, row)}}
            said = {"rows": json.dumps(mended["rows"]), "hash": journal.record_digest(mended), "number": line["number"]}
            run(
                connection,
                "UPDATE records SET rows = CAST(:rows AS jsonb), hash = :hash WHERE number = :number",
                **said,
            )


def forge_key(connection: Connection, place: Place) -> None:  # noqa: ARG001
    run(connection, "DELETE FROM api_keys WHERE label <> 'robot'")
    forge(connection, api_keys, "key", secret_hash=hashlib.sha256(b"the thief's").hexdigest())


def forge_account(connection: Connection, place: Place) -> None:  # noqa: ARG001
    run(connection, "DELETE FROM accounts WHERE person <> 'mia'")
    forge(connection, accounts, "account", password=hashed("the thief's own word", QUICK))


def add_account(connection: Connection, place: Place) -> None:  # noqa: ARG001
    run(
        connection,
        "INSERT INTO accounts (person, password) VALUES ('newest', :password)",
        password=hashed("the thief's own word", QUICK),
    )


def insert(connection: Connection, place: Place) -> None:  # noqa: ARG001
    """A record that was never written, among those that were there."""
    number = connection.execute(
        sa.text("SELECT least((SELECT min(number) FROM journal), (SELECT min(number) FROM records)) - 1")
    ).scalar_one()
    line = {"number": number, "topic": "of old", "at": END, "through": None, "rows": {}, "previous": journal.FIRST}
    run(connection, "INSERT INTO records (number, topic, at, rows, previous, hash) VALUES (:number, :topic, :at, '{}', :previous, :hash)",
        **{name: line[name] for name in ("number", "topic", "at", "previous")}, hash=journal.record_digest(line))  # fmt: skip


def resign(connection: Connection, place: Place) -> None:
    """The last checkpoint again, of what the thief wants, with a key of theirs; it abandons the one that was there."""
    set_back(connection, place)
    run(connection, "DELETE FROM checkpoint_leaves WHERE kind = 'case' AND name = :case", case=place.moved)
    row = checkpoint.last(connection)
    assert row is not None
    query = vouched.under().where(sa.text(f"checkpoint = {row['number']}"))
    under = [checkpoint.Leaf(one.kind, one.name, one.version, one.hash) for one in connection.execute(query)]
    thief = Signer.of(b"f" * 32)
    said: dict[str, Any] = {"root": checkpoint.root(under), "size": len(under), "abandons": [row["hash"]]}
    said["key"] = thief.public
    body = replace(checkpoint.Body.of(row), **said)
    run(connection, "UPDATE checkpoints SET root = :root, size = :size, key = :key, abandons = :abandons, hash = :hash, signature = :signature WHERE number = :number",
        **said, hash=body.hash, signature=thief.sign(body.text), number=body.number)  # fmt: skip


def drop(connection: Connection, place: Place) -> None:
    """All of the last checkpoint, and what it vouched for."""
    cut(connection, place)
    set_back(connection, place)
    number = connection.execute(sa.text("SELECT max(number) FROM checkpoints")).scalar_one()
    run(connection, "DELETE FROM checkpoint_leaves WHERE checkpoint = :number", number=number)
    run(connection, "DELETE FROM checkpoints WHERE number = :number", number=number)


# fmt: off
ATTACKS: dict[Callable[[Connection, Place], None], list[str]] = {
    remove: ["cases/{unmoved}: the case is gone, by checkpoint"],
    set_back: ["cases/{moved}: the case was set back, by checkpoint"],
    cut: ["records of last: the records are gone, by checkpoint", "people/newest: it was rewritten, by checkpoint"],
    forge_key: ["records of key/", "api_keys/", "it was rewritten, by checkpoint"],
    forge_account: ["records of account/mia: it was rewritten", "accounts/mia: it was rewritten"],
    add_account: ["accounts/newest: nothing vouches for this row"],
    insert: ["records of of old: a line that no checkpoint has among those that were there"],
    resign: ["signed with a key that is not trusted", "the database was set back behind it"],
    drop: ["the database was set back behind it"],
}
# fmt: on


@contextmanager
def owned(engine: Engine) -> Iterator[Connection]:
    """A transaction of whoever owns the tables: nothing keeps them from anything. It is rolled back."""
    with engine.connect() as connection:
        for table in metadata.sorted_tables:
            run(connection, f"ALTER TABLE {table.name} DISABLE TRIGGER USER")
        keys = connection.execute(
            sa.text("SELECT conrelid::regclass::text, conname FROM pg_constraint WHERE contype = 'f'")
        )
        for table_name, key in keys.all():
            run(connection, f"ALTER TABLE {table_name} DROP CONSTRAINT {key}")
        yield connection
        connection.rollback()


async def test_what_was_not_touched_is_as_it_was_vouched_for(place: Place) -> None:
    with place.engine.connect() as connection:
        assert await found(connection, Witness(TRUSTED, place.copies)) == []


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.__name__)
async def test_what_the_database_s_owner_does_is_found(
    place: Place, attack: Callable[[Connection, Place], None]
) -> None:
    with owned(place.engine) as connection:
        attack(connection, place)
        told = "\n".join(await found(connection, Witness(TRUSTED, place.copies)))
    for said in ATTACKS[attack]:
        assert said.format(moved=place.moved, unmoved=place.unmoved) in told


async def test_a_case_that_is_set_back_is_found_by_nothing_else(place: Place) -> None:
    """As every row and chain fits: only what was signed knows that there was more."""
    with owned(place.engine) as connection:
        set_back(connection, place)
        assert [str(one) async for one in verify(connection, END + timedelta(minutes=1))] == []


async def test_a_restored_backup_is_told_from_a_database_set_back_only_by_whoever_has_the_key(
    house: House, tmp_path: Path
) -> None:
    copies = Copies(tmp_path.as_uri())
    witness = Witness(TRUSTED, copies)
    with empty(house) as engine:
        migrate(engine)
        written(engine, "one")
        checkpointed(engine, END)
        kept = keep(engine, copies, None)
        written(engine, "two")
        checkpointed(engine, END)
        written(engine, "three")
        checkpointed(engine, END)
        keep(engine, copies, kept)
        with engine.begin() as connection:  # the backup was taken after the first
            for table in ("checkpoint_leaves", "checkpoints", "records", "agencies", "subjects"):
                run(connection, f"ALTER TABLE {table} DISABLE TRIGGER USER")
            run(connection, "DELETE FROM checkpoint_leaves WHERE checkpoint > 1")
            run(connection, "DELETE FROM checkpoints WHERE number > 1")
            run(connection, "DELETE FROM records WHERE topic <> 'of one'")
            run(connection, "DELETE FROM agencies WHERE id <> 'one'")
            run(connection, "DELETE FROM subjects WHERE id <> 'one'")
        written(engine, "another two")
        checkpointed(engine, END)
        keep(engine, copies, None)
        with engine.connect() as connection:
            said = [str(one) async for one in verify(connection, END, witness=witness)]
            assert [one.partition(": expected")[0] for one in said] == [
                f"checkpoints/{number}: the database was set back behind it" for number in (2, 3)
            ]
            (lost,) = heads(copies, TRUSTED, *vouched.own(connection))
        body, _ = make(engine, SIGNER, END, abandons=[lost], at_once=True)
        assert body is not None
        assert (body.number, body.size, body.abandons) == (3, 0, (lost,))
        keep(engine, copies, None)
        with engine.connect() as connection:
            assert [one async for one in verify(connection, END, witness=witness)] == []
            stranger = Witness(frozenset({"66" * 32}), copies)
            said = [str(one) async for one in verify(connection, END, witness=stranger)]
        assert any(one.startswith("checkpoints/1: signed with a key that is not trusted") for one in said)


def written(engine: Engine, agency: str) -> None:
    with engine.begin() as connection, journal.recording(connection, f"of {agency}", END):
        feed.agency(connection, agency, "VN")


def under(connection: Connection) -> set[tuple[str, int]]:
    return {
        (name, version)
        for name, version in connection.execute(
            sa.text("SELECT name, version FROM checkpoint_leaves WHERE kind = 'topic'")
        )
    }


def records(connection: Connection) -> set[tuple[str, int]]:
    return {(topic, number) for topic, number in connection.execute(sa.text("SELECT topic, number FROM records"))}


@pytest.fixture(scope="module")
def fresh(house: House) -> Iterator[Engine]:
    """A database with nothing in it, to write into from several sides."""
    with empty(house) as engine:
        migrate(engine)
        yield engine


def newest(engine: Engine) -> sa.RowMapping:
    with engine.connect() as connection:
        last = checkpoint.last(connection)
    assert last is not None
    return last


def test_of_several_workers_one_makes_a_checkpoint_a_minute(fresh: Engine) -> None:
    written(fresh, "one")
    made, more = make(fresh, SIGNER, END)
    assert (made is not None, more) == (True, False)
    written(fresh, "two")
    assert make(fresh, SIGNER, END + timedelta(seconds=59)) == (None, False)
    with fresh.begin() as guard:
        assert checkpoint.alone(guard)
        assert make(fresh, SIGNER, END + timedelta(minutes=2)) == (None, False)
    assert make(fresh, SIGNER, END + timedelta(minutes=2))[0] is not None
    assert make(fresh, SIGNER, END + timedelta(minutes=4)) == (None, False)  # nothing has changed


def test_what_was_begun_before_a_checkpoint_and_ends_after_it_is_under_the_next(fresh: Engine) -> None:
    early = fresh.connect()
    with journal.recording(early, "of slow", END):  # it has its number now, and is not committed
        feed.agency(early, "slow", "VN")
    slow = early.execute(sa.text("SELECT number FROM records WHERE topic = 'of slow'")).scalar_one()
    written(fresh, "quick")
    checkpointed(fresh, END)
    first = newest(fresh)
    with fresh.connect() as connection:
        assert "of quick" in {name for name, _ in under(connection)}
        assert first["reaches"] < slow < max(number for _, number in records(connection))
    early.commit()
    early.close()
    checkpointed(fresh, END)
    checkpointed(fresh, END)  # of which nothing is new
    second = newest(fresh)
    with fresh.connect() as connection:
        assert under(connection) == records(connection)
    assert (second["number"], second["size"]) == (first["number"] + 1, 2)  # the records, and the subject's row
    assert second["reaches"] == slow + 1


async def test_among_many_who_write_no_line_is_lost_between_checkpoints(fresh: Engine) -> None:
    """They hold their numbers for a while, in any order, some give up, and a few lines are read at a time."""
    url = fresh.url.set(drivername="postgresql").render_as_string(hide_password=False)

    def writer(which: int) -> None:
        dice, own = random.Random(which), connect(url, pool=1)  # noqa: S311  # dice
        for number in range(12):
            with own.connect() as connection:
                with journal.recording(connection, f"writer {which}", END):
                    feed.agency(connection, f"{which} {number}", "VN")
                connection.execute(sa.text("SELECT pg_sleep(:seconds)"), {"seconds": dice.random() / 50})
                connection.commit() if dice.random() < 0.8 else connection.rollback()
        own.dispose()

    writers = [threading.Thread(target=writer, args=[which]) for which in range(5)]
    for one in writers:
        one.start()
    made = 0
    while any(one.is_alive() for one in writers):
        made += make(fresh, SIGNER, END, at_once=True, most=3)[0] is not None
    checkpointed(fresh, END)
    assert made > 1
    with fresh.connect() as connection:
        assert dict(sorted(under(connection))) == dict(sorted(records(connection)))
        assert [str(one) async for one in verify(connection, END, witness=Witness(TRUSTED))] == []


def test_the_key_is_kept_with_those_of_the_house_and_not_in_the_database(tmp_path: Path) -> None:
    keys = Keyring(tmp_path.as_uri(), Master("a secret of the house"))
    own = signer(keys)
    assert signer(Keyring(tmp_path.as_uri(), Master("a secret of the house"))).public == own.public
    assert proven(b"a text", own.sign(b"a text"), own.public)
    assert not proven(b"another", own.sign(b"a text"), own.public)
    assert not proven(b"a text", "no signature", own.public)
    assert not proven(b"a text", own.sign(b"a text"), "no key")
    with pytest.raises(UnknownMasterError):
        signer(Keyring(tmp_path.as_uri(), Master("a secret of others")))


def test_a_tree_is_that_of_the_standard() -> None:
    """The roots of the reference implementation's test vectors, and a path for every leaf."""
    words = [b"", b"\x00", b"\x10", b" !", b"01", b"@ABC", b"PQRSTUVW", b"`abcdefghijklmno"]
    roots = {0: "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
             1: "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
             2: "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
             3: "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
             7: "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
             8: "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"}  # fmt: skip
    assert {many: merkle.root(words[:many]).hex() for many in roots} == roots
