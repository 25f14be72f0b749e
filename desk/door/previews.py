"""What would a move do? Whoever may make it asks before they do: nothing is sent, and nothing changes."""

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from activities.move.input import Input
from activities.move.preview import Preview, preview
from desk.door.door import Door
from desk.door.outlook import Seen, outlook
from desk.door.sending import Sending
from desk.door.turns import LateError, ThreadTurns
from desk.refusal import unanswered
from desk.words import Words
from states.sight import Resource
from states.situation import Actor
from states.terms import Code, RefusedError
from store import case as cases
from store import party, sight
from store.moment import moment
from store.row_security import present
from store.trial import MetError, attempt

# The moves that are previewed: those that decide.
PREVIEWED = ("decide", "approve", "reject", "set_aside")
CHANGED = "basis_changed"
_KEY = "preview"
# In seconds: so long a preview waits for others of the same subject.
_PATIENCE = 3.0


class Previews:
    """Says what a move would do, of the cases and subjects that its reader sees; refuses what `Door.send` would."""

    def __init__(self, door: Door) -> None:
        self._door = door
        # Two at once on one subject write the same rows, and would keep each other from them.
        self._turns = ThreadTurns()

    def of(
        self,
        actor: Actor,
        words: Words,
        verb: str,
        said: Mapping[str, Any] | Input,
        *,
        case: str,
        version: int | None = None,
        basis: str | None = None,
    ) -> dict[str, Any]:
        """What `verb` would do to the case now, in the reader's words; `said` is what it needs.

        Raises:
            RefusedError: as `Door.send`; `unavailable` where somebody is just deciding on the same subject.
        """
        sending = self._door.sending(actor.id, verb, said, _KEY, case, version, basis=basis)
        try:
            found = self._made(actor, sending)
            with present(self._door.engine, actor, self._door.now()) as (connection, _):
                seen = self._seen(connection, actor, found)
        except (SQLAlchemyError, OSError) as error:
            raise unanswered(error) from error
        return outlook(found, seen, words)

    def add(
        self, refused: RefusedError, actor: Actor, words: Words, verb: str, said: Mapping[str, Any] | Input, case: str
    ) -> None:
        """Add to a refusal for a basis that no longer holds what the move would do now."""
        if refused.key == CHANGED:
            with suppress(RefusedError):
                refused.facts["preview"] = self.of(actor, words, verb, said, case=case)

    def _made(self, actor: Actor, sending: Sending) -> Preview:
        def work(connection: Connection) -> Preview:
            at = moment(connection, self._door.now())
            return preview(connection, self._door.rulebooks, sending.command, sending.said, at)

        try:
            with self._turns.of(self._charged(sending.command.case), _PATIENCE):
                return attempt(self._door.engine, work)
        except (MetError, LateError):
            raise self._met(actor, sending.command.case) from None

    def _charged(self, case: str) -> str:
        """Whose score a verdict on the case touches beside its creator's, or the case itself where there is none."""
        with self._door.engine.begin() as connection:
            found = cases.read(connection, case)
        return case if found is None else found.agency or found.subject

    def _met(self, actor: Actor, case: str) -> RefusedError:
        """The refusal where others decide on the same subject, which it names to whoever sees the case."""
        with present(self._door.engine, actor, self._door.now()) as (connection, now):
            found = cases.read(connection, case) if sight.sees(connection, actor, Resource.CASE, case, now) else None
        if found is None:
            return RefusedError(Code.UNAVAILABLE, "unavailable")
        return RefusedError(Code.UNAVAILABLE, "deciding_now", name=found.subject)

    def _seen(self, connection: Connection, actor: Actor, found: Preview) -> Seen:
        """What of all that the preview names its reader sees."""
        parts = [part for part in (found.now, found.if_seconded) if part is not None]
        rows = [row for part in parts for row in part.penalties]
        named = {one for part in parts for one in part.cases()}
        charged = {score.subject.id for part in parts for score in part.scores} | {row["subject"] for row in rows}
        regions = {subject.id: subject.region for subject in party.read(connection, charged)}
        rules = {
            (row["rulebook"], row["subject"]): self._door.rulebooks.policy(
                connection, row["rulebook"], regions[row["subject"]]
            )
            for row in rows
        }
        return Seen(
            sight.seen(connection, actor, Resource.CASE, named, found.at),
            sight.seen(connection, actor, Resource.SUBJECT, charged, found.at),
            rules,
        )
