"""Does every case's workflow agree with its row? No transaction is open while the workflows are asked."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection
from temporalio.client import Client, WorkflowExecutionStatus
from temporalio.service import RPCError

from activities.command import Adopted
from activities.shown import STATUS
from ops.verify.difference import Difference
from states.terms import Status
from store import audit

AT_ONCE = 16
_PAGE = 500
# Seconds after which a difference is asked again: the case may have moved between row and answer.
_MOMENT = 1.0


async def workflows(
    connection: Connection, client: Client, page: int = _PAGE, moment: float = _MOMENT
) -> AsyncIterator[Difference]:
    """Compare every case's row with its workflow. The connection's transaction is ended at each page."""
    last = ""
    while rows := _read(connection, audit.states_of_cases(last, page)):
        last = rows[-1]["id"]
        odd = [row["id"] for row, found in zip(rows, await _ask_all(client, rows), strict=True) if found]
        if odd:
            await asyncio.sleep(moment)
            for found in await _ask_all(client, _read(connection, audit.states_among(odd))):
                for difference in found:
                    yield difference


def _read(connection: Connection, query: sa.Select[tuple[object, ...]]) -> list[sa.RowMapping]:
    rows = audit.everything(connection, query)
    connection.rollback()
    return rows


async def _ask_all(client: Client, rows: Sequence[sa.RowMapping]) -> list[list[Difference]]:
    """The differences of each row; `AT_ONCE` workflows are asked at a time."""
    gate = asyncio.Semaphore(AT_ONCE)

    async def asked(row: sa.RowMapping) -> list[Difference]:
        async with gate:
            return await _ask(client, row)

    return await asyncio.gather(*map(asked, rows))


async def _ask(client: Client, row: sa.RowMapping) -> list[Difference]:
    where, closed = f"workflow/{row['id']}", row["status"] == Status.CLOSED
    handle: Any = client.get_workflow_handle(row["id"])
    try:
        described = await handle.describe()
        adopted = None if closed else await handle.query("adopted", result_type=Adopted)
    except RPCError as error:
        # Temporal deletes a closed workflow after its retention time.
        return [] if closed else [Difference(where, f"can't be asked ({error.status.name.lower()})")]
    running, shown = described.status is WorkflowExecutionStatus.RUNNING, described.typed_search_attributes.get(STATUS)
    found = [] if running != closed else [Difference(where, "running", not closed, running)]
    now = Adopted(status=row["status"], version=row["version"], deadline_at=row["deadline_at"])
    if not (closed or adopted == now):
        found.append(Difference(where, "adopted", now, adopted))
    # Nothing is shown of a case that only older workers, or a rehearsal, have carried out.
    return found if shown in {None, row["status"]} else [*found, Difference(where, "shown", row["status"], shown)]
