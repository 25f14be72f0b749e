"""When does a case move? Its workflow does one thing at a time, a command, a deadline or a look; it decides nothing."""

import asyncio
from collections import deque
from datetime import timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy

from activities.command import Adopted, Answer, Command, Request, Start
from activities.limits import LONGEST_COMMIT
from activities.names import CASE, COMMAND, COMMIT, LOOK
from states.terms import Status
from workflows.clock import Clock

# At most a minute between attempts: so long, at worst, a case waits after the database is back.
_PATIENCE = RetryPolicy(initial_interval=timedelta(milliseconds=100), maximum_interval=timedelta(seconds=60))


@workflow.defn(name=CASE)
class CaseWorkflow:
    """A report or an appeal. Its row is the truth; the workflow adopts status, version and next deadline from it."""

    @workflow.init
    def __init__(self, start: Start) -> None:
        self._start = start
        self._clock = Clock(start.at)
        self._now: Adopted | None = None
        self._inbox: deque[Command] = deque()
        self._answers: dict[tuple[str, str], asyncio.Future[Answer]] = {}
        self._must_look = False
        # Not left to the update: Temporal forgets one that is not accepted yet, and the case would never be opened.
        if start.first is not None:
            self._take(start.first)

    @workflow.run
    async def run(self, start: Start) -> None:
        """Live until the row is closed, or there is none."""
        if start.first is None:
            await self._commit(None)
        while self._inbox or self._open():
            if self._inbox:
                await self._carry_out(self._inbox.popleft())
            elif workflow.info().is_continue_as_new_suggested():
                await workflow.wait_condition(workflow.all_handlers_finished)
                # While the handlers finished, another update may have come: it would be lost with this run.
                if not self._inbox:
                    workflow.continue_as_new(Start(id=start.id, at=self._clock.now()))
            elif await self._wait():
                await self._commit(None)
        # A run that ends with a handler at work would leave that update's sender without an answer.
        await workflow.wait_condition(workflow.all_handlers_finished)

    @workflow.update(name=COMMAND)
    async def command(self, command: Command) -> Answer:
        """Queue the command and answer it; the same command sent twice waits for the same answer."""
        # Shielded: a sender who goes away cancels this update, and must not cancel the future that others wait for.
        return await asyncio.shield(self._take(command))

    @workflow.signal(name=LOOK)
    def look(self) -> None:
        """Read the row: somebody else's commit has changed it, or may have."""
        self._must_look = True

    @workflow.query
    def adopted(self) -> Adopted | None:
        """The row as the workflow last read it."""
        return self._now

    def _take(self, command: Command) -> "asyncio.Future[Answer]":
        key = command.id, command.body
        if key not in self._answers:
            self._answers[key] = asyncio.Future()
            self._inbox.append(command)
        return self._answers[key]

    async def _carry_out(self, command: Command) -> None:
        answer = await self._commit(command)
        # Not kept here: sent once more, the command is answered from its row, also by a later run.
        self._answers.pop((command.id, command.body)).set_result(answer)

    async def _wait(self) -> bool:
        """Wait for the next thing; say whether the row must be read: a look, or the deadline."""
        deadline = self._now.deadline_at if self._now else None
        left = max(deadline - self._clock.now(), timedelta()) if deadline else None
        try:
            await workflow.wait_condition(lambda: bool(self._inbox) or self._must_look, timeout=left)
        except TimeoutError:
            return True
        return self._must_look

    async def _commit(self, command: Command | None) -> Answer:
        # Cleared before the row is read: a `look` that comes during the commit must cause another one.
        self._must_look = False
        deadline = self._now.deadline_at if self._now else None
        now = self._clock.now()
        # A timer may fire up to a second before the row's deadline, which is then due all the same.
        due = command is None and deadline is not None and deadline - now < timedelta(seconds=1)
        # Local, as a commit is short: a life takes 24 events of history instead of 39.
        answer: Answer = await workflow.execute_local_activity(
            COMMIT,
            Request(case=self._start.id, at=max(now, deadline) if due and deadline else now, command=command),
            result_type=Answer,
            start_to_close_timeout=LONGEST_COMMIT,
            retry_policy=_PATIENCE,
            # A longer pause is a timer, so that the workflow task does not stay open through it.
            local_retry_threshold=timedelta(seconds=5),
        )
        self._now = answer.now
        self._clock.follow(answer.at)
        # By the answer, which the history has: one without it, of older workers, is replayed without it.
        if answer.shown and (updates := [*answer.shown.updates(workflow.info().typed_search_attributes)]):
            workflow.upsert_search_attributes(updates)
        return answer

    def _open(self) -> bool:
        return self._now is not None and self._now.status is not Status.CLOSED
