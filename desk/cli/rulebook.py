"""Commands for rulebooks: check one, show effective values, print the schema; and those about versions."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from typer import Argument, Option

from desk.cli import moving, versions
from desk.cli.answer import Json
from desk.cli.paper import document, line, table
from rulebook.explain import explain
from rulebook.explain import schema as schema_of
from rulebook.languages import languages
from rulebook.load import LIVE, load

commands = typer.Typer(no_args_is_help=True, help="Check, compare and explain rulebooks, and move their versions.")


@commands.command()
def check(file: Annotated[Path, Argument(help="A rulebook's file or directory.")], as_json: Json = False) -> None:
    """Check a rulebook: every key, source, reference and region. What is wrong is told by file and line, with code 2.

    A text that is not said in every language is no mistake; the languages are told.
    """
    book = load(file)
    said = languages(book)
    told: dict[str, object] = {"key": book.key, "version": book.version, "digest": book.digest, "regions": book.regions}
    if as_json:
        document(told | {"languages": asdict(said)})
        return
    line(f"{file}: {book.key}, version {book.version}, regions {', '.join(book.regions)}: nothing is wrong.")
    line(f"Every text is said in {', '.join(said.complete)}." if said.complete else "No language has every text.")
    for language, keys in said.missing.items():
        line(f"Not said in {language}: {', '.join(keys)}.")


@commands.command()
def show(
    region: Annotated[str | None, Option(help="E.g. VN. Default: the base.")] = None,
    key: Annotated[str | None, Option(help="A key, its beginning, or an internal key in it.")] = None,
    rulebook: Annotated[str, Option(help="A bundled rulebook's key, or a path.")] = LIVE,
    as_json: Json = False,
) -> None:
    """Show effective values, where each was stated, and its source."""
    found = explain(load(rulebook), region, key)
    if not found:
        raise typer.BadParameter(f"nothing in {rulebook} is called {key}", param_hint="--key")
    if as_json:
        document([asdict(one) for one in found])
        return
    rows = [(one.key, one.value, one.origin, one.source) for one in found]
    table(f"Rulebook {rulebook}, {region or 'base'}", ("key", "value", "from", "source"), rows)


@commands.command()
def schema() -> None:
    """Print the JSON Schema of a rulebook's file, for editors."""
    document(schema_of())


def register(app: typer.Typer) -> None:
    """Add the commands."""
    for command in (versions.history, versions.diff, versions.explain, versions.forecast):
        commands.command()(command)
    moving.add(commands)
    app.add_typer(commands, name="rulebook", rich_help_panel="Policy and proof")
