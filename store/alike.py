"""Which reports may be about the same act? For reviewers, who decide whether one is a duplicate."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from states.situation import Actor
from states.terms import Kind, Outcome, Status
from store.case import Case
from store.schema.cases import cases
from store.schema.metadata import Instant
from store.sight import AT, visible

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
    its = {"case_id": case.id, "respondent": case.respondent, "clause": case.clause, "about": case.about}
    when = {"occurred": case.occurred_at, "since": case.occurred_at - NEAR, "until": case.occurred_at + NEAR, "at": at}
    return [Alike(**row) for row in connection.execute(_alike(actor), its | when).mappings()]


@lru_cache(256)
def _alike(actor: Actor) -> sa.Select[Any]:
    here, what = cases.c, sa.bindparam
    return (
        sa.select(here.id, here.status, here.outcome, here.clause, here.occurred_at, here.about)
        .where(
            here.kind == Kind.REPORT,
            here.respondent == what("respondent"),
            here.occurred_at.between(what("since"), what("until")),
            sa.or_(here.clause == what("clause"), here.about.overlap(what("about"))),
            sa.or_(here.outcome.is_(None), here.outcome.not_in(_OF_NO_ACT)),
            here.id != what("case_id"),
            visible(actor, AT),
        )
        .order_by(sa.func.abs(sa.extract("epoch", here.occurred_at - what("occurred", type_=Instant))), here.id)
        .limit(MOST)
    )
