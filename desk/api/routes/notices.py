"""What was I told, and what must ops look at?"""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request

from desk.api.admission import Admitted
from desk.api.documents import problems
from desk.api.routes.subjects import Before, Limit
from desk.api.rules import LEADS, V1
from desk.api.service import service
from desk.api.shapes.notices import Incidents, Notices
from desk.letters import letter
from store import notice, text
from store.belt import reading

router = APIRouter(tags=["notices"])
Cursor = Annotated[str | None, Query(max_length=1000, description="The `next` of the page before.")]


@router.get(f"{V1}/notices", response_model=Notices, responses=problems())
def notices(request: Request, caller: Admitted, cursor: Cursor = None, limit: Limit = 50) -> dict[str, Any]:
    """What you and, for its leads, your agency were told; newest first."""
    desk, actor = service(request), caller.actor
    recipients = [actor.id, *([actor.agency] if actor.agency and actor.role in LEADS else [])]
    with reading(desk.engine, actor) as connection:
        page = notice.page(connection, recipients, after=cursor, limit=limit)
        words = [value for row in page.rows for value in row["values"].values() if isinstance(value, str)]
        texts = text.bodies(connection, words)
    shown = []
    for row in page.rows:
        written = letter(row["template"], row["values"] | {"case": row["case"], "at": row["at"]}, texts)
        shown.append({**row, "subject": written.subject, "body": written.body})
    return {"notices": shown, "next": page.next}


@router.get(f"{V1}/incidents", response_model=Incidents, responses=problems())
def incidents(request: Request, caller: Admitted, before: Before = None, limit: Limit = 50) -> dict[str, Any]:
    """What was put before ops; newest first."""
    with reading(service(request).engine, caller.actor) as connection:
        rows = [dict(row) for row in notice.incidents(connection, before=before, limit=limit)]
    return {"incidents": rows, "next": rows[-1]["id"] if len(rows) == limit else None}
