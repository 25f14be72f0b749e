"""All that a page about a case or a subject shows, in one answer of one moment."""

from dataclasses import asdict
from typing import Any

from fastapi import APIRouter, Request, Response

from desk.api.admission import Admitted
from desk.api.language import Speaking
from desk.api.openapi.document import problems
from desk.api.route import Route
from desk.api.routes.cases import timeline_of, told
from desk.api.routes.moves import CaseId, moves_of
from desk.api.routes.rulebook import clause_of
from desk.api.routes.subjects import SubjectId, ledger_of, sheet_of, verdicts_of
from desk.api.rules import V1
from desk.api.shapes.overview import CaseOverview, SubjectOverview
from desk.reading.dossier import Dossier
from desk.reading.subject import Account
from desk.service import service
from desk.words import Words
from store.cursor import Page

router = APIRouter(route_class=Route)


@router.get(
    f"{V1}/cases/{{case}}/overview",
    response_model=CaseOverview,
    response_model_exclude_unset=True,
    responses=problems(404),
    tags=["cases"],
)
def of_case(request: Request, caller: Admitted, case: CaseId, words: Speaking, response: Response) -> dict[str, Any]:
    """A case with all that one needs to know to work on it."""
    found = service(request).overviews.case(caller.actor, case)
    version = found.dossier.case["version"]
    response.headers["ETag"] = f'"{version}"'
    return {
        **_pair(found.dossier),
        "moves": moves_of(case, version, found.dossier.offered, words),
        "clause": clause_of(found.clause, words),
        "beside": _pair(found.beside) if found.beside else None,
        **_account(found.account, words),
        "open": _page(found.open),
    }


@router.get(
    f"{V1}/subjects/{{subject}}/overview",
    response_model=SubjectOverview,
    response_model_exclude_unset=True,
    responses=problems(404),
    tags=["subjects"],
)
def of_subject(request: Request, caller: Admitted, subject: SubjectId, words: Speaking) -> dict[str, Any]:
    """A subject's score with what is in force, what is open, and what was found before."""
    found = service(request).overviews.subject(caller.actor, subject)
    return {
        "id": subject,
        **_account(found.account, words),
        "open": _page(found.open),
        "verdicts": verdicts_of(found.verdicts, words) if found.verdicts else None,
        "quota": asdict(found.quota) if found.quota else None,
    }


def _pair(seen: Dossier) -> dict[str, Any]:
    return {"case": told(seen), "timeline": timeline_of(seen.case["id"], seen.timeline)}


def _account(found: Account | None, words: Words) -> dict[str, Any]:
    if found is None:
        return {"subject": None, "ledger": None}
    return {"subject": sheet_of(found.sheet, words), "ledger": ledger_of(found.ledger, words)}


def _page(found: Page) -> dict[str, Any]:
    return {"cases": found.rows, "next": found.next}
