"""`casework rewrap`: after the master key was changed, the former one is made to open nothing any more."""

from dataclasses import asdict

import typer

from desk.cli.answer import Json
from desk.cli.database import reading
from desk.cli.paper import document, line
from desk.door.rewrapping import Rewrapped
from desk.door.rewrapping import rewrap as wrapped_anew
from store import keyring
from store.master import UnknownMasterError


def rewrap(as_json: Json = False) -> None:
    """Wrap by the master key the keys that former ones wrapped; again, it does what is left. It may be stopped."""
    with reading() as (engine, _):
        with engine.connect() as connection:
            keys = keyring.of(connection)
        done = wrapped_anew(engine, keys, _quiet if as_json else _tell)
    if as_json:
        document(asdict(done))
    elif not done.left:
        line(f"{done.rewrapped} keys were wrapped anew; none is left. CASEWORK_FORMER_MASTER_KEYS can go.")
    if done.left:
        raise UnknownMasterError(
            f"master_key_wrong: {done.rewrapped} keys were wrapped anew; {done.left} are left, which no key opens "
            "here: name the one that wrapped them among CASEWORK_FORMER_MASTER_KEYS, and call again."
        )


def _tell(so_far: Rewrapped) -> None:
    line(f"{so_far.rewrapped} …")


def _quiet(_: Rewrapped) -> None:
    """Say nothing of what goes on: the answer is JSON."""


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(rich_help_panel="Operate")(rewrap)
