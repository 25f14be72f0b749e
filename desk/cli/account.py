"""Commands for local accounts: passwords and second factors, where there is no identity provider."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Annotated

import typer
from sqlalchemy import Connection
from typer import Argument, Option

from desk.cli.database import reading
from desk.cli.operator import through
from desk.cli.paper import line
from desk.identity import factor as codes
from desk.identity.accounts import LONGEST, SHORTEST, hashed
from rulebook.characters import CharacterError, text
from states.terms import Role
from store import identity, party, session
from workers.settings import PREFIX, Settings, SettingsError

commands = typer.Typer(no_args_is_help=True, help="Set up local accounts.")
Person = Annotated[str, Argument(metavar="PERSON", help="Whose account.")]
Stdin = Annotated[bool, Option("--password-stdin", help="Read the password's line from stdin. Default: ask for it.")]


@commands.command("set")
def set_password(person: Person, password_stdin: Stdin = False) -> None:
    """Give a person a password; their sessions end."""
    with accounts() as (connection, _):
        actor = party.actor(connection, person)
        if actor is None or actor.role is Role.PLATFORM:
            raise typer.BadParameter(f"{person} is nobody who logs in here", param_hint="PERSON")
        password = sys.stdin.readline().rstrip("\r\n") if password_stdin else _asked()
        if not SHORTEST <= len(password) <= LONGEST or not _is_text(password):
            raise typer.BadParameter(f"a password has {SHORTEST} to {LONGEST} characters of text")
        identity.enter_account(connection, person, hashed(password))
        session.end_all(connection, person)
    line(f"{person} has a new password.")


@commands.command()
def factor(person: Person) -> None:
    """Give a person a new second factor, for an app to scan; their sessions end, and the old one is good no longer."""
    secret = codes.new_secret()
    with accounts() as (connection, _):
        changed = {"totp_secret": secret, "totp_step": None, "failures": 0, "locked_until": None}
        if not identity.change_account(connection, person, changed):
            raise typer.BadParameter(f"{person} has no account: `casework account set {person}`", param_hint="PERSON")
        session.end_all(connection, person)
    line(codes.uri(secret, person))


@commands.command()
def code(person: Person) -> None:
    """Show the code of a person's second factor as it is now. Each is good once."""
    with accounts() as (connection, now):
        account = identity.account(connection, person)
        if account is None or account.totp_secret is None:
            raise typer.BadParameter(f"{person} has no second factor", param_hint="PERSON")
        line(codes.code(account.totp_secret, now()))


@contextmanager
def accounts() -> Iterator[tuple[Connection, Callable[[], datetime]]]:
    """A transaction on the database that has the accounts, and the clock.

    Raises:
        SettingsError: nobody logs in with local accounts there, or nobody is accountable (`desk/cli/operator.py`).
    """
    settings = Settings()
    if settings.oidc:
        raise SettingsError(f"Nobody logs in with local accounts here: {PREFIX}OIDC is set.")
    if not settings.logs_in:
        raise SettingsError(f"Nobody logs in with local accounts here: {PREFIX}LOCAL_ACCOUNTS=true lets them.")
    through(settings)  # whoever sets somebody's password can act for them
    with reading() as (engine, now), engine.begin() as connection:
        yield connection, now


def _is_text(password: str) -> bool:
    try:
        return bool(text(password))
    except CharacterError:
        return False


def _asked() -> str:
    given: str = typer.prompt("Password", hide_input=True, confirmation_prompt=True)
    return given


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(commands, name="account", rich_help_panel="Who may enter")
