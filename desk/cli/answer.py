"""Prints answers and refusals; and the options that most commands share."""

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Annotated, Any

import typer

from desk.cli.language import words
from desk.cli.paper import document, facts, shown
from rulebook.characters import shown as plain
from states.terms import RefusedError

By = Annotated[str, typer.Option("--by", metavar="PERSON", help="Who acts.")]
Key = Annotated[
    str | None, typer.Option("--key", help="Sent twice under one key, it is done once. Default: a new key.")
]
Case = Annotated[str, typer.Argument(metavar="CASE", help="The case's id.")]
Json = Annotated[bool, typer.Option("--json", help="Answer in JSON.")]


def tell(answer: Mapping[str, Any], *, as_json: bool) -> None:
    """Show an answer."""
    if as_json:
        document(answer)
    else:
        facts(answer)


@contextmanager
def refusals(*, as_json: bool, key: str | None = None) -> Iterator[None]:
    """Print a refusal and end the command with code 1: on stderr, or as JSON on stdout."""
    try:
        yield
    except RefusedError as refused:
        under = {"key": key} if key else {}
        if as_json:
            why = {"code": refused.code, "reason": words().refusal(refused), "field": refused.field}
            document(why | {"facts": refused.facts} | under)
        else:
            print(plain(f"{refused.code}: {words().refusal(refused)}"), file=sys.stderr)
            field = {"field": refused.field} if refused.field else {}
            for name, value in {**field, **refused.facts, **under}.items():
                print(f"  {name}: {shown(value, name)}", file=sys.stderr)
        raise typer.Exit(1) from None


def instant(given: str, option: str = "--at") -> datetime:
    """A time with its zone.

    Raises:
        BadParameter: it is none.
    """
    try:
        found = datetime.fromisoformat(given)
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        raise typer.BadParameter("a time with its zone is like 2026-03-01T10:00:00+07:00", param_hint=option)
    return found


def number(given: str | None) -> object:
    """The whole number, or the text where it is none: the engine then refuses it with its field."""
    return int(given) if given is not None and given.isascii() and given.removeprefix("-").isdecimal() else given
