"""A case as its reader may see it: facts, timeline, and whether it can be appealed."""

from dataclasses import asdict
from typing import Any

from fastapi import APIRouter, Request, Response

from desk.api.admission import Admitted
from desk.api.openapi.document import problems
from desk.api.route import Route
from desk.api.routes.moves import CaseId
from desk.api.rules import V1
from desk.api.shapes.case import AppealAnswer, Case, Evidence, File, Receipt, Timeline
from desk.reading.dossier import Dossier
from desk.reading.redaction import Entry
from desk.service import service
from states.appealable import Appealable
from store.evidence import File as Brought

router = APIRouter(route_class=Route, tags=["cases"])


@router.get(
    f"{V1}/cases/{{case}}", response_model=Case, response_model_exclude_unset=True, responses=problems(404)
)  # fmt: skip
def show(request: Request, caller: Admitted, case: CaseId, response: Response) -> dict[str, Any]:
    """A case, with what you can do now."""
    seen = service(request).dossiers.open(caller.actor, case)
    response.headers["ETag"] = f'"{seen.case["version"]}"'
    return told(seen)


def named(facts: dict[str, Any]) -> dict[str, Any]:
    """What is read of a case's row, by the names of answers."""
    return {"of" if name == "of_case" else name: value for name, value in facts.items()}


def told(seen: Dossier) -> dict[str, Any]:
    """A case as it is answered."""
    facts = named(seen.case)
    facts |= {"allowed": seen.offered.allowed, "appeals": seen.appeals}
    facts |= {"evidence": [_file(file) for file in seen.evidence]}
    facts |= {"again": seen.again, "filed_again": seen.filed_again}
    facts |= {"summary": seen.summary} if seen.summary is not None else {}
    facts |= {"likely_duplicates": [asdict(one) for one in seen.alike]} if seen.alike is not None else {}
    if seen.offered.appeal is not None:
        facts["appeal"] = _answer(seen.offered.appeal)
    return facts


@router.get(
    f"{V1}/cases/{{case}}/timeline",
    response_model=Timeline,
    response_model_exclude_unset=True,
    responses=problems(404),
)
def timeline(request: Request, caller: Admitted, case: CaseId) -> dict[str, Any]:
    """What happened, line by line, with the words that are yours to read."""
    return timeline_of(case, service(request).dossiers.timeline(caller.actor, case))


def timeline_of(case: str, timeline: list[Entry]) -> dict[str, Any]:
    """A timeline as it is answered."""
    entries = [{name: value for name, value in vars(entry).items() if value is not None} for entry in timeline]
    return {"case": case, "entries": entries}


@router.get(f"{V1}/cases/{{case}}/evidence", response_model=Evidence, responses=problems(404))
def evidence(request: Request, caller: Admitted, case: CaseId) -> dict[str, Any]:
    """The files that were brought, and are yours to see."""
    return {"case": case, "evidence": [_file(one) for one in service(request).dossiers.evidence(caller.actor, case)]}


@router.get(f"{V1}/cases/{{case}}/appeal", response_model=AppealAnswer, responses=problems(404))
def appealable(request: Request, caller: Admitted, case: CaseId) -> dict[str, Any]:
    """Can you appeal it, why, and until when?"""
    return _answer(service(request).dossiers.appealable(caller.actor, case))


@router.get(f"{V1}/cases/{{case}}/receipt", response_model=Receipt, responses=problems(404))
def receipt(request: Request, caller: Admitted, case: CaseId) -> dict[str, Any]:
    """What proves later that the case's record was as it is: its way to the root of a signed checkpoint."""
    return asdict(service(request).receipts.of(caller.actor, case))


def _file(file: Brought) -> dict[str, Any]:
    return {name: getattr(file, name) for name in File.model_fields}


def _answer(found: Appealable) -> dict[str, Any]:
    return {"appeal": found.answer, "reason": found.reason, "until": found.until}
