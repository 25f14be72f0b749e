"""`casework repair`: ops mend what is stuck, and release cases of colleagues who are away; first it is only said."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Any
from uuid import uuid4

import typer
from typer import Argument, Option

from activities.subject import known
from desk.cli.answer import By, Json, Key, refusals
from desk.cli.language import words
from desk.cli.paper import document, line, table
from desk.cli.running import run
from desk.cli.wish import reached
from desk.door.door import Door
from desk.door.mending import Mending, Repair, Thing, Whose
from desk.reading.dossier import Dossiers
from desk.reading.watch import Watch, Watched
from states.situation import Actor
from states.terms import RefusedError
from store import case as cases
from store.in_thread import in_thread

_PLAN = ("whose", "name", "trouble", "repair")
_PREFIXES = {"report-": Whose.CASE, "appeal-": Whose.CASE, "wh-": Whose.RECEIVER}
_DIGEST = 64
_RELEASE = "release"

Names = Annotated[list[str] | None, Argument(metavar="[NAME]...", help="Cases, subjects, receivers, versions.")]
All = Annotated[bool, Option("--all", help="Everything that `casework stuck` shows.")]
ClaimedBy = Annotated[str | None, Option(metavar="PERSON", help="Release all that an absent colleague has claimed.")]
Yes = Annotated[bool, Option("--yes", help="Do it; without this it is only said what would be done.")]


@dataclass(frozen=True)
class Order:
    """What is asked for: things by name, everything that is stuck, or all that somebody has claimed."""

    names: Sequence[str]
    everything: bool
    claimed_by: str | None
    reasons: str | None
    yes: bool
    key: str


@dataclass(frozen=True)
class Step:
    """What is to be done with one thing: a repair, a release, or nothing, as nothing of ours mends it."""

    thing: Thing
    trouble: str | None
    does: str | None
    refused: RefusedError | None = None

    def told(self) -> dict[str, Any]:
        """For machines."""
        refused = {"refused": self.refused.code} if self.refused else {}
        known = {"whose": self.thing.whose, "name": self.thing.name, "trouble": self.trouble}
        return {**known, "repair": self.does, **refused}

    def row(self) -> list[Any]:
        """For people."""
        does = words().term("repair", self.does) if self.does else words().term("mended", self.trouble)
        said = words().refusal(self.refused) if self.refused else does
        return [self.thing.whose, self.thing.name, self.trouble, said]


def repair(
    by: By,
    names: Names = None,
    everything: All = False,
    claimed_by: ClaimedBy = None,
    reasons: Annotated[str | None, Option(help="Why they are released.")] = None,
    yes: Yes = False,
    key: Key = None,
    as_json: Json = False,
) -> None:
    """Mend what is stuck, or release a colleague's cases: say what would be done, and with --yes do it. For ops."""
    order = Order(names or [], everything, claimed_by, reasons, yes, key or uuid4().hex)
    with refusals(as_json=as_json, key=order.key):
        steps = run(_carry_out(by, order))
    if as_json:
        document({"done": yes, "steps": [one.told() for one in steps], "key": order.key})
    else:
        table(words().say("table.repairs"), _PLAN, [one.row() for one in steps])
        if not yes and any(one.does for one in steps):
            line(words().say("say.with_yes"))
    if yes and any(one.refused for one in steps):
        raise typer.Exit(1)


async def _carry_out(by: str, order: Order) -> list[Step]:
    async with reached(by) as door:
        actor = await in_thread(door.engine, known, door.engine, by)
        if (refused := Mending.refusal(actor)) is not None:
            raise refused
        if order.claimed_by is not None:
            found = await in_thread(door.engine, _claimed, door, actor, order.claimed_by)
            return [await _release(door, actor, order, case, refusal) for case, refusal in found]
        watched = await Watch(door.engine, door.now, door.client, door.task_queue).look(actor, exactly=True)
        return [await _mend(door, actor, order, step) for step in _plan(watched, order)]


def _plan(watched: Watched, order: Order) -> Iterator[Step]:
    """What mends what is named, or all that is stuck; of what isn't stuck the workflow reads its rows."""
    found = {one.thing: one for one in watched.stuck}
    for thing in found if order.everything else [_thing(name) for name in order.names]:
        one = found.get(thing)
        yield Step(thing, one.trouble if one else None, one.repair if one else Repair.LOOK)


async def _mend(door: Door, actor: Actor, order: Order, step: Step) -> Step:
    """Mend a thing; what is gone meanwhile is refused, and the others go on."""
    if order.yes and step.does:
        under = f"{order.key}.{step.thing.workflow_id}"
        try:
            await Mending(door).mend(actor, step.thing, Repair(step.does), key=under)
        except RefusedError as error:
            return replace(step, does=None, refused=error)
    return step


async def _release(door: Door, actor: Actor, order: Order, case: str, refused: RefusedError | None) -> Step:
    """Put a case back; what has moved meanwhile is refused, and the others go on."""
    if order.yes and refused is None:
        try:
            said = {"case": case, "reasons": order.reasons}
            await door.send(actor.id, _RELEASE, said, key=f"{order.key}.{case}")
        except RefusedError as error:
            return Step(Thing(Whose.CASE, case), None, None, error)
    return Step(Thing(Whose.CASE, case), None, None if refused else _RELEASE, refused)


def _claimed(door: Door, actor: Actor, person: str) -> list[tuple[str, RefusedError | None]]:
    """The cases that somebody has claimed, each with why the actor may not release it, if so."""
    with door.engine.begin() as connection:
        ids = cases.claimed_by(connection, person)
    dossiers = Dossiers(door.engine, door.now, door.rulebooks)
    return [(one, _why_not(dossiers, actor, one)) for one in ids]


def _why_not(dossiers: Dossiers, actor: Actor, case: str) -> RefusedError | None:
    moves = dossiers.offered(actor, case)[1].moves
    return next((one.refusal for one in moves if one.event == _RELEASE), None)


def _thing(name: str) -> Thing:
    whose = next((whose for prefix, whose in _PREFIXES.items() if name.startswith(prefix)), Whose.SUBJECT)
    is_digest = len(name) == _DIGEST and all(letter in "0123456789abcdef" for letter in name)
    return Thing(Whose.VERSION if is_digest else whose, name)


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(rich_help_panel="Operate")(repair)
