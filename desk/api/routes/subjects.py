"""How do agencies and creators stand? Score, ledger, penalties, quota, and the monthly content verdict."""

from dataclasses import asdict
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query, Request
from sqlalchemy import Connection, RowMapping

from desk.api.admission import Admitted
from desk.api.documents import problems
from desk.api.rules import V1
from desk.api.service import Service, service
from desk.api.shapes.subject import ContentVerdict, Ledger, Penalties, Quota, Subject
from desk.api.shapes.words import IN_PATH
from desk.inquiry import Score
from rulebook import calendar
from rulebook.calendar import LIFE
from rulebook.terms import PenaltyKind
from states.situation import Actor
from states.terms import Code, Outcome, RefusedError, Status
from store import history, party, policy
from store.belt import reading

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
}
_DECIDED = {Outcome.UPHELD, Outcome.OVERTURNED, Outcome.MODIFIED}


@router.get(f"{V1}/subjects/{{subject}}", response_model=Subject, responses=problems(404))
def show(request: Request, caller: Admitted, subject: SubjectId, period: Period = None) -> dict[str, Any]:
    """A subject's score, and the penalties in force."""
    desk = service(request)
    _must_see(desk, caller.actor, subject)
    found = _score(desk, subject, period)
    with reading(desk.engine, caller.actor, desk.now()) as connection:
        one = party.subject(connection, subject)
        rows = history.penalties_of(connection, subject, at=desk.now(), now=True, limit=100)
        shown = [_penalty(desk, connection, row, one.region if one else "") for row in rows]
    kind, region = (one.kind, one.region) if one else (None, None)
    facts = {"scheme": found.scheme, "period": found.period, "score": found.points, "cap": found.cap}
    return {"id": subject, "kind": kind, "region": region, "penalties": shown} | facts


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
    desk = service(request)
    _must_see(desk, caller.actor, subject)
    found = _score(desk, subject, period)
    with reading(desk.engine, caller.actor, desk.now()) as connection:
        rows = history.ledger_of(connection, subject, found.scheme, found.period, before=before, limit=limit)
    next_ = rows[-1]["number"] if len(rows) == limit else None
    facts = {"subject": subject, "scheme": found.scheme, "period": found.period}
    return facts | {"lines": [_line(row) for row in rows], "next": next_}


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
    desk = service(request)
    _must_see(desk, caller.actor, subject)
    now = None if state is None else state == "in_force"
    with reading(desk.engine, caller.actor, desk.now()) as connection:
        one = party.subject(connection, subject)
        rows = history.penalties_of(
            connection, subject, at=desk.now(), kind=kind, now=now, before=before, limit=limit
        )  # fmt: skip
        shown = [_penalty(desk, connection, row, one.region if one else "") for row in rows]
    return {"subject": subject, "penalties": shown, "next": rows[-1]["number"] if len(rows) == limit else None}


@router.get(f"{V1}/subjects/{{subject}}/quota", response_model=Quota, responses=problems(404))
def quota(request: Request, caller: Admitted, subject: SubjectId) -> dict[str, Any]:
    """What an agency has left of its reports this month, and when the next month opens."""
    desk = service(request)
    _must_see(desk, caller.actor, subject)
    return asdict(desk.inquiry.quota(subject))


@router.get(
    f"{V1}/subjects/{{subject}}/content-verdicts/{{month}}", response_model=ContentVerdict, responses=problems(404)
)
def content_verdict(request: Request, caller: Admitted, subject: SubjectId, month: Month) -> dict[str, Any]:
    """An agency's content verdict of a month: its creators' violations, and what became of them."""
    desk = service(request)
    _must_see(desk, caller.actor, subject)
    desk.inquiry.quota(subject)  # only an agency has one
    with reading(desk.engine, caller.actor, desk.now()) as connection:
        one, digest = party.subject(connection, subject), policy.in_force(connection, desk.now())
        if one is None or digest is None:
            raise RefusedError(Code.NOT_FOUND, f"There is no agency {subject}.", "subject")
        since, until = calendar.month_bounds(month, desk.books.policy(connection, digest, one.region).zone)
        found = history.content_violations(connection, subject, since, until)
        lines = [_content(desk, connection, row, brought) for row, brought in found]
    table = f"{V1}/rulebook/penalties?region={one.region}"
    return {"agency": subject, "month": month, "lines": lines, "penalty_table": table}


def _must_see(desk: Service, actor: Actor, subject: str) -> None:
    if not desk.inquiry.sees_subject(actor, subject):
        raise RefusedError(Code.NOT_FOUND, f"There is no agency or creator {subject}.", "subject")


def _score(desk: Service, subject: str, period: str | None) -> Score:
    now = desk.inquiry.score(subject)
    if period is None or period == now.period:
        return now
    if LIFE in {period, now.period}:
        raise RefusedError(Code.NOT_FOUND, f"{subject} has no score of the period {period}.", "period")
    return desk.inquiry.score(subject, period)


def _penalty(desk: Service, connection: Connection, row: RowMapping, region: str) -> dict[str, Any]:
    terms = desk.books.policy(connection, row["rulebook"], region).penalties[row["key"]]
    return {**row, "text": terms.text, "restrictions": sorted(terms.restrictions)}


def _line(row: RowMapping) -> dict[str, Any]:
    what = f"Violation of {row['clause']} ({row['severity']})" if row["clause"] else f"Clean days up to {row['day']}"
    return {**row, "what": what, "why": _WHY[row["reason"]]}


def _content(desk: Service, connection: Connection, row: RowMapping, brought: list[str]) -> dict[str, Any]:
    clause = desk.books.policy(connection, row["rulebook"], row["region"]).clauses[row["clause"]]
    appeal = row["outcome"] if row["outcome"] in _DECIDED else "none"
    if row["status"] == Status.UNDER_APPEAL:
        appeal = Status.UNDER_APPEAL.value
    link = f"{V1}/rulebook/clauses?region={row['region']}&version={row['rulebook']}&key={row['clause']}"
    facts = {"creator": row["subject"], "title": clause.title, "penalties": brought, "appeal": appeal, "policy": link}
    return {**row} | facts
