"""The receipt of a case, to take along: what proves later what its record was."""

import json
from dataclasses import asdict

from starlette.responses import Response

from desk.console.visit import Visit


def give(visit: Visit) -> Response:
    """The receipt, as the API answers it."""
    found = visit.desk.receipts.of(visit.actor, visit.named("case"))
    named = {"Content-Disposition": f'attachment; filename="receipt-{found.case}.json"'}
    text = json.dumps(asdict(found), ensure_ascii=False, indent=1)
    return Response(f"{text}\n", headers=named, media_type="application/json")
