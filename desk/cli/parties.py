"""Commands that show who is there: agencies, people and creators, and what the platform fed of a creator."""

from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Annotated, Any, TypeVar

import typer
from typer import Argument, Option

from activities.subject import known
from desk.cli.answer import Json, refusals
from desk.cli.database import reading
from desk.cli.language import words
from desk.cli.paper import document, facts, line, table
from desk.cli.reading import Reader
from desk.reading.parties import Parties
from states.situation import Actor
from store.cursor import MOST, Page
from store.roster import Wanted

T = TypeVar("T")
Name = Annotated[str, Argument(metavar="NAME")]
Cursor = Annotated[str | None, Option(help="The `next` of the page before.")]
Agency = Annotated[str | None, Option(help="Only those of this agency.")]
_PERSON = ("id", "role", "agency", "regions", "since", "ended_at")
_CREATOR = ("id", "region", "class", "level", "followers", "average_viewers", "agency", "agent", "managed_since")

agencies = typer.Typer(no_args_is_help=True, help="Look at agencies.")
people = typer.Typer(no_args_is_help=True, help="Look at people.")
creators = typer.Typer(no_args_is_help=True, help="Look at creators.")


@agencies.command("list")
def list_agencies(by: Reader = None, cursor: Cursor = None, as_json: Json = False) -> None:
    """List the agencies that somebody sees."""
    page = _read(by, lambda parties, actor: parties.agencies(actor, cursor, MOST), as_json=as_json)
    _page(page, "agencies", ("id", "region"), as_json=as_json)


@agencies.command("show")
def show_agency(name: Name, by: Reader = None, as_json: Json = False) -> None:
    """Show an agency."""
    found = _read(by, lambda parties, actor: parties.agency(actor, name), as_json=as_json)
    _one(asdict(found), as_json=as_json)


@people.command("list")
def list_people(
    by: Reader = None,
    agency: Agency = None,
    ended: Annotated[bool, Option("--ended", help="Those who have left.")] = False,
    cursor: Cursor = None,
    as_json: Json = False,
) -> None:
    """List the people whom somebody sees."""
    page = _read(
        by,
        lambda parties, actor: parties.people(actor, Wanted(agency), cursor, MOST, ended=ended),
        as_json=as_json,
    )
    _page(page, "people", _PERSON, as_json=as_json)


@people.command("show")
def show_person(name: Name, by: Reader = None, as_json: Json = False) -> None:
    """Show a person."""
    _one(_read(by, lambda parties, actor: parties.person(actor, name), as_json=as_json), as_json=as_json)


@creators.command("list")
def list_creators(
    by: Reader = None,
    agency: Agency = None,
    agent: Annotated[str | None, Option(help="Only those whom this agent manages.")] = None,
    cursor: Cursor = None,
    as_json: Json = False,
) -> None:
    """List the creators whose score somebody sees."""
    wanted = Wanted(agency, agent)
    page = _read(by, lambda parties, actor: parties.creators(actor, wanted, cursor, MOST), as_json=as_json)
    _page(page, "creators", _CREATOR, as_json=as_json)


@creators.command("show")
def show_creator(name: Name, by: Reader = None, as_json: Json = False) -> None:
    """Show a creator: class, level and audience since when, agency and agent since when."""
    _one(_read(by, lambda parties, actor: parties.creator(actor, name), as_json=as_json), as_json=as_json)


@creators.command()
def days(name: Name, by: Reader = None, cursor: Cursor = None, as_json: Json = False) -> None:
    """Show the days on which a creator streamed."""
    page = _read(by, lambda parties, actor: parties.days(actor, name, cursor, MOST), as_json=as_json)
    _page(page, "days", ("day", "hours"), as_json=as_json)


@creators.command("facts")
def facts_of(name: Name, cursor: Cursor = None, as_json: Json = False) -> None:
    """Show what the platform fed of a creator, with its dates."""
    page = _read(None, lambda parties, actor: parties.facts(actor, name, cursor, MOST), as_json=as_json)
    _page(page, "facts", ("since", "class", "level", "followers", "average_viewers"), as_json=as_json)


@creators.command()
def management(name: Name, cursor: Cursor = None, as_json: Json = False) -> None:
    """Show who managed a creator since when."""
    page = _read(None, lambda parties, actor: parties.management(actor, name, cursor, MOST), as_json=as_json)
    _page(page, "management", ("since", "agency", "agent"), as_json=as_json)


def _read(by: str | None, work: Callable[[Parties, Actor | None], T], *, as_json: bool) -> T:
    with refusals(as_json=as_json), reading() as (engine, now):
        return work(Parties(engine, now), None if by is None else known(engine, by))


def _page(page: Page, what: str, columns: Sequence[str], *, as_json: bool) -> None:
    if as_json:
        document({what: [{name: row[name] for name in columns} for row in page.rows], "next": page.next})
        return
    title = words().say(f"table.{what}")
    table(title, columns, [[row[name] for name in columns] for row in page.rows])
    if page.next is not None:
        line(words().say("say.more_with", cursor=page.next))


def _one(found: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        document(found)
    else:
        facts(found)


def register(app: typer.Typer) -> None:
    """Add the commands."""
    for name, commands in (("agency", agencies), ("person", people), ("creator", creators)):
        app.add_typer(commands, name=name, rich_help_panel="Look")
