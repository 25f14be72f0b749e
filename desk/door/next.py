"""The next case of the queue, claimed: two who ask at once get two cases, and neither is refused for the other."""

import hashlib
import json
from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy.exc import SQLAlchemyError

from activities.command import command_id
from activities.limits import WANTED
from desk.door.door import Door
from desk.door.turns import LateError, Turns
from desk.refusal import unanswered
from states.claimable import CLAIM
from states.situation import Actor
from states.terms import Code, RefusedError
from store import queue
from store.in_thread import in_thread
from store.row_security import present
from store.search import search
from store.wanted import Filter

# Somebody else was faster, or the case has moved meanwhile: another one may still be free.
_GONE = frozenset(
    {Code.ALREADY_CLAIMED, Code.NOT_CLAIMED_BY_YOU, Code.ILLEGAL_MOVE, Code.FORBIDDEN, Code.CONFLICT_OF_INTEREST}
)
# So long a case that gave no answer is offered after all others.
SILENT = timedelta(minutes=1)


class Next:
    """Claims the most urgent case that its asker can claim, as `Door.send` does any other.

    Of those who ask this process at once each is offered another case; among processes whoever is late tries the next.
    A case whose workflow gave no answer is offered after all others for a while: whoever asks next would wait as long.
    """

    def __init__(self, door: Door) -> None:
        self._door = door
        self._offered: set[str] = set()
        self._silent: dict[str, datetime] = {}  # when a case gave no answer
        self._turns = Turns()

    async def claim(
        self, actor: Actor, wanted: Filter, asked: Mapping[str, Any], *, key: str, through: str | None = None
    ) -> dict[str, Any]:
        """Claim the next case that fits; the answer is that of `claim`, and under the same key always the same.

        `asked` is what `wanted` was made of, a JSON value: something else under the key is refused. `through` is as for
        `Door.send`.

        Raises:
            RefusedError: `not_found`: nothing waits; else as `Door.send`.
        """
        wish = hashlib.sha256(json.dumps(["next", asked], sort_keys=True).encode()).hexdigest()
        try:
            # One who asks twice at once under a key is offered one case.
            async with self._turns.of(command_id(actor.id, key), WANTED.total_seconds()):
                return await self._claim(_Asked(actor, wanted, key, wish, through))
        except LateError:
            raise RefusedError(Code.UNAVAILABLE, "unavailable") from None
        except (SQLAlchemyError, OSError) as error:
            raise unanswered(error) from error

    async def _claim(self, asked: "_Asked") -> dict[str, Any]:
        engine, last = self._door.engine, self._door.now() + WANTED
        answer = await in_thread(engine, self._door.stored, asked.actor.id, asked.key, asked.wish)
        tried: set[str] = set()
        while answer is None:
            case = self._free(await in_thread(engine, self._waiting, asked), tried)
            if case is None:
                raise RefusedError(Code.NOT_FOUND, "nothing_waits")
            if self._door.now() >= last:
                raise RefusedError(Code.UNAVAILABLE, "unavailable")
            tried.add(case)
            answer = await self._try(asked, case)
        return answer

    def _waiting(self, asked: "_Asked") -> list[str]:
        with present(self._door.engine, asked.actor, self._door.now()) as (connection, now):
            free = replace(asked.wanted, claimable=True)
            rows = queue.page(connection, search(connection, asked.actor, now, free)).rows
        return [row["id"] for row in rows]

    def _free(self, waiting: Collection[str], tried: Collection[str]) -> str | None:
        """The first that nobody is being offered; where there is none, one that may be left to us after all."""
        before = self._door.now() - SILENT
        self._silent = {case: at for case, at in self._silent.items() if at > before}
        left = sorted((case for case in waiting if case not in tried), key=self._silent.__contains__)
        return next((case for case in left if case not in self._offered), left[0] if left else None)

    async def _try(self, asked: "_Asked", case: str) -> dict[str, Any] | None:
        """The answer to the claim; none where the case is no longer there to be claimed."""
        ours = case not in self._offered
        self._offered.add(case)
        try:
            return await self._door.send(
                asked.actor.id, CLAIM, {}, key=asked.key, case=case, through=asked.through, wish=asked.wish
            )
        except RefusedError as refused:
            if refused.code is Code.UNAVAILABLE:
                self._silent[case] = self._door.now()
            if refused.code not in _GONE:
                raise
            return None
        finally:
            if ours:
                self._offered.discard(case)


class _Asked(NamedTuple):
    """Who asks for what, under which key; `wish` is the hash of what was asked."""

    actor: Actor
    wanted: Filter
    key: str
    wish: str
    through: str | None
