"""A worker waits for a Temporal that is not ready for it: nobody has to get up at night for it."""

import asyncio
import logging
from dataclasses import replace

import pytest
from conftest import agency, send
from google.protobuf.duration_pb2 import Duration
from temporalio.api.workflowservice.v1 import RegisterNamespaceRequest
from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter

from desk.door import Door
from workers import worker
from workers.house import House, work

REPORT = {"clause": "agency.poaching", "details": "seen on stream"}


async def test_a_worker_begins_when_temporal_knows_its_namespace(
    house: House, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "PAUSE", 0.2)
    (_, jan), (lotus, _) = await agency(house, "jade"), await agency(house, "lotus")
    target = house.client.service_client.config.target_host
    client = await Client.connect(target, namespace="later", data_converter=pydantic_data_converter)
    there = replace(house, client=client)
    async with work(there), Door.of(there) as door:
        with caplog.at_level(logging.WARNING, "casework.worker"):
            async with asyncio.timeout(20):
                while "waits for Temporal: Namespace later is not found" not in caplog.text:
                    await asyncio.sleep(0.05)
        kept = Duration(seconds=24 * 60 * 60)
        request = RegisterNamespaceRequest(namespace="later", workflow_execution_retention_period=kept)
        await client.workflow_service.register_namespace(request)
        assert (await send(door, jan, "report", against=lotus, **REPORT))["status"] == "queued"
