"""What did an agency, its agents and its creators violate, and what became of it (`docs/domain.md` §2.7)?"""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from rulebook.terms import PenaltyKind, SubjectKind
from states.situation import Actor
from states.terms import LEADS, STAFF, Role
from store import cursor
from store.cursor import Page
from store.party import Subject
from store.penalty import in_force_at
from store.schema.cases import cases
from store.schema.parties import subjects
from store.schema.scores import penalties
from store.schema.verdicts import verdicts, violations
from store.sight import charged

# A year or a month.
PERIOD = re.compile(r"(19|20)[0-9]{2}(-(0[1-9]|1[0-2]))?")
_LATER = verdicts.alias("later")
_CHARGED = subjects.alias("charged")
_REPLACED = sa.exists().where(_LATER.c.case == verdicts.c.case, _LATER.c.number > verdicts.c.number)
_WHO = sa.case(
    (subjects.c.kind == SubjectKind.CREATOR, "creator"), (cases.c.respondent != violations.c.subject, "agent"),
    else_="agency",
)  # fmt: skip
# What a creator's violation costs the agency is a row of its own (§2.9), which is not counted here.
_VIOLATIONS = (
    sa.select(
        violations,
        cases.c.outcome,
        cases.c.status,
        cases.c.region,
        cases.c.respondent,
        verdicts.c.standing,
        _WHO.label("who"),
        _REPLACED.label("replaced"),
    )
    .join(cases, cases.c.id == violations.c.case)
    .join(subjects, subjects.c.id == violations.c.subject)
    .join(verdicts, verdicts.c.id == violations.c.verdict)
    .where(violations.c.origin.is_(None))
)
_BROUGHT = sa.select(penalties, _CHARGED.c.region).join(_CHARGED, _CHARGED.c.id == penalties.c.subject)


class Who(StrEnum):
    """Who a violation was found against."""

    AGENCY = "agency"
    AGENT = "agent"
    CREATOR = "creator"


@dataclass(frozen=True)
class Filter:
    """Which violations: against `who`, or one by `name`; that brought a penalty of a `kind`; that happened in a time.

    The time is from `since` to before `until`.
    """

    kind: PenaltyKind | None = None
    who: Who | None = None
    name: str | None = None
    since: datetime | None = None
    until: datetime | None = None


ANY = Filter()


def page(
    connection: Connection,
    actor: Actor | None,
    subject: Subject,
    at: datetime,
    wanted: Filter,
    after: str | None = None,
    limit: int = 50,
) -> Page:
    """A page of the violations charged to a subject, an agency's with those of its agents and creators; newest first.

    A party reads those of cases that it sees as respondent; with None as actor all are read. A row has the violation,
    its case's `outcome`, `status`, `region` and `respondent`, its verdict's `standing`, against `who` it was found,
    whether a later verdict of the case `replaced` it, and its `penalties`, each with its subject's `region` and whether
    it is `in_force`.

    Raises:
        RefusedError: `invalid`; field `cursor` or `limit`.
    """
    own = violations.c.agency if subject.kind is SubjectKind.AGENCY else violations.c.subject
    found = _VIOLATIONS.where(own == subject.id, *_filters(actor, at, wanted))
    shown = cursor.newest_first(connection, found, violations.c.occurred_at, violations.c.id, after, limit)
    brought = _brought(connection, actor, at, [row["case"] for row in shown.rows])
    rows = [{**row, "penalties": [one for one in brought if _by(row, one)]} for row in shown.rows]
    return Page(rows, shown.next)


def content(connection: Connection, actor: Actor | None, agency: str, at: datetime, wanted: Filter) -> list[Any]:
    """The violations of the agency's creators as `page` has them, in order; without what they cost the agency."""
    found = _VIOLATIONS.where(violations.c.agency == agency, *_filters(actor, at, wanted))
    rows = list(connection.execute(found.order_by(violations.c.occurred_at, violations.c.number)).mappings())
    brought = _brought(connection, actor, at, [row["case"] for row in rows])
    return [{**row, "penalties": [one for one in brought if _by(row, one) and _of_creator(row, one)]} for row in rows]


def _filters(actor: Actor | None, at: datetime, wanted: Filter) -> Iterator[sa.ColumnElement[bool]]:
    if actor is not None and actor.role not in {*STAFF, Role.PLATFORM}:
        yield charged(actor, at)
    if wanted.since is not None:
        yield violations.c.occurred_at >= wanted.since
    if wanted.until is not None:
        yield violations.c.occurred_at < wanted.until
    if wanted.who is not None:
        yield _WHO.is_not_distinct_from(wanted.who.value)
    if wanted.name is not None:
        yield sa.or_(cases.c.respondent == wanted.name, violations.c.agent == wanted.name)
    if wanted.kind is not None:
        of_kind = sa.select(1).where(penalties.c.case == violations.c.case, penalties.c.kind == wanted.kind)
        yield sa.exists(of_kind.where(*_readable(actor)))


def _readable(actor: Actor | None) -> Iterator[sa.ColumnElement[bool]]:
    """Of the penalties of a case: what a creator's violation brought the agency's score is for leads (§2.9)."""
    if actor is not None and actor.role not in {*STAFF, *LEADS, Role.PLATFORM}:
        own = sa.select(cases.c.subject).where(cases.c.id == penalties.c.case).scalar_subquery()
        yield sa.or_(penalties.c.subject == own, penalties.c.kind == PenaltyKind.ADDITIONAL)


def _brought(connection: Connection, actor: Actor | None, at: datetime, of: Collection[str]) -> list[sa.RowMapping]:
    found = _BROUGHT.add_columns(in_force_at(at).label("in_force")).where(penalties.c.case.in_(of), *_readable(actor))
    return list(connection.execute(found.order_by(penalties.c.id)).mappings())


def _by(violation: Any, penalty: sa.RowMapping) -> bool:
    """Whether the violation brought the penalty; a score penalty, by the commits from its verdict to the next one."""
    if penalty["violation"] is not None:
        return bool(penalty["violation"] == violation["id"])
    if violation["case"] != penalty["case"]:
        return False
    later = penalty["starts_at"] > violation["decided_at"]
    return penalty["starts_at"] == violation["decided_at"] or (later and not violation["replaced"])


def _of_creator(violation: Any, penalty: sa.RowMapping) -> bool:
    return penalty["kind"] == PenaltyKind.ADDITIONAL or bool(penalty["subject"] == violation["subject"])
