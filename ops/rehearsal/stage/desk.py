"""The interface between a rehearsal and a desk: what sends its acts, and what answers its questions."""

from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

from sqlalchemy import Engine
from temporalio.client import Client

from activities.quota import Quota
from activities.score.points import Score
from states.appealable import Appealable
from states.situation import Actor
from states.terms import Outcome, Status
from store.objects import Objects


@dataclass(frozen=True)
class Ends:
    """What a desk connects to: database, Temporal and task queue, the key that signs commands, the story's clock.

    The bytes of evidence lie in `objects`, and in the `folder` while they come in.
    """

    engine: Engine
    client: Client
    key: bytes = field(repr=False)
    task_queue: str
    now: Callable[[], datetime]
    objects: Objects
    folder: Path


class Sender(Protocol):
    """Sends what a story's people do; raises `RefusedError`."""

    async def send(self, actor: str, verb: str, said: Mapping[str, Any], *, key: str) -> dict[str, Any]:
        """Carry out a verb; the answer has the `case`."""

    async def upload(self, actor: str, name: str, content: bytes, *, key: str) -> str:
        """Upload a file, and give its id."""

    async def stream(self, actor: str, said: Mapping[str, Any]) -> None:
        """Record streamed days."""


class VersionSender(Sender, Protocol):
    """Sends also what they do with versions of the rulebook; raises `RefusedError`."""

    async def draft(self, actor: str, files: Mapping[str, bytes], *, key: str) -> None:
        """Enter a version by its files, as the actor's draft."""

    async def move_version(self, actor: str, version: str, event: str, said: Mapping[str, Any], *, key: str) -> None:
        """Move a version, by its digest."""


class Standing(Protocol):
    """A case's status and outcome."""

    @property
    def status(self) -> Status: ...

    @property
    def outcome(self) -> Outcome | None: ...


class Asker(Protocol):
    """Answers the questions of expectations; a score or quota that is not there raises `RefusedError`."""

    def actor(self, person: str) -> Actor: ...

    def case(self, case_id: str) -> Standing | None: ...

    def visible(self, actor: Actor, case_id: str) -> bool: ...

    def evidence(self, actor: Actor, case_id: str) -> list[str]: ...

    def appeal(self, actor: Actor, report_id: str) -> Appealable: ...

    def score(self, subject_id: str, period: str | None = None) -> Score: ...

    def penalties(self, subject_id: str) -> set[str]: ...

    def counted(self, subject_id: str) -> set[str]: ...

    def quota(self, agency: str) -> Quota: ...

    def forecast(self, version: str) -> dict[str, list[str]] | None:
        """Whom a version would hit, as its newest proposal forecast it, each with the penalties that begin."""


Desk = Callable[[Ends], AbstractAsyncContextManager[tuple[VersionSender, Asker]]]
