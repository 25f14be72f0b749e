"""`casework states`: prints a table of moves, or draws it as a diagram into a Markdown page."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer
from typer import Argument, Option

from desk.cli.language import words
from desk.cli.paper import line, table
from states.diagram import mermaid
from states.situation import Situation
from states.tables import TABLES
from states.terms import Kind


def states(
    kind: Annotated[Kind, Argument(help="Of which kind of case.")],
    as_mermaid: Annotated[bool, Option("--mermaid", help="As a Mermaid diagram.")] = False,
    into: Annotated[Path | None, Option(help="A Markdown file, between its `states KIND` marks.")] = None,
) -> None:
    """Show what may happen to a case: the table of its moves, or a diagram."""
    if into is not None:
        into.write_text(drawn(into.read_text(encoding="utf-8"), kind), encoding="utf-8")
    elif as_mermaid:
        print(mermaid(TABLES[kind]), end="")
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
            for r in TABLES[kind].rows
        ]
        table(words().say("table.moves", kind=kind), ("event", "from", "to", "who", "only_if", "due", "grave"), rows)
        line(words().say("table.draws"))


def drawn(text: str, kind: Kind) -> str:
    """The Markdown text with the diagram between its marks, as the table is now.

    Raises:
        typer.BadParameter: the marks are missing.
    """
    begin, end = f"<!-- states {kind} -->", f"<!-- /states {kind} -->"
    before, mark, rest = text.partition(begin)
    _, closed, after = rest.partition(end)
    if not mark or not closed:
        raise typer.BadParameter(f"there is no place for the diagram: {begin} … {end}", param_hint="--into")
    return f"{before}{begin}\n\n```mermaid\n{mermaid(TABLES[kind])}```\n\n{end}{after}"


def _conditions(given: tuple[Callable[[Situation], bool], ...]) -> list[str]:
    return [words().term("condition", condition.__name__) for condition in given]


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(rich_help_panel="Policy and proof")(states)
