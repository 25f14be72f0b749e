"""Who acts on the command line for the people that `--by` names? The journal says it on each line."""

import os
import pwd

from sqlalchemy import Engine

from states.situation import Actor
from states.terms import Code, RefusedError, Role
from store import identity
from workers.settings import PREFIX, Settings, SettingsError


def through(settings: Settings) -> str:
    """Through what acts come, as the journal says it: `command_line/USER`, and `/OPERATOR` where one is set.

    USER is the operating system's; OPERATOR is who is accountable for acts on a database that others use, too.

    Raises:
        SettingsError: the database is not embedded, and nobody is accountable.
    """
    if "postgres" not in settings.embeds and settings.operator is None:
        raise SettingsError(
            f"On a database that is not embedded the command line acts for people only with {PREFIX}OPERATOR: "
            "set it to who is accountable."
        )
    return "/".join(["command_line", _user(), *([settings.operator] if settings.operator else [])])


def who_runs_it() -> Actor:
    """Whoever runs the engine, where nobody else is named: they read what ops read."""
    return Actor(_user(), Role.OPS)


def must_be_served(engine: Engine, settings: Settings, person: str) -> None:
    """Raises RefusedError: `forbidden`: the person is of the demo cast, and this is no demo."""
    with engine.begin() as connection:
        if not settings.demo and identity.of_demo(connection, person):
            raise RefusedError(Code.FORBIDDEN, "of_demo", "by", name=person)


def _user() -> str:
    """The name of the user who runs this process, not of what the environment says; where it has none, its number."""
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return str(os.getuid())
