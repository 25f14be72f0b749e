"""A subject with many violations of this year, written as rows: what commits would leave, in a second."""

from dataclasses import asdict, dataclass
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
    its = _Subject(kind, subject, timeline.at_the_act(REGION, NOW) or "", timeline.now(REGION, NOW))
    step = (NOW - FIRST - timedelta(days=1)) / size
    acts = [Act(f"{subject}.{n}.1", FIRST + step * n, n, level=1) for n in range(size)]
    scheme = its.rules.must_count(kind)
    bounds, booked = scheme.bounds_of(CreatorClass.STANDARD), price(scheme, acts)
    after = balances(bounds.start, scheme.floor, bounds.cap, booked)
    priced = list(zip(acts, booked, strict=True))
    connection.execute(sa.insert(cases), [its.case(act) for act in acts])
    connection.execute(sa.insert(verdicts), [its.verdict(act) for act in acts])
    connection.execute(sa.insert(violations), [its.violation(act, points) for act, points in priced])
    booking = zip(priced, [bounds.start, *after], after, strict=False)
    connection.execute(
        sa.insert(lines),
        [its.line(n, act, points, old, new) for n, ((act, points), old, new) in enumerate(booking, 1)],
    )
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


@dataclass(frozen=True)
class _Subject:
    """Whose violations they are, and the rows of one act."""

    kind: SubjectKind
    id: str
    digest: str
    rules: Policy

    @property
    def agency(self) -> str:
        return self.id if self.kind is SubjectKind.AGENCY else f"{self.id}.agency"

    def case(self, act: Act) -> dict[str, Any]:
        case = Case(
            id=_case(act),
            kind=Kind.REPORT,
            rulebook=self.digest,
            region=REGION,
            region_source="declared",
            filed_by=PLATFORM,
            filed_role=Role.PLATFORM,
            filed_agency=None,
            filed_side=Side.REPORTER,
            filed_at=act.occurred,
            of_case=None,
            clause=CLAUSES[self.kind],
            severity=None,
            occurred_at=act.occurred,
            text=TEXT,
            about=[],
            respondent=self.id,
            subject=self.id,
            agency=self.agency,
            agent=None,
            moved_at=act.occurred,
            status=Status.CLOSED,
            outcome=Outcome.WINDOW_OVER,
            version=1,
            finding=Finding.VIOLATION,
        )
        return asdict(case)

    def verdict(self, act: Act) -> dict[str, Any]:
        return {
            "id": act.id,
            "case": _case(act),
            "number": 1,
            "standing": Validity.IN_FORCE,
            "finding": Finding.VIOLATION,
            "clause": CLAUSES[self.kind],
            "severity": Severity.MILD,
            "extra": 0,
            "reasons": TEXT,
            "decided_by": "sam",
            "decided_at": act.occurred,
        }

    def violation(self, act: Act, points: int) -> dict[str, Any]:
        _, scheme, period = self._account(act)
        creator = self.kind is SubjectKind.CREATOR
        return {
            "id": act.id,
            "case": _case(act),
            "subject": self.id,
            "scheme": scheme,
            "period": period,
            "clause": CLAUSES[self.kind],
            "occurred_at": act.occurred,
            "decided_at": act.occurred,
            "severity": act.severity,
            "extra": 0,
            "class": CreatorClass.STANDARD if creator else None,
            "level": 1 if creator else None,
            "followers": 0 if creator else None,
            "average_viewers": 0 if creator else None,
            "agency": self.agency,
            "stands": True,
            "price": points,
            "rulebook": self.digest,
        }

    def line(self, number: int, act: Act, points: int, before: int, after: int) -> dict[str, Any]:
        return ledger.line(
            self._account(act),
            number,
            act.occurred,
            reason="verdict",
            rule=f"{self.rules.must_count(self.kind).key}.pricing",
            case=_case(act),
            violation=act.id,
            price=points,
            change=after - before,
            balance=after,
        )

    def _account(self, act: Act) -> tuple[str, str, str]:
        scheme = self.rules.must_count(self.kind)
        return self.id, scheme.key, period(scheme.period, act.occurred, self.rules.zone)


def _case(act: Act) -> str:
    return act.id.removesuffix(".1")
