"""May this build go on with what another one began? Asked once a build, before anything of it is at work."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ops.replay import Replayed, replay
from store import journal, notice
from workers.build import build
from workers.reach import House

log = logging.getLogger("casework.upgrade")
ACCEPT = "--accept-broken"
_TOPIC = "builds"
_NAMED = 3


class WouldBreakError(Exception):
    """This build would break what runs: one sentence that says what, and how to go on."""


@dataclass
class Upgrade:
    """The start of a build over what the one before it left on a data folder, whose file `build` names it.

    `accept`: it starts although it would break something. `tell` gets a line about what is done.
    """

    accept: bool
    tell: Callable[[str], None]
    accepted: Replayed | None = None

    async def check(self, house: House) -> None:
        """Replay what runs, where another build started here last. Nothing is changed but the folder's file `build`.

        Before the schema is brought up to date: the build before can still go on with it.

        Raises:
            WouldBreakError: a workflow would break, and that is not accepted.
            RPCError: Temporal can't be asked.
        """
        file = house.settings.data_dir / "build"
        before = _read(file)
        if before == build():
            return
        done = await replay(house.client, house.settings.task_queue, sandbox=house.settings.sandbox)
        if done.found:
            self.tell(f"Another build was here: {done.replayed} of {done.found} open workflows were replayed.")
        if done.broken and not self.accept:
            raise WouldBreakError(_sentence(done, before))
        self.accepted = done if done.broken else None
        file.write_text(build(), encoding="utf-8")

    def note(self, house: House, through: str) -> None:
        """Keep what was accepted, if anything: as an incident, in a record of its own, and in the log."""
        if self.accepted is None:
            return
        broken = [one.workflow for one in self.accepted.broken]
        log.warning("%d workflows can't go on with this build, which was accepted: %s", len(broken), ", ".join(broken))
        facts = {"build": build(), "broken": len(broken), "replayed": self.accepted.replayed}
        at = house.clock.now()
        with house.engine.begin() as connection, journal.recording(connection, _TOPIC, at, through):
            notice.raise_incident(connection, "build_accepted", at, facts=facts)


def _read(file: Path) -> str | None:
    try:
        return file.read_text(encoding="utf-8")
    except OSError:
        return None


def _sentence(done: Replayed, before: str | None) -> str:
    first = ", ".join(
        f"{one.workflow} at event {one.event}" if one.event else one.workflow for one in done.broken[:_NAMED]
    )
    more = f" and {len(done.broken) - _NAMED} more" if len(done.broken) > _NAMED else ""
    back = f"the build that was here, {before}" if before else "the build that was here"
    return (
        f"This build can't go on with {len(done.broken)} of {done.replayed} open workflows ({first}{more}): go back to "
        f"{back}, or start with `{ACCEPT}` and mend them with `casework repair`."
    )
