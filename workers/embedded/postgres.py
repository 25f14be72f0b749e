"""The embedded PostgreSQL: its data directory, its options, and how it is asked whether it serves."""

import asyncio
import os
import shutil
import signal
import subprocess
from dataclasses import replace
from pathlib import Path

import psycopg

from store.grants import ROLE
from workers.embedded.account import Account, account, own
from workers.embedded.binary import binary
from workers.embedded.child import Child, Program, Report, done
from workers.embedded.error import EmbeddedError
from workers.embedded.owner import DATABASE, OWNER, SUPERUSER, Passwords, prepare
from workers.embedded.port import HOST, claim
from workers.embedded.secret import folder, secret
from workers.settings import Settings

FAST_AND_FORGETFUL = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")
DURABLE = ("fsync=on", "synchronous_commit=on", "full_page_writes=on")
LEFTOVER_SECONDS = 10
# What it writes first after an unclean stop; and what it writes while it recovers, once a second unless it is stalled.
# Its answers to our early connections go into the same log, and are no progress.
RECOVERY = ("LOG:  database system was interrupted", "LOG:  database system was not properly shut down")
STEP = (*RECOVERY, "elapsed time:", "LOG:  redo ", "LOG:  checkpoint ")


async def postgres(settings: Settings, *, ephemeral: bool, report: Report) -> Child:
    """PostgreSQL's server, not yet started, on a data directory that is made if it is missing."""
    home = settings.data_dir
    data = home / "postgres"
    server = binary("postgres")
    options = (
        f"listen_addresses={HOST}",
        f"port={settings.postgres_port}",
        "unix_socket_directories=",
        "max_connections=100",
        "timezone=UTC",
        "log_timezone=UTC",
        "log_startup_progress_interval=1s",
        *(FAST_AND_FORGETFUL if ephemeral else DURABLE),
    )
    program = Program(
        name="PostgreSQL",
        command=(str(server), "-D", str(data), *(word for option in options for word in ("-c", option))),
        folder=home,
        own=data,
        log=folder(home / "logs") / "postgres.log",
        stop=signal.SIGINT,
        death=signal.SIGQUIT,
        environment={"LC_ALL": "C", "PATH": os.defpath},
        account=account(data, server),
        recovery=RECOVERY,
        step=STEP,
    )
    if _version(data):
        _same_major(data, server)
        _give(data, program.account)
        await _alone(data)
    await claim(settings.postgres_port, of="PostgreSQL", setting="CASEWORK_POSTGRES_PORT")
    if not _version(data):
        await _init(program, data, ephemeral=ephemeral)
    passwords = Passwords(
        secret(_password(home, "owner")), secret(_password(home, "house")), secret(keeper_password(home))
    )
    await prepare(program, passwords, ephemeral=ephemeral)
    (home / "secrets" / "postgres.password").unlink(missing_ok=True)  # older releases' own, of the superuser
    url = database_url(settings)

    async def ready() -> bool:
        return await _serves(url)

    return Child(program, ready, report)


def database_url(settings: Settings) -> str:
    """Where the embedded database is, with its owner, who is no superuser, and the owner's password."""
    return _url(settings, OWNER, "owner")


def house_url(settings: Settings) -> str:
    """The same as desk and worker log in, who own nothing."""
    return _url(settings, ROLE, "house")


def _url(settings: Settings, role: str, whose: str) -> str:
    password = secret(_password(settings.data_dir, whose))
    return f"postgresql://{role}:{password}@{HOST}:{settings.postgres_port}/{DATABASE}"


def _password(home: Path, whose: str) -> Path:
    return home / "secrets" / f"{whose}.password"


def keeper_password(home: Path) -> Path:
    """Where the password of the keeper of backups is."""
    return _password(home, "backup")


async def _serves(url: str) -> bool:
    try:
        async with await psycopg.AsyncConnection.connect(url, connect_timeout=5):
            pass
    except psycopg.Error:
        return False
    return True


async def _init(program: Program, data: Path, *, ephemeral: bool) -> None:
    """Make the data directory: all of it, or none."""
    fresh = data.with_suffix(".new")
    shutil.rmtree(fresh, ignore_errors=True)
    folder(fresh)
    _give(fresh, program.account)
    # The built-in locale sorts alike on every machine: the system's may change under an index.
    locale = ("--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8")
    login = (f"--username={SUPERUSER}", "--auth=reject")
    command = (str(binary("initdb")), "-D", str(fresh), *locale, *login, "--no-instructions")
    await done(replace(program, command=(*command, "--no-sync") if ephemeral else command, own=fresh))
    try:
        fresh.replace(data)
    except OSError:
        raise EmbeddedError(
            f"{data} is in the way: it is not a PostgreSQL data directory. Move it elsewhere."
        ) from None


def _version(data: Path) -> str:
    try:
        return (data / "PG_VERSION").read_text(encoding="ascii").strip()
    except FileNotFoundError:
        return ""


def _same_major(data: Path, server: Path) -> None:
    told = subprocess.run([server, "--version"], check=True, capture_output=True, text=True, timeout=30).stdout
    major = told.split()[2].partition(".")[0]
    if _version(data) != major:
        raise EmbeddedError(
            f"{data} was written by PostgreSQL {_version(data)} and this is {major}: "
            f"dump it with the old version, or set CASEWORK_DATA_DIR to a new folder."
        )


def _give(data: Path, to: Account | None) -> None:
    if to:
        own(data, to.owner)


async def _alone(data: Path) -> None:
    """Return when no server works on the data: one whose parent was killed needs a moment to go.

    PostgreSQL itself ignores a stale `postmaster.pid`, unless another process has the number by now.
    Raises EmbeddedError where a living server stays.
    """
    file = data / "postmaster.pid"
    deadline = asyncio.get_running_loop().time() + LEFTOVER_SECONDS
    while pid := _holder(file):
        if not _works_on(pid, data):
            file.unlink(missing_ok=True)
            return
        if asyncio.get_running_loop().time() > deadline:
            raise EmbeddedError(f"Another PostgreSQL (process {pid}) works on {data}: stop it first.")
        await asyncio.sleep(0.05)


def _holder(file: Path) -> int | None:
    try:
        pid = int(file.read_text(encoding="ascii").split()[0])
        os.kill(pid, 0)
    except (OSError, ValueError, IndexError):
        return None
    return pid


def _works_on(pid: int, data: Path) -> bool:
    """Whether the process is a postmaster of this data; where that can't be seen: yes.

    Not by its working directory: a container's root may not see that of another user. A zombie, which a container
    without an init never reaps, has an empty command line: no.
    """
    try:
        program, *words = Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace").split("\0")
    except OSError:
        return True
    if Path(program).name != "postgres":
        return False
    return "-D" not in words or Path(words[words.index("-D") + 1]).resolve() == data.resolve()
