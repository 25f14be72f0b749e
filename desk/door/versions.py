"""How do people move versions of the rulebook? In one transaction a move, once a key; then its courier looks."""

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from activities.look import Woken
from activities.rollout import life
from activities.rollout.foreseen import Foreseen
from activities.rollout.upload import checked
from desk.door.door import Door
from desk.door.once import once
from desk.refusal import unanswered
from rulebook.model import Rulebook
from states.situation import Actor
from states.terms import Code, RefusedError
from store import party
from store.audit import picture
from store.in_thread import in_thread
from store.moment import moment
from store.version import Version

CREATED, OK = 201, 200


class VersionMoves:
    """Sends people's moves of versions. Sent again under the same key, a move is done once and answered the same."""

    def __init__(self, door: Door) -> None:
        self._door = door

    async def draft(self, actor: str, files: Mapping[str, bytes], *, key: str, through: str) -> dict[str, Any]:
        """Enter a version of these files, by their names, as a draft of the actor's.

        Raises:
            RefusedError: `invalid`, field `files`; `illegal_move`: it was entered before; `forbidden`; `unavailable`.
        """
        book = await in_thread(self._door.engine, checked, files)
        work = partial(self._draft, actor, book, through)
        return await self._once(actor, key, ["draft version", book.digest], work)  # nothing is due of a draft

    async def move(
        self,
        actor: str,
        version: str,
        event: str,
        said: Mapping[str, Any],
        *,
        key: str,
        through: str,
        moves: int | None = None,
        before_grave: Callable[[], None] | None = None,
    ) -> dict[str, Any]:
        """Move a version, by its digest. With `moves` it must have made so many, or the refusal is `stale`.

        Raises:
            RefusedError: nothing has changed; `unavailable` where no answer came in time.
        """
        engine, woken = self._door.engine, [Woken(versions=[version])]
        foreseen = await in_thread(engine, self._foresee, actor, version, said) if event == "propose" else None
        work = partial(self._move, actor, version, event, said, through, moves, before_grave, foreseen, woken)
        answer = await self._once(actor, key, ["move version", version, event, dict(said), moves], work)
        for one in woken:
            await self._door.wake(one)
        return answer

    async def _once(
        self, actor: str, key: str, asked: object, work: Callable[[Connection], tuple[int, dict[str, Any]]]
    ) -> dict[str, Any]:
        try:
            engine, now = self._door.engine, self._door.now
            _, answer = await in_thread(engine, once, engine, actor, key, asked, work, now())
        except (SQLAlchemyError, OSError) as error:
            raise unanswered(error) from error
        return answer

    def _draft(self, actor: str, book: Rulebook, through: str, connection: Connection) -> tuple[int, dict[str, Any]]:
        at, who = self._acting(connection, actor)
        made = life.draft(connection, self._door.rulebooks, book, who, at, through)
        return CREATED, told(made)

    def _move(
        self,
        actor: str,
        version: str,
        event: str,
        said: Mapping[str, Any],
        through: str,
        moves: int | None,
        before_grave: Callable[[], None] | None,
        foreseen: Foreseen | None,
        woken: list[Woken],
        connection: Connection,
    ) -> tuple[int, dict[str, Any]]:
        at, who = self._acting(connection, actor)
        moved = life.move(
            connection,
            self._door.rulebooks,
            version,
            event,
            who,
            said,
            at,
            through=through,
            moves=moves,
            before_grave=before_grave,
            foreseen=foreseen,
            woken=woken,
        )
        return OK, told(moved)

    def _foresee(self, actor: str, version: str, said: Mapping[str, Any]) -> Foreseen | None:
        """Forecast a proposal before it locks anything; what is wrong with it is told by the move itself."""
        try:
            with picture(self._door.engine) as connection:
                at, who = moment(connection, self._door.now()), party.actor(connection, actor)
                return life.foresee(connection, self._door.rulebooks, version, who, said, at) if who else None
        except RefusedError:
            return None

    def _acting(self, connection: Connection, person: str) -> tuple[datetime, Actor]:
        """The time of the move, and who makes it, kept in their seat until it is made."""
        found = party.actor(connection, person, hold=True)
        if found is None:
            raise RefusedError(Code.NOT_FOUND, "nobody", "by", name=person)
        return moment(connection, self._door.now()), found


def told(version: Version) -> dict[str, Any]:
    """What the sender of a move is told, as JSON."""
    return {
        "version": version.digest,
        "status": version.status,
        "follows": version.follows,
        "moves": version.version,
        "at": version.moved_at.isoformat() if version.moved_at else None,
    }
