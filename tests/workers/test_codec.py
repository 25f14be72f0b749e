"""What Temporal keeps of messages: nothing that can be read without our key."""

import os

import pytest
from conftest import agency, send
from temporalio.api.common.v1 import Payload

from desk.door.door import Door
from workers.codec import ENCRYPTED, Codec, UnreadableError
from workers.converter import converter
from workers.reach import House


async def test_what_is_encrypted_reads_as_it_was_and_what_was_not_is_passed_over() -> None:
    codec = Codec(os.urandom(32))
    [plain] = converter.payload_converter.to_payloads([{"case": "report-1"}])
    [sealed], [again] = await codec.encode([plain]), await codec.encode([plain])
    assert sealed.metadata == {"encoding": ENCRYPTED}
    assert b"report-1" not in sealed.SerializeToString()
    assert sealed != again
    assert await codec.decode([sealed, plain, again]) == [plain, plain, plain]
    changed = Payload(metadata=sealed.metadata, data=sealed.data[:-1] + bytes([sealed.data[-1] ^ 1]))
    for unreadable in (changed, Payload(metadata=sealed.metadata, data=b"")):
        with pytest.raises(UnreadableError):
            await codec.decode([unreadable])
    with pytest.raises(UnreadableError):
        await Codec(os.urandom(32)).decode([sealed])


async def test_temporal_knows_neither_who_acted_nor_what_was_said(house: House, door: Door) -> None:
    (lotus, _), (_, jan) = await agency(house, "lotus"), await agency(house, "jade")
    said = {"against": lotus, "clause": "agency.poaching", "details": "words of a reporter"}
    case = (await send(door, jan, "report", **said))["case"]
    handle = house.client.get_workflow_handle(case)
    kept = b"".join([event.SerializeToString() async for event in handle.fetch_history_events()])
    assert kept.count(ENCRYPTED) > 2
    # The clause is in the search attributes (decision 0026).
    for word in (jan, lotus, "details", "words of a reporter"):
        assert word.encode() not in kept
