"""How far had each version of the rulebook come at a time, and after each of its moves? (`store/timeline.py`)."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy import Connection, RowMapping

from states.version_terms import VersionStatus
from store.schema.rulebooks import version_moves
from store.timeline import EVER, NOBODY, Cursor, Dated, read

_MOVES = sa.select(version_moves).order_by(version_moves.c.at, version_moves.c.version, version_moves.c.number)
_BATCH, _INSTALL = "next_batch", "install"


class Moved:
    """All versions before their first moves; `make` makes one.

    One that nobody approved was in force for everybody from the beginning. A batch of an older release doesn't say how
    far it came: it is taken for as far as the wave has come by now.
    """

    def __init__(self, connection: Connection) -> None:
        """Read the versions, and their moves in the order of time."""
        self._now = read(connection)
        self.moves = connection.execute(_MOVES).mappings().all()
        self._installed = {line["version"] for line in self.moves if line["event"] == _INSTALL}
        self._then = {(one.digest, one.region): self._begun(one) for one in self._now}

    @property
    def dated(self) -> Sequence[Dated]:
        """Every version that was approved by then, in each of its regions, by the time from which it is in force."""
        return [one for one in self._then.values() if one.status in EVER]

    def make(self, line: RowMapping) -> None:
        """Make a move."""
        status, facts = VersionStatus(line["target"]), line["facts"]
        for one in (one for one in self._now if one.digest == line["version"]):
            then = replace(self._then[one.digest, one.region], status=status)
            if line["event"] == _BATCH and facts.get("region") == one.region:
                back = status is VersionStatus.TAKING_BACK
                place, id_ = facts.get("to", one.released if back else one.reached)
                to: Cursor = place, id_
                then = replace(then, released=to) if back else replace(then, reached=to)
            self._then[one.digest, one.region] = then

    def _begun(self, one: Dated) -> Dated:
        nobody: Cursor = (NOBODY, "")
        if one.digest in self._installed:
            return replace(one, status=VersionStatus.IN_FORCE, released=nobody)
        return replace(one, status=VersionStatus.NEW, reached=nobody, released=nobody)


def then(connection: Connection, at: datetime) -> Sequence[Dated]:
    """The timeline as it was at a time, by the moves that were made until then."""
    moved = Moved(connection)
    for line in moved.moves:
        if line["at"] <= at:
            moved.make(line)
    return moved.dated
