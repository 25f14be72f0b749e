"""`casework receipt`: the proof that a case's record is under a signed checkpoint, for whoever checks it."""

from dataclasses import asdict

import typer

from activities.subject import known
from desk.cli.answer import Case, Json, refusals
from desk.cli.database import reading
from desk.cli.history import Reader
from desk.cli.operator import who_runs_it
from desk.cli.paper import document
from desk.reading.receipts import Receipts


def receipt(case: Case, by: Reader = None, as_json: Json = False) -> None:
    """Write a case's receipt: the proof that its record is under a signed checkpoint."""
    with refusals(as_json=as_json), reading() as (engine, now):
        found = Receipts(engine, now).of(known(engine, by) if by else who_runs_it(), case)
    document(asdict(found))


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(rich_help_panel="Look")(receipt)
