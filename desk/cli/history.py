"""`casework history`: the life of a case, by its journal and Temporal's history of it, as one story."""

from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any

import typer
from typer import Option

from activities.rulebooks import Rulebooks
from activities.subject import known
from desk.cli.answer import Case, Json, instant, refusals
from desk.cli.database import reading
from desk.cli.language import words
from desk.cli.operator import who_runs_it
from desk.cli.paper import document, facts, line, table
from desk.cli.reading import penalties, told_sheet
from desk.cli.running import run
from desk.cli.zone import times_of
from desk.reading.dossier import Dossiers
from desk.reading.life import Life, Lives
from desk.reading.past import Past, Pasts
from desk.reading.story import Happening, Lane, story, told
from store.in_thread import in_thread
from workers.reach import House, reach
from workers.settings import Settings

Reader = Annotated[
    str | None, Option("--by", metavar="PERSON", help="Who reads, of ops or an auditor. Default: you, as ops.")
]
_STORY = ("at", "lane", "what", "who", "through", "then", "due", "cancelled", "attempt", "error")
_WAITS = ("status", "since", "until")


def history(
    case: Case,
    by: Reader = None,
    at: Annotated[
        str | None, Option(help="Show instead the case, scores and penalties of then, e.g. 2026-03-01T10:00:00+07:00.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Show what happened to a case: who moved what, waits, deadlines, attempts and errors, versions and builds."""
    if at is not None:
        _then(case, by, instant(at), as_json=as_json)
        return
    with refusals(as_json=as_json):
        life = run(_life(case, by))
    if as_json:
        document(told(life))
        return
    say = words().say
    line(say("say.standing", case=life.name, stage=life.case["stage"], status=life.case["status"]))
    builds = life.told.builds if life.told else []
    pinned = {"version": life.case["version"], "rulebook": life.case["rulebook"]}
    facts(pinned | {"workflow": say(_workflow(life)), "builds": builds})
    table(say("table.waits"), _WAITS, [(one.status, one.since, one.until) for one in life.waits])
    table(say("table.story"), _STORY, [_row(life, one) for one in story(life)])


def _then(case: str, by: str | None, at: datetime, *, as_json: bool) -> None:
    with refusals(as_json=as_json):
        found = _past(case, by, at)
    if as_json:
        document({**vars(found), "sheets": [told_sheet(one) for one in found.sheets]})
        return
    say = words().say
    line(say("say.standing", case=case, stage=found.case["stage"], status=found.case["status"]))
    facts({name: value for name, value in found.case.items() if name not in {"id", "stage", "status"}})
    line(say("say.sealed" if found.sealed else "say.not_sealed"))
    for sheet in found.sheets:
        line(say("say.points", name=sheet.subject.id, **asdict(sheet.score)))
        penalties(sheet)


def _past(case: str, by: str | None, at: datetime) -> Past:
    with reading() as (engine, now):
        found = Pasts(engine, now, Rulebooks()).of(known(engine, by) if by else who_runs_it(), case, at)
        times_of(engine, now, known(engine, by) if by else None, found.case["region"])
        return found


def _workflow(life: Life) -> str:
    if life.told is None:
        return "say.temporal_away"
    return {True: "say.runs", False: "say.ended", None: "say.forgotten"}[life.told.running]


def _row(life: Life, one: Happening) -> list[Any]:
    is_move = one.lane in {Lane.MOVES, Lane.BESIDE, Lane.ARMED, Lane.DEADLINES}
    what = words().term("move", one.what) if is_move else one.what
    beside = one.case if one.case != life.name else what
    then = words().term("status", one.target) if one.target else None
    return [
        one.at,
        one.lane,
        f"{beside}: {what}" if one.lane is Lane.BESIDE else what,
        *(one.who, one.through, then, one.due, one.cancelled, one.attempt, one.error),
    ]


async def _life(case: str, by: str | None) -> Life:
    async with reach(Settings(), pool=2) as house:
        actor = await in_thread(house.engine, known, house.engine, by) if by else who_runs_it()
        life = await Lives(house.engine, house.client, Dossiers(house.engine, house.clock.now)).of(actor, case)
        await in_thread(house.engine, _read_by, house, by, life)
        return life


def _read_by(house: House, by: str | None, life: Life) -> None:
    times_of(house.engine, house.clock.now, known(house.engine, by) if by else None, life.case["region"])


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(rich_help_panel="Operate")(history)
