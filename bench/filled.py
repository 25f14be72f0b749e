"""A subject with many violations of this year, written as rows: what commits would leave, in a second."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from activities.install import PLATFORM
from activities.rulebooks import Rulebooks
from rulebook.calendar import period
from rulebook.policy import Policy
from rulebook.score import Act, balances, price
from rulebook.terms import CreatorClass, Severity, SubjectKind
from states.terms import Finding, Kind, Outcome, Role, Side, Status
from store import feed, ledger, seal
from store.case import Case
from store.party import Profile
from store.schema.cases import cases
from store.schema.scores import ledger as lines
from store.schema.verdicts import Validity, verdicts, violations

REGION = "VN"
CLAUSES = {SubjectKind.AGENCY: "agency.poaching", SubjectKind.CREATOR: "content.vulgar"}
STREAMED = 300
FIRST = datetime.fromisoformat("2026-01-01T06:00:00+00:00")
NOW = datetime.fromisoformat("2026-11-01T06:00:00+00:00")
TEXT = "text"


def fill(connection: Connection, kind: SubjectKind, subject: str, size: int) -> None:
    """A subject with so many violations of this year, and the ledger that they make; a creator streamed too."""
    _enter(connection, kind, subject)
    timeline = Rulebooks().timeline(connection)
    digest, rules = timeline.at_the_act(REGION, NOW), timeline.now(REGION, NOW)
    step = (NOW - FIRST - timedelta(days=1)) / size
    acts = [Act(f"{subject}.{n}.1", FIRST + step * n, n, level=1) for n in range(size)]
    booked = price(rules.scheme_of(kind), acts)
    closed = [_case(kind, subject, act, digest or "") for act in acts]
    connection.execute(sa.insert(cases), closed)
    connection.execute(sa.insert(verdicts), [_verdict(kind, case, act) for case, act in zip(closed, acts, strict=True)])
    connection.execute(sa.insert(violations), _violations(kind, subject, closed, acts, booked, rules))
    connection.execute(sa.insert(lines), _ledger(kind, subject, closed, acts, booked, rules))
    seal.forget(connection)


def _enter(connection: Connection, kind: SubjectKind, subject: str) -> None:
    if kind is SubjectKind.AGENCY:
        feed.agency(connection, subject, REGION)
        return
    feed.agency(connection, f"{subject}.agency", REGION)
    feed.creator(connection, subject, REGION, Profile(CreatorClass.STANDARD, 1, 0, 0))
    feed.management(connection, subject, f"{subject}.agency", None)
    for number in range(STREAMED):
        feed.streamed(connection, subject, (FIRST + timedelta(days=number)).date(), Decimal(3))


def _case(kind: SubjectKind, subject: str, act: Act, digest: str) -> dict[str, Any]:
    case = Case(
        id=act.id.removesuffix(".1"),
        kind=Kind.REPORT,
        rulebook=digest,
        region=REGION,
        region_source="declared",
        filed_by=PLATFORM,
        filed_role=Role.PLATFORM,
        filed_agency=None,
        filed_side=Side.REPORTER,
        filed_at=act.occurred,
        of_case=None,
        clause=CLAUSES[kind],
        severity=None,
        occurred_at=act.occurred,
        text=TEXT,
        about=[],
        respondent=subject,
        subject=subject,
        agency=_agency(kind, subject),
        agent=None,
        moved_at=act.occurred,
        status=Status.CLOSED,
        outcome=Outcome.WINDOW_OVER,
        version=1,
        finding=Finding.VIOLATION,
    )
    return asdict(case)


def _verdict(kind: SubjectKind, case: dict[str, Any], act: Act) -> dict[str, Any]:
    return {
        "id": act.id,
        "case": case["id"],
        "number": 1,
        "standing": Validity.IN_FORCE,
        "finding": Finding.VIOLATION,
        "clause": CLAUSES[kind],
        "severity": Severity.MILD,
        "extra": 0,
        "reasons": TEXT,
        "decided_by": "sam",
        "decided_at": act.occurred,
    }


def _violations(
    kind: SubjectKind,
    subject: str,
    closed: Sequence[dict[str, Any]],
    acts: Sequence[Act],
    booked: Sequence[int],
    rules: Policy,
) -> list[dict[str, Any]]:
    scheme, creator = rules.scheme_of(kind), kind is SubjectKind.CREATOR
    return [
        {
            "id": act.id,
            "case": case["id"],
            "subject": subject,
            "scheme": scheme.key,
            "period": period(scheme.period, act.occurred, rules.zone),
            "clause": CLAUSES[kind],
            "occurred_at": act.occurred,
            "decided_at": act.occurred,
            "severity": act.severity,
            "extra": 0,
            "class": CreatorClass.STANDARD if creator else None,
            "level": 1 if creator else None,
            "followers": 0 if creator else None,
            "average_viewers": 0 if creator else None,
            "agency": _agency(kind, subject),
            "stands": True,
            "price": points,
            "rulebook": case["rulebook"],
        }
        for case, act, points in zip(closed, acts, booked, strict=True)
    ]


def _ledger(
    kind: SubjectKind,
    subject: str,
    closed: Sequence[dict[str, Any]],
    acts: Sequence[Act],
    booked: Sequence[int],
    rules: Policy,
) -> list[dict[str, Any]]:
    scheme = rules.scheme_of(kind)
    bounds = scheme.bounds_of(CreatorClass.STANDARD)
    after = balances(bounds.start, scheme.floor, bounds.cap, booked)
    before = [bounds.start, *after]
    return [
        ledger.line(
            (subject, scheme.key, period(scheme.period, act.occurred, rules.zone)),
            number + 1,
            act.occurred,
            reason="verdict",
            rule=f"{scheme.key}.pricing",
            case=case["id"],
            violation=act.id,
            price=booked[number],
            change=after[number] - before[number],
            balance=after[number],
        )
        for number, (case, act) in enumerate(zip(closed, acts, strict=True))
    ]


def _agency(kind: SubjectKind, subject: str) -> str:
    return subject if kind is SubjectKind.AGENCY else f"{subject}.agency"
