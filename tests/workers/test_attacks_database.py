"""Attacks on the machine through the embedded PostgreSQL: it reads only what is its own, whoever started it."""

import os
import signal
import subprocess
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import LiteralString

import psycopg
import pytest
import sqlalchemy as sa
from terminal import terminal

from desk.cli.database import reading
from store import grants
from store.engine import connect
from store.migrate import migrate, newest
from store.schema import metadata
from workers.embedded.account import account, launched, own
from workers.embedded.binary import binary
from workers.embedded.child import Child, Program, done
from workers.embedded.error import EmbeddedError
from workers.embedded.owner import DATABASE, OWNER, SUPERUSER
from workers.embedded.port import free
from workers.embedded.run import Servers
from workers.embedded.secret import secret
from workers.embedded.servers import embedded
from workers.settings import Settings

POSTGRES = frozenset({"postgres"})
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root's server could read what is root's")
SECRET = "what nobody else may read"
SYSTEM: dict[str, LiteralString] = {
    "a file": "SELECT pg_read_file('/etc/hostname')",
    "a folder": "SELECT pg_ls_dir('/')",
    "a file as a table": "CREATE TEMP TABLE t (line text); COPY t FROM '/etc/hostname'",
    "a file as an object": "SELECT lo_import('/etc/hostname')",
    "writing a file": "COPY (SELECT 1) TO '/tmp/casework-was-here'",
    "a program": "COPY (SELECT 1) TO PROGRAM 'true'",
    "a setting of the server": "ALTER SYSTEM SET log_statement = 'all'",
    "triggers off": "SET session_replication_role = replica",
    "another superuser": "CREATE ROLE mallory SUPERUSER",
    "becoming the superuser": "SET ROLE casework",
    "a language of its own": "CREATE FUNCTION f() RETURNS int LANGUAGE c AS '/lib/x86_64-linux-gnu/libc.so.6', 'getpid'",
}
# What only the owner may: nobody at the desk and no worker.
OWNERS: dict[str, LiteralString] = {
    "a table": "CREATE TABLE mine (id text)",
    "a table for a while": "CREATE TEMP TABLE mine (id text)",
    "a function": "CREATE FUNCTION mine() RETURNS int LANGUAGE sql AS 'SELECT 1'",
    "a schema": "CREATE SCHEMA mine",
    "a column": "ALTER TABLE cases ADD COLUMN mine text",
    "guards off": "ALTER TABLE journal DISABLE TRIGGER USER",
    "a guard away": "DROP TRIGGER grows ON journal",
    "the belt off": "ALTER TABLE cases DISABLE ROW LEVEL SECURITY",
    "a table away": "DROP TABLE checkpoints",
    "an index away": "DROP INDEX ix_journal_at",
    "a right of its own": "SET ROLE casework_owner",
    "the journal": "DELETE FROM journal",
    "the journal emptied": "TRUNCATE journal",
    "the journal rewritten": "UPDATE journal SET hash = hash",
    "the records": "DELETE FROM records",
    "the records rewritten": "UPDATE records SET hash = hash",
    "the ledger": "DELETE FROM ledger",
    "the ledger rewritten": "UPDATE ledger SET subject = subject",
    "checkpoints": "DELETE FROM checkpoints",
    "checkpoints rewritten": "UPDATE checkpoints SET root = root",
    "what is under them": "DELETE FROM checkpoint_leaves",
    "checkpoints by an insert": "INSERT INTO checkpoints SELECT * FROM checkpoints ON CONFLICT (number) DO UPDATE SET at = now()",
    "the journal by a merge": "MERGE INTO journal USING (SELECT 1) one ON true WHEN MATCHED THEN DELETE",
    "nobody else at the journal": "BEGIN; LOCK TABLE journal IN ACCESS EXCLUSIVE MODE",
    "a rule": "CREATE RULE mine AS ON INSERT TO cases DO INSTEAD NOTHING",
    "a trigger": "CREATE TRIGGER mine BEFORE INSERT ON cases FOR EACH ROW EXECUTE FUNCTION only_grows()",
    "a policy": "DROP POLICY house ON cases",
    "where functions are found": "ALTER DATABASE casework SET search_path = mine",
    "passwords": "SELECT rolpassword FROM pg_authid",
    "cases": "DELETE FROM cases",
    "cases emptied": "TRUNCATE cases CASCADE",
    "verdicts": "DELETE FROM verdicts",
    "people": "DELETE FROM people",
    "what a version says": "UPDATE rulebooks SET body = '{}'",
    "a version": "DELETE FROM versions",
    "its wave": "DELETE FROM rollouts",
    "its moves": "UPDATE version_moves SET actor = 'ada'",
    "its forecast": "UPDATE forecasts SET hit = 0",
    "who holds its dates": "ALTER TABLE rollouts DISABLE TRIGGER dated",
    "the order of lines": "SELECT setval('journal_number', 1)",
    "the schema's version": "UPDATE alembic_version SET version_num = '0001'",
}


def on(folder: Path) -> Settings:
    folder.chmod(0o700)
    return Settings(data_dir=folder / "d", postgres_port=free(1)[0])


@pytest.fixture(scope="module")
async def servers(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Servers]:
    async with embedded(on(tmp_path_factory.mktemp("attacked")), only=POSTGRES) as made:
        engine = connect(made.database_url)
        migrate(engine)
        engine.dispose()
        yield made


def refused(url: str, sql: LiteralString) -> None:
    with psycopg.connect(url, autocommit=True) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute(sql)


@pytest.mark.parametrize("sql", SYSTEM.values(), ids=SYSTEM)
def test_the_product_is_no_superuser(servers: Servers, sql: LiteralString) -> None:
    for url in (servers.database_url, servers.house_url):
        refused(url, sql)


@pytest.mark.parametrize("sql", OWNERS.values(), ids=OWNERS)
def test_desk_and_worker_change_no_schema_and_delete_nothing_that_only_grows(
    servers: Servers, sql: LiteralString
) -> None:
    refused(servers.house_url, sql)


def test_the_owner_owns_the_database_and_who_works_in_it_nothing(servers: Servers) -> None:
    of_role = "SELECT rolsuper, rolcreaterole, rolcreatedb, rolbypassrls FROM pg_roles WHERE rolname = user"
    of_database = "SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = current_database()"
    owned = "SELECT count(*) FROM pg_shdepend WHERE refobjid = to_regrole(user) AND deptype = 'o'"
    for url, owns in ((servers.database_url, True), (servers.house_url, False)):
        with psycopg.connect(url) as connection:
            assert connection.execute(of_role).fetchone() == (False, False, False, False)
            assert connection.execute(of_database).fetchone() == (OWNER,)
            assert (connection.execute(owned).fetchone() == (0,)) is not owns


def test_what_desk_and_worker_may_do_is_what_is_granted(servers: Servers) -> None:
    with psycopg.connect(servers.house_url) as connection:
        for table in metadata.sorted_tables:
            for right in ("SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "TRIGGER", "REFERENCES"):
                may = connection.execute("SELECT has_table_privilege(%s, %s)", (table.name, right)).fetchone()
                assert may == (right in grants.rights(table),), (table.name, right)
    assert {table.name for table in metadata.sorted_tables if "UPDATE" not in grants.rights(table)} >= {
        *("journal", "records", "ledger", "checkpoints", "checkpoint_leaves", "rulebooks", "version_moves", "repairs"),
    }


def test_only_to_migrate_a_command_logs_in_as_the_owner(
    servers: Servers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = {"database_url": servers.house_url, "keys_url": tmp_path.as_uri(), "master_key": "a secret of this test"}
    for name, value in (told | {"owner_url": servers.database_url}).items():
        monkeypatch.setenv(f"CASEWORK_{name.upper()}", value)
    with reading() as (house, _), reading(owner=True) as (owner, _):
        assert (house.url.username, owner.url.username) == (grants.ROLE, OWNER)
        migrate(house)  # there is nothing to do
        with owner.begin() as connection:
            connection.execute(sa.text(f"REVOKE INSERT ON checkpoints FROM {grants.ROLE}"))
        migrate(owner)
        with house.begin() as connection:
            assert grants.made(connection)
        _as_of(owner, "0047")
        refused = terminal(tmp_path, **told).casework("migrate")
        _as_of(owner, newest())
    assert (refused.returncode, refused.stderr.count("\n"), "CASEWORK_OWNER_URL" in refused.stderr) == (1, 1, True)


def _as_of(owner: sa.Engine, revision: str) -> None:
    """Have the database say that it is of that revision."""
    with owner.begin() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = :revision"), {"revision": revision})


@pytest.mark.parametrize("password", ["", "casework", "postgres"])
def test_nobody_logs_in_as_the_superuser(servers: Servers, password: str) -> None:
    for database in (DATABASE, "postgres"):
        with pytest.raises(psycopg.OperationalError, match="no pg_hba"):
            psycopg.connect(servers.house_url, user=SUPERUSER, password=password, dbname=database)


@as_root
def test_what_root_starts_as_another_user_reads_only_its_own(tmp_path: Path) -> None:
    tmp_path.chmod(0o700)
    (tmp_path / "roots").write_text(SECRET, "utf-8")
    (tmp_path / "roots").chmod(0o600)
    (tmp_path / "data").mkdir(0o700)
    (tmp_path / "data" / "own").write_text("its own", "utf-8")
    who = account(tmp_path / "data", binary("postgres"))
    assert who is not None
    own(tmp_path / "data", who.owner)

    def read(file: Path) -> str:
        order = launched(["/bin/cat", str(file)], account=who, death=signal.SIGKILL, own=tmp_path / "data")
        return subprocess.run(order, check=False, capture_output=True, text=True, timeout=30).stdout

    assert read(tmp_path / "data" / "own") == "its own"
    with TemporaryDirectory(dir="/usr") as application:  # where containers have /usr/src
        (theirs := Path(application, "roots")).write_text(SECRET, "utf-8")
        theirs.chmod(0o600)
        for file in (tmp_path / "roots", theirs, Path("/etc/shadow"), Path("/proc/1/environ")):
            assert read(file) == ""


@as_root
def test_where_the_kernel_cannot_confine_root_lends_no_capability(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    monkeypatch.setattr("workers.embedded.account.possible", lambda: False)
    tmp_path.chmod(0o700)
    with pytest.raises(EmbeddedError, match="run casework as an ordinary user"):
        account(tmp_path / "d" / "postgres", Path("/bin/true"))
    with TemporaryDirectory(dir="/tmp") as folder:
        Path(folder).chmod(0o755)
        (home := Path(folder, "d")).mkdir(0o700)
        found = account(home / "postgres", Path("/bin/true"))
        assert found is not None
        assert not found.opens_all
        assert (home.stat().st_mode & 0o777) == 0o711, "others pass through, and read nothing"


@as_root
async def test_even_its_superuser_reads_no_file_of_roots(tmp_path: Path) -> None:
    settings = on(tmp_path)
    (tmp_path / "roots").write_text(SECRET, "utf-8")
    (tmp_path / "roots").chmod(0o600)
    async with embedded(settings, only=POSTGRES):
        pass
    data, server, log = settings.data_dir / "postgres", binary("postgres"), tmp_path / "log"
    single = (str(server), "--single", "-D", str(data), DATABASE)
    program = _program(settings, single, data, log)
    await done(program, f"SELECT pg_read_file('{tmp_path / 'roots'}');\n")
    assert SECRET not in log.read_text("utf-8")
    assert "Permission denied" in log.read_text("utf-8")
    await done(program, f"SELECT pg_read_file('{data / 'PG_VERSION'}');\n")
    assert 'pg_read_file = "18' in log.read_text("utf-8")


async def test_a_database_whose_product_was_the_superuser_goes_on_with_its_owner(tmp_path: Path) -> None:
    settings = on(tmp_path)
    await _as_it_was(settings)
    async with embedded(settings, only=POSTGRES) as servers:
        engine = connect(servers.database_url)
        migrate(engine)
        with engine.begin() as connection:
            assert connection.scalar(sa.text("SELECT id FROM subjects")) == "lotus"
            owners = "SELECT DISTINCT pg_get_userbyid({}) FROM {} WHERE {} = 'public'::regnamespace"
            for what in (("relowner", "pg_class", "relnamespace"), ("proowner", "pg_proc", "pronamespace")):
                assert set(connection.scalars(sa.text(owners.format(*what)))) == {OWNER}
            connection.execute(sa.text("ALTER TABLE subjects ADD COLUMN later text"))  # as a migration to come
            connection.execute(sa.text("SET LOCAL ROLE casework_desk"))
            assert connection.scalar(sa.text("SELECT count(*) FROM journal")) == 0
        engine.dispose()
    assert not (settings.data_dir / "secrets" / "postgres.password").exists()


async def _as_it_was(settings: Settings) -> None:
    """A data directory as older releases made it: the product was the superuser, by a password."""
    home, data = settings.data_dir, settings.data_dir / "postgres"
    password = secret(home / "secrets" / "postgres.password")
    data.mkdir(mode=0o700)
    log = settings.data_dir / "log"
    init = (
        str(binary("initdb")),
        "-D",
        str(data),
        f"--username={SUPERUSER}",
        "--auth=trust",
        "--encoding=UTF8",
        "--no-sync",
    )
    program = _program(settings, init, data, log)
    if program.account:
        own(data, program.account.owner)
    await done(program)
    options = ("listen_addresses=127.0.0.1", f"port={settings.postgres_port}", "unix_socket_directories=")
    command = (str(binary("postgres")), "-D", str(data), *(word for each in options for word in ("-c", each)))
    url = f"postgresql://{SUPERUSER}:{password}@127.0.0.1:{settings.postgres_port}"

    async def ready() -> bool:
        try:
            async with await psycopg.AsyncConnection.connect(f"{url}/postgres"):
                return True
        except psycopg.Error:
            return False

    server = Child(replace(program, command=command), ready, print)
    await server.start()
    try:
        with psycopg.connect(f"{url}/postgres", autocommit=True) as first:
            first.execute("CREATE DATABASE casework")
        engine = connect(f"{url}/{DATABASE}")
        migrate(engine)
        with engine.begin() as connection:
            connection.execute(sa.text("INSERT INTO subjects (id, kind, region) VALUES ('lotus', 'agency', 'VN')"))
        engine.dispose()
    finally:
        await server.stop()


def _program(settings: Settings, command: tuple[str, ...], data: Path, log: Path) -> Program:
    return Program(
        name="PostgreSQL",
        command=command,
        folder=settings.data_dir,
        own=data,
        log=log,
        stop=signal.SIGINT,
        death=signal.SIGKILL,
        environment={"LC_ALL": "C", "PATH": os.defpath},
        account=account(data, binary("postgres")),
    )
