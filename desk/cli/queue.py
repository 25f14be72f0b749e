"""The queue and its next case, as its reviewer may take them."""

from collections.abc import Mapping
from typing import Annotated, Any, TypeVar
from uuid import uuid4

import typer
from pydantic import ValidationError
from typer import Option

from activities.subject import known
from activities.wording import refused
from desk.cli.answer import By, Json, Key, refusals, tell
from desk.cli.database import reading
from desk.cli.language import words
from desk.cli.paper import document, line, table
from desk.cli.running import run
from desk.cli.wish import reached
from desk.cli.zone import times_of
from desk.door.next import Next
from desk.reading.lists import PAGE, Lists, Waiting
from desk.reading.wanted import Looked, Wanted
from store.in_thread import in_thread

_COLUMNS = ("id", "kind", "status", "priority", "clause", "respondent", "language", "filed_at", "review_due_at")
W = TypeVar("W", bound=Wanted)
Several = list[str] | None
Region = Annotated[Several, Option(help="Of these regions. An option may be given several times.")]
Language = Annotated[Several, Option(help="In these languages: vi has vi-VN. Default: yours, and what nobody reads.")]
Kind = Annotated[Several, Option(help="report or appeal.")]
Clause = Annotated[Several, Option(help="The rules that were broken.")]
Severity = Annotated[Several, Option(help="As the platform stated it: mild, moderate or severe.")]
Respondent = Annotated[Several, Option(help="Whom they are against.")]
Creator = Annotated[Several, Option(help="The respondent, or one whom they are about.")]
Reporter = Annotated[Several, Option(help="Who reported them: a person, or an agency.")]
Status = Annotated[Several, Option(help="E.g. queued or escalated.")]


def queue(
    by: By,
    region: Region = None,
    language: Language = None,
    kind: Kind = None,
    clause: Clause = None,
    severity: Severity = None,
    status: Status = None,
    respondent: Respondent = None,
    creator: Creator = None,
    reporter: Reporter = None,
    claimed_by: Annotated[Several, Option(help="me, nobody, or a reviewer.")] = None,
    all_open: Annotated[bool, Option("--all", help="Also what you can't claim.")] = False,
    as_json: Json = False,
) -> None:
    """Show what a reviewer can claim, the most urgent first; by filters what else is open."""
    said = {"region": region, "language": language, "kind": kind, "clause": clause, "severity": severity}
    said |= {"status": status, "respondent": respondent, "creator": creator, "reporter": reporter}
    asked: dict[str, Any] = {**said, "claimed_by": claimed_by, "claimable": False if all_open else None}
    with refusals(as_json=as_json):
        found = run(_waiting(by, _wanted(Looked, asked)))
    rows = found.page.rows
    if as_json:
        document({"cases": rows, "count": found.count, "more": found.more})
        return
    count = f"{found.count}{'+' if found.more else ''}"
    table(
        words().say("table.queue", name=by, count=count), _COLUMNS, [[row[name] for name in _COLUMNS] for row in rows]
    )
    if len(rows) == PAGE:
        line(words().say("say.most_urgent", most=PAGE))


def following(
    by: By,
    region: Region = None,
    language: Language = None,
    kind: Kind = None,
    clause: Clause = None,
    severity: Severity = None,
    status: Status = None,
    respondent: Respondent = None,
    creator: Creator = None,
    reporter: Reporter = None,
    key: Key = None,
    as_json: Json = False,
) -> None:
    """Claim the most urgent case that waits for a reviewer."""
    said = {"region": region, "language": language, "kind": kind, "clause": clause, "severity": severity}
    said |= {"status": status, "respondent": respondent, "creator": creator, "reporter": reporter}
    sent_under = key or uuid4().hex
    with refusals(as_json=as_json, key=sent_under):
        answer = run(_next(by, _wanted(Wanted, said), sent_under))
    tell({**answer, "key": sent_under}, as_json=as_json)


def _wanted(shape: type[W], said: Mapping[str, Any]) -> W:
    try:
        return shape.model_validate({name: value for name, value in said.items() if value is not None})
    except ValidationError as error:
        raise refused(error) from None


async def _waiting(by: str, asked: Looked) -> Waiting:
    with reading() as (engine, now):
        actor = known(engine, by)
        times_of(engine, now, actor)
        return Lists(engine, now).queue(actor, asked)


async def _next(by: str, wanted: Wanted, key: str) -> dict[str, Any]:
    async with reached(by) as door:
        actor = await in_thread(door.engine, known, door.engine, by)
        asked = wanted.model_dump(mode="json", exclude_defaults=True)
        times_of(door.engine, door.now, actor)
        return await Next(door).claim(actor, wanted.filter(), asked, key=key)


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command(rich_help_panel="Look")(queue)
    app.command("next", rich_help_panel="Reviewers")(following)
