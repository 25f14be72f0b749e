"""How is a case's row read and written? The commit locks it, moves it in memory, and saves what changed."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy import Connection

from rulebook.terms import ORDINARY, Severity
from states.sight import Resource, sees
from states.situation import Actor
from states.terms import Finding, Kind, Outcome, Role, Side, Status
from store import seal
from store.schema.cases import cases
from store.sight import facts


@dataclass
class Case:
    """A case's row; the columns are explained in `store/schema/cases.py`."""

    id: str
    kind: Kind
    rulebook: str
    region: str
    region_source: str
    filed_by: str
    filed_role: Role
    filed_agency: str | None
    filed_side: Side
    filed_at: datetime
    of_case: str | None
    clause: str
    severity: Severity | None
    occurred_at: datetime
    text: str
    about: list[str]
    respondent: str
    subject: str
    agency: str | None
    agent: str | None
    moved_at: datetime
    status: Status = Status.NEW
    outcome: Outcome | None = None
    version: int = 0
    deadline_at: datetime | None = None
    stirred: bool = False
    claimed_by: str | None = None
    ever_claimed: bool = False
    escalated: bool = False
    asked: Side | None = None
    asked_at: datetime | None = None
    finding: Finding | None = None
    proposer: str | None = None
    deciders: list[str] = field(default_factory=list)
    barred: list[str] = field(default_factory=list)
    lease_until: datetime | None = None
    review_due_at: datetime | None = None
    answer_due_at: datetime | None = None
    approval_due_at: datetime | None = None
    escalated_due_at: datetime | None = None
    window_ends_at: datetime | None = None
    language: str | None = None
    again: str | None = None
    reference: str | None = None
    summarised: str | None = None
    notes: int | None = None
    priority: int = ORDINARY

    def summary(self) -> dict[str, Any]:
        """Status, outcome and version as JSON: for the answer to a command, and for events to receivers of webhooks."""
        return {
            "case": self.id,
            "kind": self.kind,
            "stage": self.status.stage,
            "status": self.status,
            "outcome": self.outcome,
            "version": self.version,
            "at": self.moved_at.isoformat(),
        }

    def dues(self) -> dict[str, datetime | None]:
        """The times that rows of the table may name as `due`."""
        return {name: getattr(self, name) for name in _DUES}


NAMES = tuple(f.name for f in fields(Case))
_DUES = ("lease_until", "review_due_at", "answer_due_at", "approval_due_at", "escalated_due_at", "window_ends_at")
_TYPES = {
    "kind": Kind,
    "status": Status,
    "outcome": Outcome,
    "filed_role": Role,
    "filed_side": Side,
    "asked": Side,
    "finding": Finding,
    "severity": Severity,
}
_READ = sa.select(*(cases.c[name] for name in NAMES)).where(cases.c.id == sa.bindparam("case_id"))
_SEVERAL = sa.select(*(cases.c[name] for name in NAMES)).where(cases.c.id.in_(sa.bindparam("ids", expanding=True)))
# An appeal's report first, then the appeal: in one order always, so that two commits can't wait for each other.
_LOCK = (
    sa.select(*(cases.c[name] for name in NAMES))
    .where(
        sa.or_(
            cases.c.id == sa.bindparam("case_id"),
            cases.c.id == sa.select(cases.c.of_case).where(cases.c.id == sa.bindparam("case_id")).scalar_subquery(),
        )
    )
    .order_by(cases.c.kind.desc())
    .with_for_update()
)
_STIRRED = sa.select(cases.c.id).where(
    cases.c.stirred, sa.or_(cases.c.id == sa.bindparam("of_case"), cases.c.of_case == sa.bindparam("case_id"))
)
_CLAIMED = (
    sa.select(cases.c.id)
    .where(
        cases.c.region.in_(sa.bindparam("regions", expanding=True)),
        cases.c.status == Status.CLAIMED,
        cases.c.claimed_by == sa.bindparam("claimer"),
    )
    .order_by(cases.c.id)
)
_LIVE_APPEAL = sa.select(cases.c.id).where(cases.c.of_case == sa.bindparam("report"), cases.c.outcome.is_(None))
_APPEALED = sa.select(cases.c.of_case).where(
    cases.c.of_case.in_(sa.bindparam("reports", expanding=True)), cases.c.outcome.is_(None)
)
_RELATED = (
    sa.select(cases.c.id, cases.c.of_case, cases.c.again, cases.c.outcome, *facts(Resource.CASE))
    .where(
        sa.or_(
            cases.c.of_case == sa.bindparam("case_id"),
            cases.c.again == sa.bindparam("case_id"),
            cases.c.id == sa.bindparam("again_"),
        )
    )
    .order_by(cases.c.filed_at, cases.c.id)
)
_FILED_AGAIN = sa.select(cases.c.id).where(cases.c.again == sa.bindparam("report"))
_BY_REFERENCE = sa.select(cases.c.id, cases.c.filed_by).where(cases.c.reference == sa.bindparam("reference"))
_RESPONDENT = sa.select(cases.c.respondent).where(cases.c.id == sa.bindparam("case_id"))
_TOOK_PART = sa.select(cases.c.deciders).where(
    sa.or_(cases.c.id == sa.bindparam("report"), cases.c.of_case == sa.bindparam("report"))
)


def of(row: Mapping[Any, Any]) -> Case:
    """Make a row of `cases`, also of a list, a case."""
    values = {name: row[name] for name in NAMES}
    for name, kind in _TYPES.items():
        if values[name] is not None:
            values[name] = kind(values[name])
    return Case(**values)


def read(connection: Connection, case_id: str) -> Case | None:
    """Give the case as it stands, unlocked."""
    row = connection.execute(_READ, {"case_id": case_id}).mappings().one_or_none()
    return of(row) if row else None


def several(connection: Connection, case_ids: Collection[str]) -> list[Case]:
    """The cases as they stand, unlocked."""
    return [of(row) for row in connection.execute(_SEVERAL, {"ids": sorted(case_ids)}).mappings()]


def lock(connection: Connection, case_id: str) -> list[Case]:
    """Lock the case's row for this transaction, and before it that of an appeal's report; give them in this order."""
    return [of(row) for row in connection.execute(_LOCK, {"case_id": case_id}).mappings()]


def live_appeal(connection: Connection, report: str) -> str | None:
    """The appeal against the report that is not closed, if there is one."""
    found: str | None = connection.execute(_LIVE_APPEAL, {"report": report}).scalar()
    return found


def appealed(connection: Connection, reports: Collection[str]) -> frozenset[str]:
    """Those of the reports with an appeal that is not closed."""
    return frozenset(connection.execute(_APPEALED, {"reports": sorted(reports)}).scalars())


def claimed(connection: Connection, person: str, regions: Collection[str]) -> list[str]:
    """The cases of these regions that the person has claimed."""
    return list(connection.execute(_CLAIMED, {"claimer": person, "regions": sorted(regions)}).scalars())


def claimed_by(connection: Connection, person: str) -> list[str]:
    """The cases that the person has claimed, wherever they are."""
    found = sa.select(cases.c.id).where(cases.c.status == Status.CLAIMED, cases.c.claimed_by == person)
    return list(connection.execute(found.order_by(cases.c.id)).scalars())


def by_reference(connection: Connection, reference: str) -> tuple[str, str] | None:
    """The report that was filed under this reference, and by whom, if there is one; it is one for good."""
    found = connection.execute(_BY_REFERENCE, {"reference": reference}).one_or_none()
    return (found.id, found.filed_by) if found else None


def respondent(connection: Connection, case_id: str) -> str | None:
    """Whom a case is against, if there is one."""
    found: str | None = connection.execute(_RESPONDENT, {"case_id": case_id}).scalar()
    return found


def filed_again(connection: Connection, report: str) -> str | None:
    """The report that files this closed one again, if there is one."""
    found: str | None = connection.execute(_FILED_AGAIN, {"report": report}).scalar()
    return found


class Related(NamedTuple):
    """A case's appeals, oldest first; the closed report that it files again, and the one that files it again.

    `live` is the appeal that is not closed, whoever may see it.
    """

    appeals: list[str]
    again: str | None
    filed_again: str | None
    live: str | None


def related(connection: Connection, actor: Actor, case: Case, at: datetime) -> Related:
    """The cases that name this one, or that it names, if the actor sees them; an appeal's report is `of_case`."""
    if case.kind is Kind.APPEAL:  # it is not appealed, nor filed again
        return Related([], None, None, None)
    values = {"case_id": case.id, "again_": case.again, "at": at}
    found = [dict(row) for row in connection.execute(_RELATED, values).mappings()]
    rows = [row for row in found if sees(actor, Resource.CASE, row)]
    return Related(
        appeals=[row["id"] for row in rows if row["of_case"] == case.id],
        again=next((row["id"] for row in rows if row["id"] == case.again), None),
        filed_again=next((row["id"] for row in rows if row["again"] == case.id), None),
        live=next((row["id"] for row in found if row["of_case"] == case.id and row["outcome"] is None), None),
    )


def took_part(connection: Connection, report: Case) -> set[str]:
    """Who had a part in the report: in a verdict, a vote, a set-aside, or an appeal's answer (ruling 18)."""
    rows = connection.execute(_TOOK_PART, {"report": report.id}).scalars()
    return {name for names in rows for name in names}


def stirred_with(connection: Connection, case: Case) -> list[str]:
    """The case's report or appeals that its commits changed, and whose workflows have not read their rows since."""
    rows = connection.execute(_STIRRED, {"case_id": case.id, "of_case": case.of_case})
    return list(rows.scalars())


def save(connection: Connection, case: Case, before: Case | None) -> None:
    """Write the case: a new row, or the columns that differ from `before`."""
    if before is None:
        seal.insert(connection, cases, {name: getattr(case, name) for name in NAMES})
        return
    changed = {n: getattr(case, n) for n in NAMES if getattr(case, n) != getattr(before, n)}
    if changed.keys() - seal.PASSING:
        seal.update(connection, cases, {"id": case.id}, **changed)
    elif changed:
        connection.execute(sa.update(cases).where(cases.c.id == case.id).values(changed))
