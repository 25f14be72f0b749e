"""`casework states`: prints a table of moves, or draws it as a diagram into a Markdown page."""

from pathlib import Path
from typing import Annotated, Literal

import typer
from typer import Argument, Option

from desk.cli.language import words
from desk.cli.paper import line, table
from states.diagram import mermaid
from states.tables import EVERY

Kind = Literal["report", "appeal", "version"]


def states(
    kind: Annotated[Kind, Argument(help="Of which kind of case; or of a version of the rulebook.")],
    as_mermaid: Annotated[bool, Option("--mermaid", help="As a Mermaid diagram.")] = False,
    into: Annotated[Path | None, Option(help="A Markdown file, between its `states KIND` marks.")] = None,
) -> None:
    """Show what may happen to a case, or to a version: the table of its moves, or a diagram."""
    if into is not None:
        into.write_text(drawn(into.read_text(encoding="utf-8"), kind), encoding="utf-8")
    elif as_mermaid:
        print(mermaid(EVERY[kind]), end="")
    else:
        term = words().term
        rows = [
            [
                r.event,
                r.source,
                r.target,
                term("maker", r.who),
                [term("condition", c.__name__) for c in r.only_if],
                r.due,
                r.grave or None,
            ]
            for r in EVERY[kind].rows
        ]
        table(words().say("table.moves", kind=kind), ("event", "from", "to", "who", "only_if", "due", "grave"), rows)
        line(words().say("table.draws"))


def drawn(text: str, kind: str) -> str:
    """The Markdown text with the diagram between its marks, as the table is now.

    Raises:
        typer.BadParameter: the marks are missing.
    """
    begin, end = f"<!-- states {kind} -->", f"<!-- /states {kind} -->"
    before, mark, rest = text.partition(begin)
    _, closed, after = rest.partition(end)
    if not mark or not closed:
        raise typer.BadParameter(f"there is no place for the diagram: {begin} … {end}", param_hint="--into")
    return f"{before}{begin}\n\n```mermaid\n{mermaid(EVERY[kind])}```\n\n{end}{after}"


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(rich_help_panel="Policy and proof")(states)
