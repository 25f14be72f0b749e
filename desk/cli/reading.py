"""How do things stand? Cases, queues, scores and quotas, as their reader may see them."""

from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any

import typer
from sqlalchemy import Engine
from typer import Argument, Option

from desk.cli.database import reading
from desk.cli.paper import document, facts, line, table
from desk.cli.review import Case
from desk.cli.running import run
from desk.cli.wish import By, Json, refusals
from desk.dossier import PAGE, Dossier, Dossiers
from desk.inquiry import Inquiry
from desk.sheet import Ledger, Sheet, Sheets
from desk.tally import Quota
from states.situation import Actor

Reader = Annotated[str | None, Option("--by", metavar="PERSON", help="Who reads. Default: you, who run the engine.")]
_LEDGER = ("number", "at", "reason", "rule", "case", "day", "price", "change", "balance")
_PENALTIES = ("key", "kind", "starts_at", "ends_at", "case")
_QUEUE = ("id", "kind", "status", "clause", "respondent", "filed_at", "review_due_at", "claimable")

cases = typer.Typer(no_args_is_help=True, help="Look at a case.")


@cases.command()
def show(case: Case, by: By, as_json: Json = False) -> None:
    """Show a case: its facts, what its reader can do, and its timeline with the words."""
    with refusals(as_json=as_json):
        found = run(_case(by, case))
    if as_json:
        document(asdict(found))
        return
    line(f"{case}: {found.case['stage']}, {found.case['status']}")
    facts({name: value for name, value in found.case.items() if name not in {"id", "stage", "status"}})
    line(f"  {by} can: {', '.join(found.allowed) or 'nothing now'}")
    if found.appeal is not None:
        line(f"  an appeal by {by} is {found.appeal.answer} ({found.appeal.reason})")
    for appeal in found.appeals:
        line(f"  appealed by {appeal}")
    _timeline(found)


def queue(by: By, as_json: Json = False) -> None:
    """Show what waits for a reviewer, the most urgent first."""
    with refusals(as_json=as_json):
        found = run(_queue(by))
    if as_json:
        document(found)
        return
    table(f"Queue of {by}", [name.replace("_", " ") for name in _QUEUE], [[row[n] for n in _QUEUE] for row in found])
    if len(found) == PAGE:
        line(f"These are the {PAGE} most urgent; more may wait.")


def score(
    subject: Annotated[str, Argument(help="An agency or a creator.")],
    by: Reader = None,
    period: Annotated[str | None, Option(help="E.g. 2026. Default: the current one.")] = None,
    as_json: Json = False,
) -> None:
    """Show a score, the lines that led to it, and the penalties in force."""
    with refusals(as_json=as_json):
        sheet, account = run(_score(subject, by, period))
    found, ledger, penalties = sheet.score, account.lines[::-1], sheet.penalties[::-1]
    if as_json:
        document({**asdict(found), "ledger": ledger, "penalties": penalties})
        return
    line(f"{found.subject}: {found.points} of {found.cap} ({found.scheme}, period {found.period})")
    table("Ledger", _LEDGER, [[row[name] for name in _LEDGER] for row in ledger])
    table("Penalties in force", _PENALTIES, [[row[name] for name in _PENALTIES] for row in penalties])


def quota(agency: Annotated[str, Argument(help="An agency.")], by: Reader = None, as_json: Json = False) -> None:
    """Show how many reports an agency has left this month."""
    with refusals(as_json=as_json):
        found = run(_quota(agency, by))
    if as_json:
        document(asdict(found))
    else:
        line(f"{agency}: {found.left} of {found.limit} reports left in {found.month}; opens again {found.opens_at}")


async def _case(by: str, case_id: str) -> Dossier:
    with reading() as (engine, now):
        actor = Inquiry(engine, now).actor(by)
        return Dossiers(engine, now).open(actor, case_id)


async def _queue(by: str) -> list[dict[str, Any]]:
    with reading() as (engine, now):
        actor = Inquiry(engine, now).actor(by)
        return Dossiers(engine, now).queue(actor)


async def _score(subject: str, by: str | None, period: str | None) -> tuple[Sheet, Ledger]:
    with reading() as (engine, now):
        reader, sheets = _reader(engine, now, by), Sheets(engine, now)
        return sheets.show(reader, subject, period), sheets.ledger(reader, subject, period)


async def _quota(agency: str, by: str | None) -> Quota:
    with reading() as (engine, now):
        return Sheets(engine, now).quota(_reader(engine, now, by), agency)


def _reader(engine: Engine, now: Callable[[], datetime], by: str | None) -> Actor | None:
    return None if by is None else Inquiry(engine, now).actor(by)


def _timeline(found: Dossier) -> None:
    rows = []
    for entry in found.timeline:
        words = [f"{name}: {body}" for name, body in entry.texts.items()]
        known = [f"{name}: {value}" for name, value in entry.facts.items() if value not in (None, [], {})]
        rows.append([entry.version, entry.at, entry.actor, entry.event, entry.target, "\n".join([*words, *known])])
    table("Timeline (UTC)", ("", "at", "who", "did", "then", "what"), rows)


def enter(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(cases, name="case", rich_help_panel="Look")
    for command in (queue, score, quota):
        app.command(rich_help_panel="Look")(command)
