"""Between a commit, the looks that it sends and the sender, everything is lost once: what was done is done once, and told."""

from collections import Counter
from dataclasses import replace
from typing import Any

from clocks import REPORT, town
from conftest import agency, person, send
from temporalio import activity, client, worker
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from activities.names import LOOK
from ops.verify import verify
from states.terms import Role
from store import command as commands
from workers.reach import House

MODERATE = {"finding": "violation", "severity": "moderate", "reasons": "checked"}


class Losing(client.Interceptor, worker.Interceptor):
    """Loses the looks of each activity's first attempt, the answers of its first two, and the first of each update."""

    def __init__(self) -> None:
        self.lost: Counter[str] = Counter()
        self.updates = set[str]()

    def lose(self, what: str) -> None:
        self.lost[what] += 1
        raise RPCError(f"the {what} is lost", RPCStatusCode.UNAVAILABLE, b"")

    def intercept_client(self, next: client.OutboundInterceptor) -> client.OutboundInterceptor:  # noqa: A002
        return OfClient(next, self)

    def intercept_activity(self, next: worker.ActivityInboundInterceptor) -> worker.ActivityInboundInterceptor:  # noqa: A002
        return OfActivity(next, self)


class OfActivity(worker.ActivityInboundInterceptor):
    def __init__(self, next_: worker.ActivityInboundInterceptor, losing: Losing) -> None:
        super().__init__(next_)
        self._losing = losing

    async def execute_activity(self, input: worker.ExecuteActivityInput) -> Any:  # noqa: A002
        found = await self.next.execute_activity(input)
        if activity.info().attempt <= 2:
            self._losing.lose("answer of an activity")
        return found


class OfClient(client.OutboundInterceptor):
    def __init__(self, next_: client.OutboundInterceptor, losing: Losing) -> None:
        super().__init__(next_)
        self._losing = losing

    async def start_workflow(self, input: client.StartWorkflowInput) -> client.WorkflowHandle[Any, Any]:  # noqa: A002
        if input.start_signal == LOOK and activity.in_activity() and activity.info().attempt == 1:
            self._losing.lose("look")
        return await super().start_workflow(input)

    async def start_workflow_update(self, input: client.StartWorkflowUpdateInput) -> Any:  # noqa: A002
        found = await super().start_workflow_update(input)
        self._first(input.args[0].id)
        return found

    async def start_update_with_start_workflow(self, input: client.StartWorkflowUpdateWithStartInput) -> Any:  # noqa: A002
        found = await super().start_update_with_start_workflow(input)
        self._first(input.update_workflow_input.args[0].id)
        return found

    def _first(self, command: str) -> None:
        if command not in self._losing.updates:
            self._losing.updates.add(command)
            self._losing.lose("answer to the desk")


async def test_whatever_is_lost_after_a_commit_each_move_is_made_once_and_everybody_hears_of_it(house: House) -> None:
    losing = Losing()
    config = house.client.config()
    config["interceptors"] = [losing]
    async with town(replace(house, client=Client(**config))) as here:
        (_, jan), (lotus, ann) = await agency(here.house, "jade"), await agency(here.house, "lotus")
        mia, sam = await person(here.house, Role.MODERATOR), await person(here.house, Role.SENIOR_MODERATOR)
        told = [await send(here.door, jan, "report", against=lotus, **REPORT)]
        report = told[0]["case"]
        told += [await send(here.door, mia, "claim", case=report)]
        told += [await send(here.door, mia, "decide", case=report, **MODERATE)]
        told += [await send(here.door, ann, "appeal", of=report, grounds="we did not")]
        appeal = told[-1]["case"]
        told += [await send(here.door, sam, "claim", case=appeal)]
        told += [await send(here.door, sam, "decide", case=appeal, outcome="overturned", reasons="they did not")]
        lines = [line for case in (report, appeal) for line in here.lines(case)]
        with here.house.engine.connect() as connection:
            stored = [commands.read(connection, command) for command in losing.updates]
            asked = [one.answer for one in stored if one is not None]
            differences = [
                str(found) async for found in verify(connection, here.house.clock.now(), client=here.house.client)
            ]
    assert sorted(told, key=str) == sorted(asked, key=str)
    assert len({(line["case"], line["event"], line["source"]) for line in lines}) == len(lines)
    assert losing.lost["answer to the desk"] == len(told) == 6
    assert losing.lost["look"] >= 3
    assert losing.lost["answer of an activity"] >= 2 * len(told)
    assert differences == []
