"""What does an auditor read? Whole tables, row by row, and the chains that vouch for them."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import sqlalchemy as sa
from sqlalchemy import Connection, Engine

from store.schema import metadata
from store.schema.cases import cases, quota_slots
from store.schema.checkpoints import checkpoints, leaves
from store.schema.commands import answers
from store.schema.evidence import evidence
from store.schema.identity import preferences, sessions
from store.schema.journal import journal, records
from store.schema.own import drafts, notices_read
from store.schema.parties import subjects
from store.schema.scores import ledger, penalties
from store.schema.standing import standings, tellings
from store.schema.verdicts import verdicts, violations
from store.schema.webhooks import deliveries, webhooks

CHAINS = (journal, records)
# What vouches for the chains; signatures do for it.
VOUCHING = (checkpoints, leaves)
# The desk's own tables, which no chain seals: sessions, what is somebody's own, kept answers, receivers and deliveries.
OF_THE_DESK = (sessions, preferences, drafts, notices_read, answers, webhooks, deliveries)
SEALED = tuple(table for table in metadata.sorted_tables if table not in (*CHAINS, *VOUCHING, *OF_THE_DESK))
_BATCH = 1000
# Whom score penalties hit by no case: a version's wave, at the time of a batch of it.
HIT = (
    sa.select(
        penalties.c.rulebook.label("version"),
        subjects.c.region,
        penalties.c.starts_at.label("at"),
        sa.func.count(penalties.c.subject.distinct()).label("hit"),
    )
    .join(subjects, subjects.c.id == penalties.c.subject)
    .where(penalties.c.kind == "score", penalties.c.case.is_(None), penalties.c.imposed_at.is_(None))
    .group_by(penalties.c.rulebook, subjects.c.region, penalties.c.starts_at)
)
_LIMITS = ("statement_timeout", "idle_in_transaction_session_timeout")
_PATIENT = sa.select(*(sa.func.set_config(limit, "0", True) for limit in _LIMITS))


@contextmanager
def picture(engine: Engine) -> Iterator[Connection]:
    """A snapshot of the whole database (repeatable read), without time limits."""
    with engine.connect().execution_options(isolation_level="REPEATABLE READ") as connection:
        connection.execute(_PATIENT)
        yield connection


@contextmanager
def rows(connection: Connection, query: sa.Select[tuple[object, ...]]) -> Iterator[Iterator[sa.RowMapping]]:
    """The query's rows, fetched in batches as they are read."""
    with connection.execute(query, execution_options={"yield_per": _BATCH}) as result:
        yield result.mappings()


def everything(connection: Connection, query: sa.Select[tuple[object, ...]]) -> list[sa.RowMapping]:
    """The query's rows, all in memory: for few, or where they must be compared with each other."""
    return list(connection.execute(query).mappings())


def whole(table: sa.Table) -> sa.Select[tuple[object, ...]]:
    """A whole table, in the order of its key."""
    return sa.select(table).order_by(*table.primary_key.columns)


def lines_by_case() -> sa.Select[tuple[object, ...]]:
    """The journal, case by case, each from its first line."""
    return sa.select(journal).order_by(journal.c.case, journal.c.version)


def prioritised() -> sa.Select[tuple[object, ...]]:
    """Each case's priority, and which clause of which rulebook it is judged by."""
    return sa.select(cases.c.id, cases.c.rulebook, cases.c.region, cases.c.clause, cases.c.priority).order_by(
        cases.c.id
    )


def windows() -> sa.Select[tuple[object, ...]]:
    """Each report's window, with the clause of its last verdict and when that came into force."""
    newest = sa.select(verdicts.c.case, sa.func.max(verdicts.c.number).label("number")).group_by(verdicts.c.case)
    last = newest.subquery()
    return (
        sa.select(cases.c.id, cases.c.rulebook, cases.c.region, cases.c.window_ends_at)
        .add_columns(verdicts.c.clause, verdicts.c.decided_at, verdicts.c.seconded_at)
        .join(last, last.c.case == cases.c.id)
        .join(verdicts, sa.and_(verdicts.c.case == last.c.case, verdicts.c.number == last.c.number))
        .where(cases.c.window_ends_at.is_not(None))
        .order_by(cases.c.id)
    )


def brought() -> sa.Select[tuple[object, ...]]:
    """The evidence that cases have, that of the same bytes together."""
    return sa.select(evidence).where(evidence.c.case.is_not(None)).order_by(evidence.c.hash, evidence.c.id)


def records_by_topic() -> sa.Select[tuple[object, ...]]:
    """The records, topic by topic, each from its first."""
    return sa.select(records).order_by(records.c.topic, records.c.number)


def records_of(topic: str) -> sa.Select[tuple[object, ...]]:
    """The records whose topic begins so, in the order in which they were written."""
    return sa.select(records).where(records.c.topic.startswith(topic, autoescape=True)).order_by(records.c.number)


def first_record(row: str) -> sa.Select[int]:
    """The number of the first record that vouches for a row, by its name."""
    return sa.select(sa.func.min(records.c.number)).where(records.c.rows.has_key(row))


def seals() -> sa.Select[tuple[object, ...]]:
    """The digests of rows, in the order in which they were written."""
    lines = sa.select(journal.c.number, journal.c.rows)
    return sa.select(sa.union_all(lines, sa.select(records.c.number, records.c.rows)).subquery()).order_by(sa.text("1"))


def scores() -> sa.Select[tuple[object, ...]]:
    """Each score that was ever touched: subject, scheme, period."""
    booked = sa.select(ledger.c.subject, ledger.c.scheme, ledger.c.period)
    charged = sa.select(violations.c.subject, violations.c.scheme, violations.c.period).where(
        violations.c.scheme.is_not(None)
    )
    return sa.select(booked.union(charged).subquery()).order_by(sa.text("1, 2, 3"))


def lines_of(score: sa.RowMapping) -> sa.Select[tuple[object, ...]]:
    """A score's ledger, with the rulebook that each line's case pins."""
    return (
        sa.select(ledger, cases.c.rulebook)
        .outerjoin(cases, cases.c.id == ledger.c.case)
        .where(
            ledger.c.subject == score["subject"],
            ledger.c.scheme == score["scheme"],
            ledger.c.period == score["period"],
        )
        .order_by(ledger.c.number)
    )


def charged() -> sa.Select[tuple[object, ...]]:
    """Every violation, with what its case pins (`pinned`, `region`), its subject's kind and region, the agency's."""
    pinned = cases.c.rulebook.label("pinned"), cases.c.region
    own = subjects.alias("own")
    return (
        sa.select(
            violations,
            *pinned,
            own.c.kind.label("own_kind"),
            own.c.region.label("own_region"),
            subjects.c.region.label("agency_region"),
        )
        .join(cases, cases.c.id == violations.c.case)
        .join(own, own.c.id == violations.c.subject)
        .outerjoin(subjects, subjects.c.id == violations.c.agency)
        .order_by(violations.c.number)
    )


def penalties_of(violation: str) -> sa.Select[tuple[object, ...]]:
    """The base and additional penalties that a violation brought."""
    return sa.select(penalties).where(penalties.c.violation == violation)


def score_penalties() -> sa.Select[tuple[object, ...]]:
    """Every score penalty."""
    return sa.select(penalties).where(penalties.c.kind == "score").order_by(penalties.c.id)


def states_of_cases(after: str, most: int) -> sa.Select[tuple[object, ...]]:
    """What workflows adopt of their cases (status, version, deadline): of `most` cases whose ids come after `after`."""
    return _adopted().where(cases.c.id > after).order_by(cases.c.id).limit(most)


def states_among(ids: Sequence[str]) -> sa.Select[tuple[object, ...]]:
    """The same, of the cases with these ids."""
    return _adopted().where(cases.c.id.in_(ids)).order_by(cases.c.id)


def _adopted() -> sa.Select[tuple[object, ...]]:
    return sa.select(cases.c.id, cases.c.status, cases.c.version, cases.c.deadline_at)


def agency_reports() -> sa.Select[tuple[object, ...]]:
    """Every report that an agency filed, with its slot of the month's quota."""
    return (
        sa.select(
            cases,
            quota_slots.c.month,
            quota_slots.c.taken_at,
            quota_slots.c.given_back_at,
            quota_slots.c.agency.label("slot_of"),
        )
        .outerjoin(quota_slots, quota_slots.c.case == cases.c.id)
        .where(cases.c.kind == "report", cases.c.filed_agency.is_not(None))
    )


def used() -> sa.Select[tuple[object, ...]]:
    """How many slots of each month each agency has in use."""
    return (
        sa.select(quota_slots.c.agency, quota_slots.c.month, sa.func.count().label("used"))
        .where(quota_slots.c.given_back_at.is_(None))
        .group_by(quota_slots.c.agency, quota_slots.c.month)
    )


def settled_restrictions() -> sa.Select[tuple[object, ...]]:
    """The subjects whose courier has nothing to do: no change of penalties is unread, no telling is pending."""
    pending = sa.exists().where(
        tellings.c.subject == standings.c.subject, tellings.c.told_at.is_(None), tellings.c.refused_at.is_(None)
    )
    return sa.select(standings).where(sa.not_(standings.c.stirred), sa.not_(pending))
