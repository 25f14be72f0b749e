"""Do the platform and the workflows know what the rows say?"""

from collections.abc import AsyncIterator, Iterator
from datetime import datetime

from sqlalchemy import Connection
from temporalio.client import Client, WorkflowExecutionStatus
from temporalio.service import RPCError

from activities.books import Books
from activities.command import Now
from desk.verify.difference import Difference
from states.terms import Status
from store import audit, party, view
from store.schema.cases import cases


def told(connection: Connection, books: Books, now: datetime) -> Iterator[Difference]:
    """Hold what the platform was told against what is in force."""
    with audit.rows(connection, audit.settled_standings()) as rows:
        for row in rows:
            subject = party.subject(connection, row["subject"])
            if subject is None:
                continue
            carried: set[str] = set()
            for penalty in view.penalties_in_force(connection, subject.id, now):
                rules = books.policy(connection, penalty["rulebook"], subject.region)
                carried |= rules.penalties[penalty["key"]].restrictions
            if carried != set(row["told"]):
                yield Difference(f"told of {subject.id}", "restrictions", sorted(carried), sorted(row["told"]))


async def workflows(connection: Connection, client: Client) -> AsyncIterator[Difference]:
    """Hold every case's row against its workflow."""
    with audit.rows(connection, audit.whole(cases)) as rows:
        for row in rows:
            where = f"workflow/{row['id']}"
            handle = client.get_workflow_handle(row["id"])
            closed = row["status"] == Status.CLOSED
            try:
                running = (await handle.describe()).status is WorkflowExecutionStatus.RUNNING
                adopted = None if closed else await handle.query("adopted", result_type=Now)
            except RPCError as error:
                if not closed:  # a closed case's history may be gone
                    yield Difference(where, f"can't be asked ({error.status.name.lower()})")
                continue
            if running == closed:
                yield Difference(where, "running", not closed, running)
            now = Now(status=row["status"], version=row["version"], deadline_at=row["deadline_at"])
            if not closed and adopted != now:
                yield Difference(where, "adopted", now, adopted)
