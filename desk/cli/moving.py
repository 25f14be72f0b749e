"""Commands that move versions of the rulebook: propose, approve, reject, withdraw, halt, resume, take-back."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any
from uuid import uuid4

import typer
from typer import Argument, Option

from activities.rollout.input import read
from desk.cli.answer import By, Json, Key, refusals, tell
from desk.cli.operator import through
from desk.cli.running import run
from desk.cli.wish import reached
from desk.door.door import Door
from desk.door.versions import VersionMoves
from rulebook.load import files_at, is_there
from store import version as versions
from store.in_thread import in_thread
from workers.settings import Settings

Which = Annotated[str, Argument(metavar="VERSION", help="The version's digest, or its beginning.")]
Reasons = Annotated[str | None, Option(help="Why.")]


def propose(
    which: Annotated[str, Argument(metavar="VERSION", help="A rulebook's file or folder, or the digest of a draft.")],
    by: By,
    reasons: Reasons = None,
    since: Annotated[str | None, Option("--from", help="When it takes force, e.g. 2026-03-01T00:00:00+07:00.")] = None,
    region: Annotated[list[str] | None, Option(help="Another date, e.g. DE=2026-04-01T00:00:00+02:00.")] = None,
    pace: Annotated[int | None, Option(help="Of the wave, in subjects a second. Default: as fast as it goes.")] = None,
    key: Key = None,
    as_json: Json = False,
) -> None:
    """Propose a version: of a file, which is entered as a draft before, or of a draft."""
    said = {"reasons": reasons, "in_force_from": since, "regions": _dates(region or ()) or None, "pace": pace}
    send(by, which, "propose", said, key, as_json=as_json)


def approve(
    which: Which,
    by: By,
    override: Annotated[str | None, Option(help="Why its date is within the notice of a region.")] = None,
    key: Key = None,
    as_json: Json = False,
) -> None:
    """Approve a version that somebody else wrote and proposed."""
    send(by, which, "approve", {"override": override}, key, as_json=as_json)


def reject(which: Which, by: By, reasons: Reasons = None, key: Key = None, as_json: Json = False) -> None:
    """Send a proposal back to its author."""
    send(by, which, "reject", {"reasons": reasons}, key, as_json=as_json)


def withdraw(which: Which, by: By, key: Key = None, as_json: Json = False) -> None:
    """Withdraw your version, until its date."""
    send(by, which, "withdraw", {}, key, as_json=as_json)


def halt(which: Which, by: By, key: Key = None, as_json: Json = False) -> None:
    """Halt the wave of a version at once."""
    send(by, which, "halt", {}, key, as_json=as_json)


def resume(which: Which, by: By, key: Key = None, as_json: Json = False) -> None:
    """Let a halted wave go on."""
    send(by, which, "resume", {}, key, as_json=as_json)


def take_back(which: Which, by: By, reasons: Reasons = None, key: Key = None, as_json: Json = False) -> None:
    """Take a version back: its wave walks back, and the one before is in force again."""
    send(by, which, "take_back", {"reasons": reasons}, key, as_json=as_json)


def send(by: str, which: str, event: str, said: dict[str, Any], key: str | None, *, as_json: bool) -> None:
    """Send the options that were given, and print the answer or the refusal. Without a key a new one is made."""
    sent_under = key or uuid4().hex
    given = {name: value for name, value in said.items() if value is not None}
    with refusals(as_json=as_json, key=sent_under):
        answer = run(_send(by, which, event, given, sent_under))
    tell({**answer, "key": sent_under}, as_json=as_json)


def _dates(given: Sequence[str]) -> dict[str, str]:
    """The date of each region, as options state it: `DE=2026-04-01T00:00:00+02:00`.

    Raises:
        BadParameter: one is no such, or states a region again.
    """
    found: dict[str, str] = {}
    for one in given:
        region, states, date = one.partition("=")
        if not states or region in found:
            wrong = "is stated twice" if states else "is no region with a date, like DE=2026-04-01T00:00:00+02:00"
            raise typer.BadParameter(f"{region} {wrong}", param_hint="--region")
        found[region] = date
    return found


async def _send(by: str, which: str, event: str, said: dict[str, Any], key: str) -> dict[str, Any]:
    came = through(Settings())
    async with reached(by) as door:
        moves = VersionMoves(door)
        if event == "propose" and is_there(Path(which)):
            read(event, said)  # what can't be proposed enters no draft
            entered = await moves.draft(by, files_at(Path(which)), key=f"{key}.draft", through=came)
            digest = entered["version"]
        else:
            digest = await in_thread(door.engine, _called, door, which)
        return await moves.move(by, digest, event, said, key=key, through=came)


def _called(door: Door, which: str) -> str:
    with door.engine.begin() as connection:
        return versions.called(connection, which)


def add(commands: typer.Typer) -> None:
    """Add the commands to those of rulebooks."""
    for command in (propose, approve, reject, withdraw, halt, resume, take_back):
        commands.command()(command)
