"""How do agencies and creators stand? Score, ledger, penalties, quota, and the monthly content verdict."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query, Request

from desk.api.admission import Admitted
from desk.api.documents import problems
from desk.api.rules import V1
from desk.api.service import service
from desk.api.shapes.subject import ContentVerdict, Ledger, Penalties, Quota, Subject
from desk.api.shapes.words import IN_PATH
from desk.tally import Score
from rulebook.terms import PenaltyKind

router = APIRouter(tags=["subjects"])
SubjectId = Annotated[str, Path(min_length=1, max_length=200, pattern=IN_PATH, examples=["lotus"])]
Period = Annotated[str | None, Query(pattern="^([0-9]{4}|life)$", description="Default: the current one.")]
Before = Annotated[int | None, Query(ge=1, le=2**31 - 1, description="The `next` of the page before.")]
Limit = Annotated[int, Query(ge=1, le=100)]
Month = Annotated[str, Path(pattern=r"^(19|20)[0-9]{2}-(0[1-9]|1[0-2])$", examples=["2026-03"])]

_WHY = {
    "verdict": "A violation was found.",
    "overturned": "An appeal overturned the violation.",
    "modified": "An appeal made the violation milder.",
    "repriced": "The others of the period were priced again.",
    "recovered": "Clean days gave points back.",
    "recovery_lost": "The days were not clean after all.",
    "class_changed": "Another class starts and ends its score elsewhere.",
}
# So many penalties in force stand beside a score; the list of penalties has the rest.
_MOST = 100


@router.get(f"{V1}/subjects/{{subject}}", response_model=Subject, responses=problems(404))
def show(request: Request, caller: Admitted, subject: SubjectId, period: Period = None) -> dict[str, Any]:
    """A subject's score, and the penalties in force."""
    found = service(request).sheets.show(caller.actor, subject, period, most=_MOST)
    one, score = found.subject, found.score
    facts = {"id": one.id, "kind": one.kind, "region": one.region, "score": score.points, "cap": score.cap}
    return {**facts, **_of(score), "penalties": found.penalties}


@router.get(f"{V1}/subjects/{{subject}}/ledger", response_model=Ledger, responses=problems(404))
def ledger(
    request: Request,
    caller: Admitted,
    subject: SubjectId,
    period: Period = None,
    before: Before = None,
    limit: Limit = 50,
) -> dict[str, Any]:
    """The lines that led to the score, newest first."""
    found = service(request).sheets.ledger(caller.actor, subject, period, before=before, limit=limit)
    lines = [{**line, "what": _what(line), "why": _WHY[line["reason"]]} for line in found.lines]
    return {"subject": subject, **_of(found.score), "lines": lines, "next": found.next}


@router.get(f"{V1}/subjects/{{subject}}/penalties", response_model=Penalties, responses=problems(404))
def penalties(
    request: Request,
    caller: Admitted,
    subject: SubjectId,
    kind: PenaltyKind | None = None,
    state: Literal["in_force", "past"] | None = None,
    before: Before = None,
    limit: Limit = 50,
) -> dict[str, Any]:
    """The subject's penalties by kind, in force or past, newest first."""
    in_force = None if state is None else state == "in_force"
    found = service(request).sheets.penalties(
        caller.actor, subject, kind=kind, in_force=in_force, before=before, limit=limit
    )  # fmt: skip
    return {"subject": subject, "penalties": found.penalties, "next": found.next}


@router.get(f"{V1}/subjects/{{subject}}/quota", response_model=Quota, responses=problems(404))
def quota(request: Request, caller: Admitted, subject: SubjectId) -> dict[str, Any]:
    """What an agency has left of its reports this month, and when the next month opens."""
    return asdict(service(request).sheets.quota(caller.actor, subject))


@router.get(
    f"{V1}/subjects/{{subject}}/content-verdicts/{{month}}", response_model=ContentVerdict, responses=problems(404)
)
def content_verdict(request: Request, caller: Admitted, subject: SubjectId, month: Month) -> dict[str, Any]:
    """An agency's content verdict of a month: its creators' violations, and what became of them."""
    found = service(request).sheets.content(caller.actor, subject, month)
    lines = [{**line, "creator": line["subject"], "policy": _policy(line)} for line in found.lines]
    table = f"{V1}/rulebook/penalties?region={found.agency.region}"
    return {"agency": subject, "month": month, "lines": lines, "penalty_table": table}


def _of(score: Score) -> dict[str, Any]:
    return {"scheme": score.scheme, "period": score.period}


def _what(line: Mapping[str, Any]) -> str:
    if line["clause"]:
        return f"Violation of {line['clause']} ({line['severity']})"
    return f"Clean days up to {line['day']}" if line["day"] else "Start and highest score"


def _policy(line: Mapping[str, Any]) -> str:
    return f"{V1}/rulebook/clauses?region={line['region']}&version={line['rulebook']}&key={line['clause']}"
