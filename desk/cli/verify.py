"""`casework verify`: recomputes everything that was decided, and compares it with the rows and what was signed."""

import re
from dataclasses import asdict
from typing import Annotated

import typer
from typer import Option

from desk.cli.answer import Json
from desk.cli.paper import document, line
from desk.cli.running import run
from ops.verify import verify as differences_of
from ops.verify.checkpoints import Witness
from ops.verify.difference import Difference
from store.audit import picture
from workers.checkpoints.signing import signer
from workers.form import HEX
from workers.reach import reach
from workers.settings import Settings

_SEEN = re.compile(rf"(\d+) ({HEX.pattern})( .*)?")
_Trust = Annotated[
    list[str],
    Option("--trust", metavar="KEY", help="Believe the checkpoints of this public key, and no other; may be repeated."),
]
_Seen = Annotated[
    list[str],
    Option("--seen", metavar="LINE", help="A checkpoint as a worker's log has it: NUMBER HASH; may be repeated."),
]


def verify(trust: _Trust = [], seen: _Seen = [], as_json: Json = False) -> None:  # noqa: B006  # Typer's own form
    """Recompute every score, penalty, quota and hash, also of evidence, ask every workflow; code 1: a difference."""
    for key in trust:
        if not HEX.fullmatch(key):
            raise typer.BadParameter("a public key has 64 hex digits", param_hint="--trust")
    found = run(_verify(tuple(trust), tuple(map(_seen, seen))))
    if as_json:
        document({"clean": not found, "differences": [asdict(one) for one in found]})
    else:
        for one in found:
            line(f"{one}")
        line(f"{len(found)} differences." if found else "Everything is as it must be.")
    if found:
        raise typer.Exit(1)


async def _verify(trust: tuple[str, ...], seen: tuple[tuple[int, str], ...]) -> list[Difference]:
    async with reach(Settings(), pool=2) as house:
        with picture(house.engine) as connection:
            own = (signer(house.keyring).public, *house.settings.checkpoint_trusted)
            witness = Witness(frozenset(trust or own), house.copies, seen)
            now = house.clock.now()
            found = differences_of(connection, now, house.client, house.objects, witness)
            return [one async for one in found]


def _seen(said: str) -> tuple[int, str]:
    found = _SEEN.fullmatch(said)
    if found is None:
        raise typer.BadParameter("it reads NUMBER HASH, as a worker's log says it", param_hint="--seen")
    return int(found[1]), found[2]


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(rich_help_panel="Policy and proof")(verify)
