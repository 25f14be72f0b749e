"""Plays a scenario step by step, on the real workflows, activities and database."""

import asyncio
import base64
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol

from sqlalchemy import Engine

from ops.rehearsal.script.act import CASE_WORDS, Deed
from ops.rehearsal.script.step import Many, Step
from ops.rehearsal.stage.desk import Asker, Sender
from ops.rehearsal.stage.editions import Editions
from ops.rehearsal.stage.expectation import Found, compare, platform_knows
from ops.rehearsal.stage.inquiry import Inquiry
from ops.rehearsal.stage.settled import next_due, settle
from states.terms import Kind, RefusedError

# An act waits for what is due so soon after its step's time: a deadline counts from when an earlier act was done.
_SOON = timedelta(seconds=2)
# A picture of one pixel, as a PNG.
PICTURE = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGP4z8AAAAMBAQDJ/pLvAAAAAElFTkSuQmCC"
)
_JUST_AFTER = timedelta(milliseconds=1)


@dataclass
class Result:
    """The result of a step: acts done and refused (by code), a single act's refusal, and what was not as expected.

    `at` is the story's time; `follows` the earlier step that went wrong about the same case or subject.
    """

    step: Step
    at: datetime
    follows: int | None = None
    done: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    refusal: RefusedError | None = None
    differences: list[Found] = field(default_factory=list)


class Time(Protocol):
    """A story's clock, which is moved forward; what is due until then happens."""

    start: datetime

    def now(self) -> datetime: ...

    async def until(self, at: datetime) -> None: ...


class Player:
    """Plays the steps of one scenario. `names`: case ids by the scenario's own ids.

    Without `editions` no act is of a version of the rulebook.
    """

    def __init__(
        self, engine: Engine, sender: Sender, story: Time, asker: Asker, editions: Editions | None = None
    ) -> None:
        self.names: dict[str, str] = {}
        self._engine = engine
        self._sender = sender
        self._story = story
        self._rows = Inquiry(engine, story.now)
        self._asker = asker
        self._editions = editions
        self._nominal = story.start
        # The step that first went wrong, by the cases and subjects that it was about.
        self._wrong: dict[str, int] = {}

    async def play(self, step: Step, *, started: Callable[[], None] = lambda: None) -> Result:
        """Move the clock, act, wait until all that is due has happened, and compare."""
        await self._move_clock(step)
        started()
        result = Result(step, self._nominal)
        if isinstance(step.act, Many):
            each = [self._act(inner, f"{step.number}.{inner.number}") for inner in step.act.steps()]
            for error in await asyncio.gather(*each):
                self._count(result, error)
        elif step.act is not None:
            result.refusal = await self._act(step, str(step.number))
            self._count(result, result.refusal)
        await settle(self._engine, self._story.now)
        result.differences = await asyncio.to_thread(
            compare, self._asker, step, self.names, result.refusal, result.done, result.refused
        )
        if self._editions is not None and step.expect is not None:
            result.differences += await asyncio.to_thread(
                self._editions.compare, self._engine, self._asker, step.expect
            )
        result.differences += platform_knows(self._rows)
        if result.differences:
            about = step.about()
            result.follows = next((self._wrong[name] for name in about if name in self._wrong), None)
            self._wrong |= {name: step.number for name in about if name not in self._wrong}
        return result

    async def _move_clock(self, step: Step) -> None:
        if step.at is not None:
            self._nominal = step.at
        elif step.after is not None:
            self._nominal += step.after
        if step.at is None and step.after is None:
            return
        while (due := next_due(self._engine)) is not None and due <= self._nominal + _SOON:
            # In slices, one deadline after the other, and those that lie close together at once.
            await self._until(max(due, min(due + _SOON, self._nominal)))
        await self._until(self._nominal)

    async def _until(self, at: datetime) -> None:
        await self._story.until(at + _JUST_AFTER)
        await settle(self._engine, self._story.now)

    async def _act(self, step: Step, number: str) -> RefusedError | None:
        if step.act is None or step.by is None:
            raise LookupError("nobody does nothing")
        try:
            await self._do(step.by, step.act, number)
        except RefusedError as error:
            return error
        return None

    async def _do(self, by: str, act: Deed, number: str) -> None:
        said = self._said(act)
        verb = str(act.model_dump()["do"])
        if verb == "stream":
            await self._sender.stream(by, said)
            return
        key = f"step {number}"
        if self._editions is not None and "version" in said:
            await self._editions.move(by, verb, said, key)
            return
        if isinstance(names := said.get("evidence"), list):
            said["evidence"] = [await self._upload(by, name, f"{key}, {of}") for of, name in enumerate(names)]
        if verb in tuple(Kind):
            name = said.pop("id", None)
            result = await self._sender.send(by, verb, said, key=key)
            self.names[str(name)] = result["case"]
        else:
            await self._sender.send(by, verb, said, key=key)

    async def _upload(self, by: str, name: object, key: str) -> object:
        """The id of a file of that name, always the same picture; what is no name is the engine's to refuse."""
        return await self._sender.upload(by, name, PICTURE, key=key) if isinstance(name, str) else name

    def _said(self, act: Deed) -> dict[str, Any]:
        given = act.given()
        for word in CASE_WORDS:
            if isinstance(given.get(word), str):
                given[word] = self.names.get(str(given[word]), given[word])
        return given

    @staticmethod
    def _count(result: Result, error: RefusedError | None) -> None:
        if error is None:
            result.done += 1
        else:
            result.refused[error.code] += 1
