"""The queue and its next case, as its reviewer may take them."""

from collections.abc import Callable, Mapping
from inspect import Parameter, Signature, signature
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
KEYWORD = Parameter.KEYWORD_ONLY
# The filters of both commands, each an option.
_FILTERS = {
    "region": "Of these regions. An option may be given several times.",
    "language": "In these languages: vi has vi-VN. Default: yours, and what nobody reads.",
    "kind": "report or appeal.",
    "clause": "The rules that were broken.",
    "severity": "As the platform stated it: mild, moderate or severe.",
    "status": "E.g. queued or escalated.",
    "respondent": "Whom they are against.",
    "creator": "The respondent, or one whom they are about.",
    "reporter": "Who reported them: a person, or an agency.",
}


def filtered(command: Callable[..., None]) -> Callable[..., None]:
    """Give the command an option for each filter, where it takes them as `**said`."""
    filters = {name: Annotated[Several, Option(help=told)] for name, told in _FILTERS.items()}
    first, *others = [one.replace(kind=KEYWORD) for one in list(signature(command).parameters.values())[:-1]]
    options = [Parameter(name, KEYWORD, default=None, annotation=told) for name, told in filters.items()]
    command.__signature__ = Signature([first, *options, *others])  # type: ignore[attr-defined]
    command.__annotations__ |= filters
    return command


@filtered
def queue(
    by: By,
    claimed_by: Annotated[Several, Option(help="me, nobody, or a reviewer.")] = None,
    all_open: Annotated[bool, Option("--all", help="Also what you can't claim.")] = False,
    as_json: Json = False,
    **said: Several,
) -> None:
    """Show what a reviewer can claim, the most urgent first; by filters what else is open."""
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


@filtered
def following(by: By, key: Key = None, as_json: Json = False, **said: Several) -> None:
    """Claim the most urgent case that waits for a reviewer."""
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
