"""`casework verify`: recomputes everything that was decided, and compares it with the rows."""

from dataclasses import asdict

import typer

from desk.cli.answer import Json
from desk.cli.paper import document, line
from desk.cli.running import run
from ops.verify import verify as differences_of
from ops.verify.difference import Difference
from store.audit import picture
from workers.reach import reach
from workers.settings import Settings


def verify(as_json: Json = False) -> None:
    """Recompute every score, penalty, quota and hash, also of evidence, ask every workflow; code 1: a difference."""
    found = run(_verify())
    if as_json:
        document({"clean": not found, "differences": [asdict(one) for one in found]})
    else:
        for one in found:
            line(f"{one}")
        line(f"{len(found)} differences." if found else "Everything is as it must be.")
    if found:
        raise typer.Exit(1)


async def _verify() -> list[Difference]:
    async with reach(Settings(), pool=2) as house:
        with picture(house.engine) as connection:
            return [one async for one in differences_of(connection, house.clock.now(), house.client, house.objects)]


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(rich_help_panel="Policy and proof")(verify)
