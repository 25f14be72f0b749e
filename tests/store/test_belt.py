"""A query that forgets its filter still gives nobody another's rows: raw SQL through the belt, on a real report's rows."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from conftest import agency, creator, feeding, person, send
from sqlalchemy import Connection
from sqlalchemy.exc import InternalError, ProgrammingError

from desk.door.door import Door
from states.situation import Actor
from states.terms import STAFF, Kind, Role, Side
from store import draft, evidence, feed, notice, party, text
from store import row_security as belt
from store.draft import Draft
from store.engine import connect
from store.evidence import File
from store.keyring import fleeting, of_party
from store.schema import metadata
from store.schema.evidence import FileKind
from workers.reach import House

CLOSED = {
    "accounts",
    "checkpoints",
    "checkpoint_leaves",
    "sessions",
    "answers",
    "texts",
    "preferences",
    "seats",
}  # nobody at the desk reads these row by row
STAFF_ONLY = {"forecasts", "incidents", "privacy_orders", "records", "repairs"}
OPEN = {
    "agencies",
    "creators",
    "managements",
    "people",
    "rulebooks",
    "versions",
    "rollouts",
    "version_moves",
    "subjects",
}
# Of each policied table, the columns that say whose a row is.
OWNED = {
    "cases": ("agency", "filed_agency", "respondent", "filed_by"),
    "journal": ("case",),
    "evidence": ("brought_by",),
    "verdicts": ("case",),
    "commands": ("actor",),
    "violations": ("agency", "subject"),
    "ledger": ("subject",),
    "penalties": ("subject",),
    "standings": ("subject",),
    "tellings": ("subject",),
    "profiles": ("creator",),
    "streaming_days": ("creator",),
    "quota_slots": ("agency",),
    "notices": ("recipient",),
    "webhooks": ("agency",),
    "deliveries": ("webhook",),
    "api_keys": ("person",),
}
# Seen by whom they are of, and by nobody else, staff or not.
AUTHORS = {"drafts", "notices_read"}
EARLY = datetime(2020, 1, 1, tzinfo=UTC)


class Street:
    """Jade reports lotus, iris reports nobody; the platform reports kim of lotus, who was iris's, and kim appeals."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.own: dict[str, set[str]] = {}

    async def begin(self, door: Door) -> None:
        house = self.house
        (self.jade, self.jan), (self.lotus, self.ann) = await agency(house, "jade"), await agency(house, "lotus")
        self.iris, self.ida = await agency(house, "iris")
        self.bob = await person(house, Role.AGENT, self.lotus)
        self.mia = await person(house, Role.SENIOR_MODERATOR)
        self.sam = await person(house, Role.SENIOR_MODERATOR)
        self.kim, self.tom = await creator(house, self.iris), await creator(house, self.lotus)
        self.moved = house.clock.now()
        with feeding(house) as connection:
            feed.management(connection, self.kim, self.lotus, self.bob, self.moved)
        said = {"clause": "agency.poaching", "against": self.lotus, "details": "seen on stream", "about": [self.tom]}
        report = (await send(door, self.jan, "report", **said))["case"]
        said = {"clause": "content.vulgar", "against": self.kim, "details": "seen on stream"}
        content = (await send(door, "platform", "report", **said))["case"]
        for case in (report, content):
            await send(door, self.mia, "claim", case=case)
            decided = {"finding": "violation", "severity": "mild", "reasons": "checked"}
            await send(door, self.mia, "decide", case=case, **decided)
        appeal = (await send(door, self.kim, "appeal", of=content, grounds="a joke"))["case"]
        now = house.clock.now()
        with house.engine.begin() as connection:
            draft.keep(connection, self.ann, Draft("key", Kind.APPEAL, {"of": report}, (), now))
            notice.read(connection, self.ann, now)
        with feeding(house) as connection:
            for who, case, side in ((self.jan, report, Side.REPORTER), (self.kim, content, Side.RESPONDENT)):
                made = File(f"ev-{who}", "0" * 64, 1, FileKind.PNG, "clip.png", who, None, now)
                evidence.write(connection, made)
                evidence.bring(connection, [made.id], case, side, 1, [of_party(who)])
        with house.engine.begin() as connection:
            for name, owner in ((self.jade, self.jan), (self.lotus, self.ann), (self.iris, self.ida)):
                connection.execute(sa.text(HOOK), {"id": f"hook-{name}", "agency": name, "by": owner})
                connection.execute(
                    sa.text("INSERT INTO deliveries (id, webhook, event, payload, at) VALUES (:id,:id,'e','{}',now())"),
                    {"id": f"hook-{name}"},
                )
                connection.execute(sa.text(KEY), {"id": f"key-{name}", "person": owner})
        self.own = {
            self.jan: {self.jade, self.jan, report, f"hook-{self.jade}"},
            self.ann: {
                self.lotus,
                self.ann,
                self.bob,
                self.kim,
                self.tom,
                report,
                content,
                appeal,
                f"hook-{self.lotus}",
            },
            self.ida: {self.iris, self.ida, f"hook-{self.iris}"},
            self.kim: {self.kim, content, appeal},
            self.tom: {self.tom},
        }
        self.own[self.bob] = self.own[self.ann]

    def actor(self, name: str) -> Actor:
        with self.house.engine.connect() as connection:
            found = party.actor(connection, name)
        assert found is not None
        return found


HOOK = "INSERT INTO webhooks VALUES (:id, :agency, 'https://a.b', 's', '{penalty.lifted}', now(), :by)"
KEY = """INSERT INTO api_keys VALUES (:id, :person, 'l', repeat('0', 64), '{}', now(), :person, now() + interval '1 day')"""


@pytest.fixture(scope="module")
async def street(house: House, door: Door) -> Street:
    made = Street(house)
    await made.begin(door)
    return made


def every(connection: Connection, table: str) -> list[dict[str, Any]]:
    return [dict(row) for row in connection.execute(sa.text(f"SELECT * FROM {table}")).mappings()]


@pytest.mark.parametrize("table", OWNED)
@pytest.mark.parametrize("name", ["jan", "ann", "bob", "ida", "kim", "tom"])
def test_everybody_gets_only_their_own_rows(street: Street, name: str, table: str) -> None:
    reader = getattr(street, name)
    with belt.reading(street.house.engine, street.actor(reader)) as connection:
        found = every(connection, table)
    with street.house.engine.connect() as connection:
        everything = every(connection, table)
    ours = [row for row in everything if street.own[reader] & {row[column] for column in OWNED[table]}]
    if table == "violations":
        ours = [row for row in ours if row["agency"] in street.own[reader] or row["subject"] in street.own[reader]]
    strangers = [row for row in found if row not in ours]
    assert strangers == []
    assert len(found) <= len(ours)


# What each gets at least: so that an empty answer proves nothing by accident.
@pytest.mark.parametrize(
    ("name", "tables"),
    [
        (
            "jan",
            {
                "cases",
                "evidence",
                "journal",
                "verdicts",
                "commands",
                "quota_slots",
                "notices",
                "webhooks",
                "deliveries",
                "api_keys",
            },
        ),
        (
            "ann",
            {
                "cases",
                "evidence",
                "journal",
                "verdicts",
                "violations",
                "ledger",
                "profiles",
                "notices",
                "webhooks",
                "api_keys",
            },
        ),
        (
            "kim",
            {"cases", "evidence", "journal", "verdicts", "commands", "violations", "ledger", "profiles", "notices"},
        ),
        ("ida", {"webhooks", "deliveries", "api_keys"}),
    ],
)
def test_their_own_rows_they_do_get(street: Street, name: str, tables: set[str]) -> None:
    with belt.reading(street.house.engine, street.actor(getattr(street, name))) as connection:
        assert {table for table in OWNED if every(connection, table)} >= tables


def test_a_score_goes_with_the_creator_to_the_next_agency(street: Street) -> None:
    def lines(name: str, at: datetime | None) -> set[str]:
        with belt.reading(street.house.engine, street.actor(name), at) as connection:
            return {row["subject"] for row in every(connection, "ledger")} & {street.kim}

    assert lines(street.ann, None) == lines(street.ann, street.moved) == {street.kim}
    assert lines(street.ida, None) == lines(street.ida, street.moved) == set()
    assert lines(street.ida, street.moved - timedelta(seconds=1)) == {street.kim}
    assert lines(street.ann, street.moved - timedelta(seconds=1)) == set()


@pytest.mark.parametrize("table", OWNED | dict.fromkeys(sorted(STAFF_ONLY)))
def test_staff_and_the_platform_get_all_rows(street: Street, table: str) -> None:
    with street.house.engine.connect() as connection:
        everything = len(every(connection, table))
    for role in (Role.MODERATOR, Role.OPS, Role.AUDITOR, Role.PLATFORM):
        with belt.reading(street.house.engine, Actor("somebody", role)) as connection:
            assert connection.execute(sa.text("SELECT current_user")).scalar() == belt.STAFF_ROLE
            assert len(every(connection, table)) >= everything


@pytest.mark.parametrize("role", sorted(set(Role) - STAFF - {Role.PLATFORM}))
def test_nobody_else_reads_as_staff(street: Street, role: Role) -> None:
    with belt.reading(street.house.engine, Actor("somebody", role, "an agency")) as connection:
        assert connection.execute(sa.text("SELECT current_user")).scalar() == belt.ROLE


def test_no_setting_makes_an_agency_s_reader_staff(street: Street) -> None:
    """Neither role is a member of the other, so no policy of staff's applies to an agency's reader.

    What is technically possible: `SET ROLE casework_staff`, and `RESET ROLE` too. PostgreSQL asks whether the login may
    become it, and that login serves both. So SQL of somebody's own is not stopped here (`store/row_security.py` says so), and
    the product's queries name no role.
    """
    with belt.reading(street.house.engine, street.actor(street.ida)) as connection:
        for name in ("all", "staff", "role"):
            connection.execute(sa.text(f"SELECT set_config('casework.{name}', 'on', true)"))
        assert every(connection, "cases") == []
        member = sa.text("SELECT pg_has_role(:one, :other, 'MEMBER')")
        for one, other in ((belt.ROLE, belt.STAFF_ROLE), (belt.STAFF_ROLE, belt.ROLE)):
            assert connection.execute(member, {"one": one, "other": other}).scalar() is False
        connection.execute(sa.text(f"SET LOCAL ROLE {belt.STAFF_ROLE}"))
        assert every(connection, "cases")
    with belt.reading(street.house.engine, street.actor(street.ida)) as connection:  # but not for the next one
        assert every(connection, "cases") == []


@pytest.mark.parametrize("table", sorted(AUTHORS))
def test_what_is_somebody_s_own_nobody_else_gets(street: Street, table: str) -> None:
    auditor, other = Actor("somebody", Role.AUDITOR), street.actor(street.bob)
    for reader, of in ((street.actor(street.ann), {street.ann}), (other, set()), (auditor, set())):
        with belt.reading(street.house.engine, reader) as connection:
            assert {row["person"] for row in every(connection, table)} == of


@pytest.mark.parametrize("table", OWNED | dict.fromkeys(sorted(STAFF_ONLY | AUTHORS)))
def test_without_settings_nothing_is_there(street: Street, table: str) -> None:
    with street.house.engine.connect() as connection:
        connection.execute(sa.text(f"SET LOCAL ROLE {belt.ROLE}"))
        assert every(connection, table) == []
        for name in ("agency", "person", "at"):
            connection.execute(sa.text(f"SELECT set_config('casework.{name}', '', true)"))
        assert every(connection, table) == []
    with belt.reading(street.house.engine, Actor("nobody", Role.CLOCK)) as connection:
        assert every(connection, table) == []


@pytest.mark.parametrize("table", sorted(CLOSED))
def test_secrets_and_words_can_t_be_listed(street: Street, table: str) -> None:
    auditor = Actor("somebody", Role.AUDITOR)
    with belt.reading(street.house.engine, auditor) as connection, pytest.raises(ProgrammingError, match="permission"):
        every(connection, table)


def test_words_are_read_by_their_ids(street: Street) -> None:
    with belt.reading(street.house.engine, street.actor(street.kim)) as connection:
        ids = [row["text"] for row in every(connection, "cases")]
        assert set(text.bodies(connection, ids).values()) == {"seen on stream", "a joke"}


WRITING = "INSERT, UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER"
# Its only policy there, and one that only reads.
POLICIED = """oid IN (
  SELECT polrelid FROM pg_policy JOIN pg_roles r ON r.rolname = :role AND polroles = ARRAY[r.oid]
  GROUP BY polrelid HAVING array_agg(polcmd) = ARRAY['r'::"char"])"""


@pytest.mark.parametrize("role", [belt.ROLE, belt.STAFF_ROLE])
def test_every_table_is_policied_or_named_here(street: Street, role: str) -> None:
    """Who adds a table decides what the desk reads of it."""
    assert set(metadata.tables) == set(OWNED) | AUTHORS | STAFF_ONLY | OPEN | CLOSED
    with street.house.engine.connect() as connection:

        def named(which: str) -> set[str]:
            query = f"SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND {which}"
            return set(connection.execute(sa.text(query), {"role": role}).scalars())

        assert named("relkind = 'r' AND relrowsecurity") == set(OWNED) | AUTHORS | STAFF_ONLY
        assert named(POLICIED) == set(OWNED) | AUTHORS | STAFF_ONLY
        read = named("relkind = 'r' AND has_table_privilege(:role, oid, 'SELECT')")
        assert read == set(OWNED) | AUTHORS | STAFF_ONLY | OPEN
        assert named("CASE WHEN relkind = 'S' THEN has_sequence_privilege(:role, oid, 'USAGE, UPDATE') END") == set()
        assert named(f"relkind = 'r' AND has_table_privilege(:role, oid, '{WRITING}')") == set()
        about = "SELECT rolcanlogin, rolsuper, rolbypassrls, rolcreaterole FROM pg_roles WHERE rolname = :role"
        assert connection.execute(sa.text(about), {"role": role}).one() == (False, False, False, False)


WRITES = [
    "UPDATE cases SET stirred = true",
    "DELETE FROM notices",
    "INSERT INTO agencies VALUES ('x')",
    "CREATE TABLE x ()",
]


@pytest.mark.parametrize("role", [belt.ROLE, belt.STAFF_ROLE])
@pytest.mark.parametrize("statement", WRITES)
def test_neither_role_may_write(street: Street, statement: str, role: str) -> None:
    with street.house.engine.connect() as connection:  # not even in a transaction that could
        connection.execute(sa.text(f"SET LOCAL ROLE {role}"))
        with pytest.raises(ProgrammingError, match="permission"):
            connection.execute(sa.text(statement))


@pytest.mark.parametrize("statement", WRITES)
def test_nothing_can_be_written(street: Street, statement: str) -> None:
    with belt.reading(street.house.engine, Actor("somebody", Role.AUDITOR)) as connection:
        with pytest.raises((InternalError, ProgrammingError), match=r"read-only|permission"):
            connection.execute(sa.text(statement))
        connection.rollback()
    with belt.reading(street.house.engine, Actor("x", Role.OPS)) as connection:  # not even as the owner
        connection.execute(sa.text("RESET ROLE"))
        with pytest.raises(InternalError, match="read-only"):
            connection.execute(sa.text(statement))


def test_a_transaction_can_t_be_made_to_write(street: Street) -> None:
    with (
        belt.reading(street.house.engine, Actor("x", Role.OPS)) as connection,
        pytest.raises(InternalError, match="before any query"),
    ):
        connection.execute(sa.text("SET TRANSACTION READ WRITE"))


@pytest.fixture
def alone(street: Street) -> Iterator[sa.Engine]:
    """An engine with one connection, which everybody uses in turn."""
    url = street.house.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    engine = connect(url, pool=1, keyring=fleeting())
    yield engine
    engine.dispose()


SETTINGS = "SELECT current_user, current_setting('casework.agency', true), current_setting('casework.person', true), current_setting('transaction_read_only')"


def test_what_is_read_in_one_go_is_of_one_moment(street: Street, alone: sa.Engine) -> None:
    notes = sa.text("SELECT count(*) FROM texts")
    with belt.present(alone, Actor("somebody", Role.AUDITOR), EARLY) as (connection, _):
        connection.execute(sa.text("RESET ROLE"))
        before = connection.execute(notes).scalar()
        with street.house.engine.begin() as other:
            text.write(other, {"of-a-moment-later": "This was not there."})
            assert other.execute(notes).scalar() == (before or 0) + 1
        assert connection.execute(notes).scalar() == before


def test_settings_don_t_outlive_their_transaction(street: Street, alone: sa.Engine) -> None:
    with belt.reading(alone, Actor("somebody", Role.AUDITOR)) as connection:
        process = connection.execute(sa.text("SELECT pg_backend_pid()")).scalar()
        assert every(connection, "cases")
    with alone.connect() as connection:
        assert connection.execute(sa.text("SELECT pg_backend_pid()")).scalar() == process
        user, *rest, read_only = connection.execute(sa.text(SETTINGS)).one()
        assert (user in {belt.ROLE, belt.STAFF_ROLE}, set(rest), read_only) == (False, {""}, "off")
    with belt.reading(alone, street.actor(street.ida)) as connection:
        assert every(connection, "cases") == []
    with belt.reading(alone, street.actor(street.ann)) as connection:
        connection.execute(sa.text("SELECT set_config('casework.agency', current_setting('casework.agency'), false)"))
        connection.execute(sa.text(f"SET ROLE {belt.STAFF_ROLE}"))  # both meant to stay
    with belt.reading(alone, street.actor(street.tom)) as connection:
        assert every(connection, "cases") == []
    with alone.connect() as connection:
        assert connection.execute(sa.text(SETTINGS)).one()[1] in {None, ""}
