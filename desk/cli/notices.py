"""The command that shows what somebody was told."""

from typing import Annotated

import typer
from typer import Option

from activities.rulebooks import Rulebooks
from activities.subject import known
from desk.cli.answer import By, Json, refusals
from desk.cli.database import reading
from desk.cli.language import words
from desk.cli.paper import document, line, shown
from desk.cli.zone import times_of
from desk.reading.notices import Notices
from store.cursor import MOST

Cursor = Annotated[str | None, Option(help="The `next` of the page before.")]
_TOLD = ("case", "version", "about", "template", "at", "subject", "body")


def notices(by: By, cursor: Cursor = None, as_json: Json = False) -> None:
    """Show what somebody was told, the newest first: of cases, and of versions of the rulebook."""
    with refusals(as_json=as_json), reading() as (engine, now):
        actor = known(engine, by)
        times_of(engine, now, actor)
        page = Notices(engine, now, Rulebooks()).page(actor, words(), cursor, MOST)
    if as_json:
        document({"notices": [{name: row[name] for name in _TOLD} for row in page.rows], "next": page.next})
        return
    if not page.rows:
        line(words().say("table.none", title=words().say("table.notices")))
    for row in page.rows:
        line(f"{shown(row['at'], 'at')}  {row['subject']}")
        for said in row["body"].splitlines():
            line(f"  {said}")
    if page.next is not None:
        line(words().say("say.more_with", cursor=page.next))


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(rich_help_panel="Look")(notices)
