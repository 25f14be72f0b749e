"""Temporal's own lists answer of what its pages show of a case; a worker sees to it that they can."""

import asyncio
import json
from typing import Any

import pytest
from conftest import agency, person, send
from google.protobuf.duration_pb2 import Duration
from temporalio.api.enums.v1 import IndexedValueType
from temporalio.api.operatorservice.v1 import AddSearchAttributesRequest
from temporalio.api.workflowservice.v1 import RegisterNamespaceRequest
from temporalio.client import Client
from temporalio.service import RPCError

from activities.shown import KEYS
from bench.chaos.wire import Wire
from desk.door.door import Door
from states.terms import Role
from workers.attributes import register
from workers.embedded.binary import binary
from workers.embedded.error import EmbeddedError
from workers.reach import House


async def test_temporals_own_list_answers_by_status_stage_kind_region_and_clause(house: House, door: Door) -> None:
    (_, jan), (lotus, _) = await agency(house, "jade"), await agency(house, "lotus")
    mia = await person(house, Role.MODERATOR)
    about = {"clause": "agency.poaching", "against": lotus, "details": "a word that nobody else reads"}
    first, second = [(await send(door, jan, "report", **about))["case"] for _ in range(2)]
    await send(door, mia, "claim", case=first)
    await send(door, jan, "withdraw", case=second)
    address, is_them = house.client.service_client.config.target_host, f"WorkflowId IN ('{first}', '{second}')"

    async def listed(query: str) -> dict[str, Any]:
        words = ("workflow", "list", "--address", address, "--output", "json", "--query", f"{is_them} AND {query}")
        asked = await asyncio.create_subprocess_exec(binary("temporal"), *words, stdout=asyncio.subprocess.PIPE)
        told, _ = await asked.communicate()
        assert about["details"] not in told.decode()
        return {one["execution"]["workflowId"]: one["searchAttributes"]["indexedFields"] for one in json.loads(told)}

    said = "CaseKind = 'report' AND CaseRegion = 'VN' AND CaseClause = 'agency.poaching'"
    async with asyncio.timeout(20):
        while (await listed(f"{said} AND CaseStatus = 'closed'")).keys() != {second}:
            await asyncio.sleep(0.1)
    found = await listed(f"{said} AND CaseStage = 'under_review'")
    assert found.keys() == {first}
    assert {key.name for key in KEYS} <= found[first].keys()


async def test_a_worker_that_may_not_add_them_says_what_somebody_must_run(house: House) -> None:
    """A namespace of this server has ten attributes of a kind at most: here others have eight."""
    service = house.client.service_client.workflow_service
    retention = Duration(seconds=86400)
    await service.register_namespace(
        RegisterNamespaceRequest(namespace="full", workflow_execution_retention_period=retention)
    )
    full = Client(house.client.service_client, namespace="full")
    taken = AddSearchAttributesRequest(
        namespace="full",
        search_attributes={f"Other{n}": IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD for n in range(8)},
    )
    async with asyncio.timeout(30):
        while True:
            try:
                await full.operator_service.add_search_attributes(taken)
                break
            except RPCError:
                await asyncio.sleep(0.1)
    command = "temporal operator search-attribute create --namespace full --name CaseKind --type Keyword"
    with pytest.raises(EmbeddedError, match=command):
        await register(full)


async def test_a_worker_that_starts_waits_for_a_temporal_that_does_not_answer_yet(house: House) -> None:
    host, port = house.client.service_client.config.target_host.split(":")
    async with Wire(host, int(port)).laid() as wire:
        client = await Client.connect(f"127.0.0.1:{wire.port}")
        wire.cut = True
        wire.sever()
        registering = asyncio.create_task(register(client))
        await asyncio.sleep(1)
        assert not registering.done()
        wire.cut = False
        async with asyncio.timeout(20):
            await registering
