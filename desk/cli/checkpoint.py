"""`casework checkpoint`: the newest signed checkpoint; and what is said of those that a restored backup lacks."""

from typing import Annotated

import typer
from sqlalchemy import Engine
from typer import Option

from desk.cli.answer import Json
from desk.cli.database import reading
from desk.cli.paper import document, line
from ops.verify.copies import heads
from store import checkpoint, vouched
from store.audit import picture
from store.copies import Copies
from workers.checkpoints.keep import keep
from workers.checkpoints.make import make
from workers.checkpoints.signing import signer
from workers.embedded.secret import keyring
from workers.settings import PREFIX, Settings, SettingsError

commands = typer.Typer(no_args_is_help=True, help="Show the newest checkpoint; abandon those that a backup lacks.")
_Yes = Annotated[bool, Option("--yes", help="Do it. Without, it is only said what would be done.")]


@commands.command()
def show(as_json: Json = False) -> None:
    """Show the newest checkpoint as a worker's log has it, and the public key that signed it."""
    with reading() as (engine, _), engine.connect() as connection:
        row = checkpoint.last(connection)
    if as_json:
        shown = ("number", "at", "hash", "key", "root", "size", "signature")
        document({name: row[name] for name in shown} if row else {})
    elif row is None:
        line("There is no checkpoint yet.")
    else:
        line(f"{row['number']} {row['hash']} signed {row['signature']}")
        line(f"Of {row['at']}, with {row['size']} leaves, by the public key {row['key']}.")


@commands.command()
def abandon(yes: _Yes = False, as_json: Json = False) -> None:
    """After a backup was restored: say with a signed checkpoint that those which were made after it are lost."""
    settings = Settings()
    if settings.checkpoint_url is None:
        raise SettingsError(f"No checkpoints are kept outside the database: {PREFIX}CHECKPOINT_URL says where.")
    own, copies = signer(keyring(settings)), Copies(settings.checkpoint_url)
    with reading() as (engine, now):
        lost = _lost(engine, copies, frozenset([own.public, *settings.checkpoint_trusted]))
        if lost and yes:
            make(engine, own, now(), abandons=lost, at_once=True)
            keep(engine, copies, None)
    if as_json:
        document({"abandoned" if yes else "would_abandon": lost})
        return
    for digest in lost:
        line(f"{digest} {'is' if yes else 'would be'} abandoned, with those before it that the database lacks.")
    if not lost:
        line("The database has all that was kept, or has abandoned it.")


def _lost(engine: Engine, copies: Copies, believed: frozenset[str]) -> list[str]:
    with picture(engine) as connection:
        return heads(copies, believed, *vouched.own(connection))


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(commands, name="checkpoint", rich_help_panel="Operate")
