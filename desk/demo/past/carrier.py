"""What carries a past's commands out: the commit itself, at the story's time; no workflow keeps time yet."""

from datetime import datetime
from typing import Any

from activities.command import Request
from activities.look import Looker, Woken
from activities.move.commit import Commit
from desk.demo.past.now import Past
from desk.door.carrier import Prepare
from desk.door.sending import Sending


class Nobody(Looker):
    """Wakes nobody: what others must do is found in their rows."""

    def __init__(self) -> None:
        """It has no client."""

    async def wake(self, woken: Woken, at: datetime) -> None: ...


class Committing:
    """Carries commands out by a commit each."""

    def __init__(self, commit: Commit, past: Past) -> None:
        self._commit = commit
        self._past = past

    async def carry(self, sending: Sending, prepare: Prepare) -> dict[str, Any]:  # noqa: ARG002  # nobody else moves it
        """Commit.

        Raises:
            RefusedError: it was not carried out.
        """
        command = sending.command
        answer = await self._commit.commit(Request(case=command.case, at=self._past.now(), command=command))
        if answer.refusal is not None or answer.answer is None:
            raise (answer.refusal.error() if answer.refusal else LookupError(command.id))
        return answer.answer

    async def close(self) -> None:
        """Nothing was begun."""
