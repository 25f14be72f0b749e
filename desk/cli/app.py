"""Which commands are there, and what do their failures say?"""

import sys

import typer
from sqlalchemy.exc import InterfaceError, OperationalError, ProgrammingError

from desk.cli import INTERRUPTED, demo, engine, filing, reading, rehearse, review, rulebook, states, verify
from desk.cli.running import StoppedError
from desk.rehearsal.malformed import MalformedScenario
from rulebook.fault import RulebookError, UnknownRegion
from workers.embedded import EmbeddedError
from workers.settings import SettingsError

_POLICY = "Policy and proof"
app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="A durable case engine for the compliance of live streaming.",
)
for part in (engine, filing, review, reading):
    part.enter(app)
app.command(rich_help_panel="Run")(demo.demo)
app.command(rich_help_panel=_POLICY)(rehearse.rehearse)
app.command(rich_help_panel=_POLICY)(verify.verify)
app.command(rich_help_panel=_POLICY)(states.states)
app.add_typer(rulebook.app, name="rulebook", rich_help_panel=_POLICY)

_SENTENCES = (EmbeddedError, SettingsError, UnknownRegion)


def run() -> int:
    """Run the command line; give the code to end with: 0, 1 for what failed, 2 for what was written wrongly."""
    try:
        app()
    except SystemExit as done:
        return done.code if isinstance(done.code, int) else 1
    except StoppedError as stopped:
        return INTERRUPTED if stopped.unfinished else 0
    except _SENTENCES as error:
        return _say(f"{error}", 1)
    except (MalformedScenario, RulebookError) as error:
        return _say(f"{error}", 2)
    except (OperationalError, InterfaceError) as error:
        return _say(f"The database can't be reached: {_first_line(error.orig)}.", 1)
    except ProgrammingError as error:
        return _say(f"The database is not Casework's, or of another version: {_first_line(error.orig)}.", 1)
    return 0


def _say(sentence: str, code: int) -> int:
    print(sentence, file=sys.stderr)
    return code


def _first_line(error: BaseException | None) -> str:
    return f"{error}".strip().partition("\n")[0].rstrip(".")
