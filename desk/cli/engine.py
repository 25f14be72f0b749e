"""Commands that run the engine: everything on one machine, a worker, the API, or the migration."""

import logging
import shlex
import sys
import time
from collections.abc import Coroutine
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer
from typer import Option

from activities.install import install
from desk.cli.database import reading
from desk.cli.language import words
from desk.cli.operator import through
from desk.cli.paper import console, line, table
from desk.cli.running import StoppedError, for_ever, run, serve
from desk.cli.terminal import Plain
from desk.demo import accounts as demo_accounts
from desk.demo import cast
from desk.demo.past import state as past
from desk.site import served
from ops.metrics.serve import measured
from ops.upgrade import ACCEPT, Upgrade
from rulebook.load import LIVE, load
from store import timeline
from store.encrypting import encrypt
from store.in_thread import in_thread
from store.migrate import migrate as bring_up_to_date
from store.objects import Objects
from store.own_keys import ANEW
from workers.build import build
from workers.checkpoints.make import LOG as CHECKPOINTS
from workers.embedded.error import EmbeddedError
from workers.embedded.run import Servers
from workers.encrypting import encrypt_files
from workers.house import up as all_up
from workers.house import work
from workers.line import log_lines
from workers.log import Seldom
from workers.reach import House, reach
from workers.settings import Settings, SettingsError

_SERVERS = {"postgres": "PostgreSQL", "temporal": "Temporal"}
# Database connections: the API reads and writes at the same time.
_CONNECTIONS = 20
_Anew = Annotated[bool, Option(ANEW, help="Go on without what was written by keys that are lost for good.")]
_DETAILS = '--details "Our creator was offered money to change over."'


def up(
    demo_year: Annotated[bool, Option("--demo-year", help="Fill an empty engine with a year that ends now.")] = False,
    accept: Annotated[bool, Option(ACCEPT, help="Start though this build can't go on with some that run.")] = False,
    anew: _Anew = False,
) -> None:
    """Run everything: servers where none are set, schema, rulebook, worker; with a demo cast in a demo."""
    settings = _logged(Settings())
    if demo_year and not settings.demo:
        raise SettingsError("`--demo-year` is for a demo: an embedded database, on this machine alone.")
    if demo_year and settings.platform_url:
        raise SettingsError("`--demo-year` tells nobody of its penalties: unset CASEWORK_PLATFORM_URL and _KEY.")
    if settings.embeds:
        servers = " and ".join(name for key, name in _SERVERS.items() if key in settings.embeds)
        line(f"Casework starts {servers} on {_near(settings.data_dir)} …")
    _until_stopped(_up(settings, Upgrade(accept, line), demo_year=demo_year, anew=anew))


def worker() -> None:
    """Run a worker for servers that run elsewhere, or beside an engine that runs here."""
    _until_stopped(_work(_logged(Settings())))


def api() -> None:
    """Serve the API alone, for workers and servers that run elsewhere or beside it."""
    _until_stopped(_api(_logged(Settings())))


def migrate(anew: _Anew = False) -> None:
    """Bring the database's schema up to date, and enter the bundled rulebook."""
    run(_migrate(anew=anew))
    line("The database is up to date.")


async def _up(settings: Settings, upgrade: Upgrade, *, demo_year: bool, anew: bool) -> None:
    before = upgrade.check if "temporal" in settings.embeds else None
    first = partial(_fill, demo_year=demo_year) if settings.demo else None
    async with all_up(settings, report=line, before=before, first=first, anew=anew) as (house, servers):
        upgrade.note(house, through(settings))
        if settings.demo:
            with house.engine.begin() as connection:
                cast.introduce(connection, house.clock.now())
                demo_accounts.introduce(connection)
        async with served(house) as address, measured(house) as metrics:
            _ready(house, servers, address)
            _tell_metrics(metrics)
            line("Casework is ready. Stop it with Ctrl-C: nothing is lost.")
            await for_ever()


async def _fill(house: House, *, demo_year: bool) -> None:
    """Play the demo's year where it is asked for, or was begun and stopped."""
    with house.engine.begin() as connection:
        wanted = demo_year or past.begun(connection) is not None
        if not wanted or past.complete(connection):
            return
    from desk.cli.demo import progress  # noqa: PLC0415  # what other starts save
    from desk.demo.past.fill import fill, script  # noqa: PLC0415

    story = script()
    line(f"Casework plays a year of {len(story.steps)} steps, up to now, before it opens …")
    began = time.perf_counter()
    with progress(console(), story) as watch:
        await fill(house, story, watch)
    line(f"The year is there, in {time.perf_counter() - began:.0f} s.")


async def _api(settings: Settings) -> None:
    async with reach(settings, pool=_CONNECTIONS) as house, served(house) as address, measured(house) as metrics:
        _tell_metrics(metrics)
        line(f"The API is ready: {address}/docs. Stop it with Ctrl-C.")
        await for_ever()


async def _work(settings: Settings) -> None:
    async with reach(settings) as house:
        with house.engine.connect() as connection:
            if not timeline.read(connection):
                raise EmbeddedError("The database has no rulebook: run `casework migrate`.")
        await in_thread(house.engine, house.objects.check)
        async with work(house), measured(house) as metrics:
            _tell_metrics(metrics)
            version = f", version {build()} of deployment {settings.deployment}" if settings.deployment else ""
            line(f"The worker is ready (task queue {settings.task_queue}{version}). Stop it with Ctrl-C.")
            await for_ever()


async def _migrate(*, anew: bool) -> None:
    with reading(owner=True, anew=anew) as (engine, now):
        bring_up_to_date(engine)
        encrypt(engine, now())
        encrypt_files(engine, lambda: Objects(Settings().evidence), now())
        with engine.begin() as connection:
            install(connection, load(LIVE), now())


def _until_stopped(work: Coroutine[Any, Any, None]) -> None:
    try:
        serve(work)
    except StoppedError:
        line("\nCasework has stopped. Whatever it was told is kept.")


def _introduce(settings: Settings) -> None:
    agencies = [(name, role, agency) for agency, people in cast.AGENCIES.items() for name, role in people.items()]
    say = words().say
    creators = [(n, "creator", say("say.managed_by", agent=a, agency="lotus")) for n, a in cast.CREATORS.items()]
    staff = [(name, role, say("say.staff")) for name, role in cast.STAFF.items()]
    table(say("table.cast"), ("who", "is", "of"), [*agencies, *creators, *staff])
    if settings.logs_in:
        line(f"They all log in with the password {demo_accounts.PASSWORD}; staff also with a code:")
        line(f"  {_command(settings)} account code mia")


def _ready(house: House, servers: Servers, address: str) -> None:
    command = _command(house.settings)
    line(f"The console, in a browser: {address}/")
    if house.settings.demo:
        _introduce(house.settings)
    line(f"The API, and how it is asked: {address}/docs")
    if servers.ui_url:
        line(f"Temporal's pages: {servers.ui_url}")
    if house.settings.demo:
        line("Try, in another terminal:")
        line(f"  {command} report --by jan --clause agency.poaching --against lotus {_DETAILS}")
        line(f"  {command} queue --by mia")


def _tell_metrics(address: str | None) -> None:
    if address is not None:
        line(f"Metrics for Prometheus: {address}")


def _command(settings: Settings) -> str:
    """The command to type in another terminal so that it finds this engine."""
    default = settings.data_dir == Settings.model_fields["data_dir"].default.absolute()
    where = "" if default else f"CASEWORK_DATA_DIR={shlex.quote(str(_near(settings.data_dir)))} "
    return f"{where}{_near(Path(sys.argv[0]))}"


def _near(path: Path) -> Path:
    """The path, relative to the current folder where it is below it."""
    whole = path.absolute()
    return whole.relative_to(Path.cwd()) if whole.is_relative_to(Path.cwd()) else whole


def _logged(settings: Settings) -> Settings:
    """The settings, by which all is logged from now on."""
    handler = logging.StreamHandler()
    handler.addFilter(Seldom())
    if settings.logs == "json":
        log_lines(handler)
    else:
        handler.setFormatter(Plain("%(levelname)s %(name)s: %(message)s"))
    logging.basicConfig(level=logging.WARNING, handlers=[handler])
    logging.getLogger(CHECKPOINTS).setLevel(logging.INFO)  # each is to be read outside of the database
    return settings


def register(app: typer.Typer) -> None:
    """Add the commands."""
    for command in (up, worker, api, migrate):
        app.command(rich_help_panel="Run")(command)
