"""Agencies and creators: score, ledger, penalties, quota, and the monthly content verdict."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request

from activities.entered import Name
from activities.score.points import Score
from desk.api.admission import Admitted
from desk.api.language import Speaking
from desk.api.openapi.document import problems
from desk.api.route import Route
from desk.api.rules import V1
from desk.api.shapes import subject as shapes
from desk.api.shapes.words import Cursor, InPath, Instant, Limit
from desk.reading.agency import Verdicts
from desk.reading.overview import PENALTIES
from desk.reading.subject import Ledger, Sheet, State
from desk.service import service
from desk.words import Words
from desk.words.ledger import what
from rulebook import calendar
from rulebook.terms import PenaltyKind
from store.history import PERIOD, Who
from store.party import Subject as Party

router = APIRouter(route_class=Route, tags=["subjects"])
SubjectId = Annotated[InPath, Path(examples=["lotus"])]
Period = Annotated[str | None, Query(pattern=f"^({calendar.PERIOD.pattern})$", description="Default: the current one.")]
At = Annotated[
    Instant | None,
    Query(
        description="A time that has been, for ops and auditors. Default: now.", examples=["2026-03-02T02:00:00+00:00"]
    ),
]
YearOrMonth = Annotated[
    str | None, Query(pattern=f"^{PERIOD.pattern}$", description="A year or a month.", examples=["2026-03"])
]
Month = Annotated[str, Path(pattern=f"^{calendar.MONTH.pattern}$", examples=["2026-03"])]


@router.get(f"{V1}/subjects/{{subject}}", response_model=shapes.Subject, responses=problems(404))
def show(
    request: Request, caller: Admitted, subject: SubjectId, words: Speaking, period: Period = None, at: At = None
) -> dict[str, Any]:
    """A subject's score, and the penalties in force: now, or at a time by what was written until then."""
    return sheet_of(service(request).sheets.show(caller.actor, subject, period, most=PENALTIES, at=at), words)


def sheet_of(found: Sheet, words: Words) -> dict[str, Any]:
    """A subject as it is answered."""
    one, score = found.subject, found.score
    facts = {"id": one.id, "kind": one.kind, "region": one.region, "score": score.points, "cap": score.cap}
    facts |= {"on_trial": score.on_trial}
    penalties, counted = ([_penalty(one, words) for one in of] for of in (found.penalties, found.counted))
    return {**facts, **_of(score), **vars(found.standing), "penalties": penalties, "counted": counted}


@router.get(f"{V1}/subjects/{{subject}}/ledger", response_model=shapes.Ledger, responses=problems(404))
def ledger(
    request: Request,
    caller: Admitted,
    subject: SubjectId,
    words: Speaking,
    period: Period = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> dict[str, Any]:
    """The lines that led to the score, newest first."""
    return ledger_of(service(request).sheets.ledger(caller.actor, subject, period, cursor=cursor, limit=limit), words)


def ledger_of(found: Ledger, words: Words) -> dict[str, Any]:
    """A page of a ledger as it is answered."""
    named = words.naming(found.rules.names(words.language))
    lines = [{**line, "what": what(line, named), "why": words.term("why", line["reason"])} for line in found.lines]
    return {"subject": found.score.subject, **_of(found.score), "lines": lines, "next": found.next}


@router.get(f"{V1}/subjects/{{subject}}/penalties", response_model=shapes.Penalties, responses=problems(404))
def penalties(
    request: Request,
    caller: Admitted,
    subject: SubjectId,
    words: Speaking,
    kind: PenaltyKind | None = None,
    state: State | None = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> dict[str, Any]:
    """The subject's penalties by kind, in force, counted on trial, or past, newest first."""
    found = service(request).sheets.penalties(
        caller.actor, subject, kind=kind, state=state, cursor=cursor, limit=limit
    )  # fmt: skip
    shown = [_penalty(one, words) for one in found.penalties]
    return {"subject": subject, "penalties": shown, "next": found.next}


@router.get(f"{V1}/subjects/{{subject}}/quota", response_model=shapes.Quota, responses=problems(404))
def quota(request: Request, caller: Admitted, subject: SubjectId) -> dict[str, Any]:
    """What an agency has left of its reports this month, and when the next month opens."""
    return asdict(service(request).agencies.quota(caller.actor, subject))


@router.get(
    f"{V1}/subjects/{{subject}}/content-verdicts/{{month}}",
    response_model=shapes.ContentVerdict,
    responses=problems(404),
)
def content_verdict(
    request: Request, caller: Admitted, subject: SubjectId, month: Month, words: Speaking
) -> dict[str, Any]:
    """An agency's content verdict of a month: its creators' violations, and what became of them."""
    found = service(request).agencies.content(caller.actor, subject, month)
    lines = [{**_verdict(line, words), "creator": line["subject"]} for line in found.lines]
    return {"agency": subject, "month": month, "lines": lines, "penalty_table": _penalty_table(found.agency)}


@router.get(f"{V1}/subjects/{{subject}}/verdicts", response_model=shapes.Verdicts, responses=problems(404))
def verdicts(
    request: Request,
    caller: Admitted,
    subject: SubjectId,
    words: Speaking,
    kind: PenaltyKind | None = None,
    who: Who | None = None,
    name: Name | None = None,
    period: YearOrMonth = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> dict[str, Any]:
    """The verdict history of an agency with its agents and creators, or of a creator, newest act first.

    By kind of penalty, by whom it was found against, and by year or month.
    """
    found = service(request).agencies.verdicts(
        caller.actor, subject, kind=kind, who=who, name=name, period=period, cursor=cursor, limit=limit
    )  # fmt: skip
    return verdicts_of(found, words)


def verdicts_of(found: Verdicts, words: Words) -> dict[str, Any]:
    """A page of a verdict history as it is answered."""
    lines, one = [_verdict(line, words) for line in found.lines], found.subject
    return {"subject": one.id, "lines": lines, "penalty_table": _penalty_table(one), "next": found.next}


def _penalty_table(subject: Party) -> str:
    return f"{V1}/rulebook/penalties?region={subject.region}"


def _of(score: Score) -> dict[str, Any]:
    return {"scheme": score.scheme, "period": score.period}


def _penalty(row: Mapping[str, Any], words: Words) -> dict[str, Any]:
    return {**row, "text": row["text"].in_language(words.language)}


def _verdict(line: Mapping[str, Any], words: Words) -> dict[str, Any]:
    return {
        **line,
        "title": line["title"].in_language(words.language),
        "policy": _policy(line),
        "penalties": [_penalty(one, words) for one in line["penalties"]],
    }


def _policy(line: Mapping[str, Any]) -> str:
    return f"{V1}/rulebook/clauses?region={line['region']}&version={line['rulebook']}&key={line['clause']}"
