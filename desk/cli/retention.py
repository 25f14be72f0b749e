"""`casework retention`: whose words are erased next, when, and by which rule; and what holds them back."""

from dataclasses import asdict
from itertools import islice
from typing import Annotated

import typer
from typer import Option

from activities.retention import endings
from activities.rulebooks import Rulebooks
from desk.cli.answer import Json
from desk.cli.database import reading
from desk.cli.language import words
from desk.cli.paper import document, table

_SHOWN = ("case", "kind", "region", "closed_at", "until", "rule", "held_by")
_Most = Annotated[int, Option("--most", min=1, max=10_000, help="So many cases.")]


def retention(most: _Most = 50, as_json: Json = False) -> None:
    """Show which closed cases' words are erased next, when, and by which statement of the rulebook."""
    with reading() as (engine, _), engine.begin() as connection:
        found = list(islice(endings(connection, Rulebooks()), most))
    if as_json:
        document([asdict(one) for one in found])
        return
    rows = [
        (one.case, one.kind, one.region, one.closed_at, one.until, f"{one.statement}: {one.kept}", one.held)
        for one in found
    ]
    table(words().say("table.retention"), _SHOWN, rows)


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(rich_help_panel="Operate")(retention)
