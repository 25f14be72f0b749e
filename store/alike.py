"""Which reports may be about the same act? For reviewers, who decide whether one is a duplicate."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy import Connection

from states.situation import Actor
from states.terms import Kind, Outcome, Status
from store.case import Case
from store.schema.cases import cases
from store.sight import visible

NEAR = timedelta(hours=48)
MOST = 10
_OF_NO_ACT = (Outcome.WITHDRAWN, Outcome.DUPLICATE)


@dataclass(frozen=True)
class Alike:
    """A report that may be about the same act as another."""

    id: str
    status: Status
    outcome: Outcome | None
    clause: str
    occurred_at: datetime
    about: list[str]


def likely_duplicates(connection: Connection, actor: Actor, case: Case, at: datetime) -> list[Alike]:
    """At most ten reports against the same respondent, open or decided, which happened within 48 hours of the case.

    Each is of the same clause or about one of the same creators; the nearest in time come first. An appeal has none.
    """
    if case.kind is Kind.APPEAL:
        return []
    query = (
        sa.select(cases.c.id, cases.c.status, cases.c.outcome, cases.c.clause, cases.c.occurred_at, cases.c.about)
        .where(
            cases.c.kind == Kind.REPORT,
            cases.c.respondent == case.respondent,
            cases.c.occurred_at.between(case.occurred_at - NEAR, case.occurred_at + NEAR),
            sa.or_(cases.c.clause == case.clause, cases.c.about.overlap(case.about)),
            sa.or_(cases.c.outcome.is_(None), cases.c.outcome.not_in(_OF_NO_ACT)),
            cases.c.id != case.id,
            visible(actor, at),
        )
        .order_by(sa.func.abs(sa.extract("epoch", cases.c.occurred_at - case.occurred_at)), cases.c.id)
        .limit(MOST)
    )
    return [Alike(**row) for row in connection.execute(query).mappings()]
