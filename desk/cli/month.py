"""`casework report-month`: what was decided in a month, how soon, and what appeals made of it."""

import sys
from typing import Annotated
from zoneinfo import ZoneInfo

import typer
from typer import Argument, Option

from activities.subject import known
from desk.cli.answer import Json, refusals
from desk.cli.database import reading
from desk.cli.history import Reader
from desk.cli.operator import who_runs_it
from desk.cli.paper import document, table
from desk.reading.month import COLUMNS, Months
from rulebook.zones import zones
from states.terms import Code, RefusedError


def report_month(
    month: Annotated[str, Argument(metavar="MONTH", help="Like 2026-10.")],
    zone: Annotated[str, Option(help="Whose month it is, like Asia/Ho_Chi_Minh.")] = "UTC",
    by: Reader = None,
    as_csv: Annotated[bool, Option("--csv", help="As a table for other programs.")] = False,
    as_json: Json = False,
) -> None:
    """Show a month's figures: verdicts by outcome, time to them, and appeals; by region, clause and moderator."""
    with refusals(as_json=as_json), reading() as (engine, now):
        if zone not in zones():
            raise RefusedError(Code.INVALID, "input.zone", "zone")
        found = Months(engine, now).of(known(engine, by) if by else who_runs_it(), month, ZoneInfo(zone))
    if as_json:
        document({"month": found.month, "zone": found.zone.key, "rows": found.rows})
    elif as_csv:
        sys.stdout.write(found.sheet)
    else:
        rows = [[row[name] for name in COLUMNS] for row in found.rows]
        table(f"{found.month} ({found.zone.key})", COLUMNS, rows)


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("report-month", rich_help_panel="Operate")(report_month)
