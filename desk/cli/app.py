"""Which commands are there, and what do their failures say?"""

import sys
from collections.abc import Sequence
from importlib import import_module

import typer
from sqlalchemy.exc import InterfaceError, OperationalError, ProgrammingError

from desk.cli import INTERRUPTED
from desk.cli.running import StoppedError
from ops.rehearsal.script.malformed import MalformedScenario
from rulebook.fault import RulebookError, UnknownRegion
from workers.embedded.error import EmbeddedError
from workers.settings import SettingsError

# Which module has which commands: only the one that is asked for is read, so that it starts at once.
PARTS = {
    "engine": ("up", "worker", "api", "migrate"),
    "filing": ("report", "appeal", "answer", "withdraw", "stream"),
    "review": ("claim", "release", "ask", "escalate", "decide", "approve", "reject"),
    "reading": ("case", "queue", "score", "quota"),
    "demo": ("demo",),
    "rehearse": ("rehearse",),
    "verify": ("verify",),
    "states": ("states",),
    "rulebook": ("rulebook",),
    "account": ("account",),
    "key": ("key",),
}
_SENTENCES = (EmbeddedError, SettingsError, UnknownRegion)


def made(asked: Sequence[str]) -> typer.Typer:
    """The command line, as far as it is asked for: one part, or all where none is named."""
    app = typer.Typer(
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        callback=_casework,
    )
    named = [part for part, names in PARTS.items() if asked and asked[0] in names]
    for part in named or PARTS:
        import_module(f"desk.cli.{part}").enter(app)
    return app


def _casework() -> None:
    """A durable case engine for the compliance of live streaming."""


def run() -> int:
    """Run the command line; give the code to end with: 0, 1 for what failed, 2 for what was written wrongly."""
    try:
        made(sys.argv[1:])()
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
