"""What must the cases of the queue be like? The filters, and the part of the tables that `claimable` means."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from rulebook.terms import Severity
from states.claimable import claimable
from states.situation import Actor
from states.tables import TABLES
from states.terms import REVIEWERS, Kind, Side, Stage, Status
from store.order import Sort
from store.schema.cases import cases

# The statuses of open cases between commits, in the order of the machine; `submitted` and `decided` end within one.
RESTING = (
    Status.HELD, Status.QUEUED, Status.CLAIMED, Status.AWAITING_ANSWER, Status.ESCALATED, Status.AWAITING_APPROVAL,
    Status.OPEN, Status.UNDER_APPEAL,
)  # fmt: skip


# Made once: a new alias takes longer than what else a page is built of.
_SOME = cases.alias("some")


@dataclass(frozen=True)
class Filter:
    """What open cases must be like: in each field one of its values, or anything where it has none.

    `languages` are covered as `rulebook.tag.covers` says. `creators`: the respondent, or whom the case is about.
    `reporters` filed it, or are the agency of whoever did. `claimed_by` may hold nobody (`None`). `overdue`: the next
    deadline has passed. `claimable`: the asker could claim it; unless that is said, for reviewers yes, where no status,
    stage or claimer is asked for, and for others no.
    """

    regions: frozenset[str] = frozenset()
    languages: frozenset[str] = frozenset()
    kinds: frozenset[Kind] = frozenset()
    clauses: frozenset[str] = frozenset()
    severities: frozenset[Severity] = frozenset()
    stages: frozenset[Stage] = frozenset()
    statuses: frozenset[Status] = frozenset()
    respondents: frozenset[str] = frozenset()
    creators: frozenset[str] = frozenset()
    reporters: frozenset[str] = frozenset()
    claimed_by: frozenset[str | None] = frozenset()
    overdue: bool | None = None
    claimable: bool | None = None

    @property
    def named(self) -> bool:
        """Whether it names parties: few cases are theirs, and an index by party finds them."""
        return bool(self.respondents or self.creators or self.reporters)

    def only_claimable(self, actor: Actor) -> bool:
        """Whether the actor asks for what they could claim."""
        by_state = self.statuses or self.stages or self.claimed_by
        return self.claimable if self.claimable is not None else actor.role in REVIEWERS and not by_state


ALL = Filter()


def kinds_and_statuses(actor: Actor, wanted: Filter) -> tuple[frozenset[Kind], list[Status]]:
    """The kinds and the resting statuses that fit; what seniors claim in one kind they claim in every other."""
    kinds, statuses = wanted.kinds or frozenset(Kind), wanted.statuses or frozenset(RESTING)
    if wanted.only_claimable(actor):
        places = claimable(actor)
        kinds, statuses = kinds & {kind for kind, _ in places}, statuses & {status for _, status in places}
    if wanted.claimed_by and None not in wanted.claimed_by:
        statuses &= {Status.CLAIMED}
    if wanted.overdue:
        statuses -= Sort.DUE.timeless
    known = {status for kind in kinds for status in TABLES[kind].statuses}
    fits = [s for s in RESTING if s in statuses & known and s.stage in (wanted.stages or {s.stage})]
    return kinds, fits


def stands(wanted: Filter, kinds: frozenset[Kind], languages: frozenset[str]) -> Iterator[sa.ColumnElement[bool]]:
    """The filters on columns that the queue's indexes have besides place and order; `languages`: those covered."""
    if kinds != frozenset(Kind):
        yield one_of(cases.c.kind, kinds)
    if wanted.clauses:
        yield one_of(cases.c.clause, wanted.clauses)
    if wanted.severities:
        yield one_of(cases.c.severity, wanted.severities)
    if wanted.languages:
        yield one_of(cases.c.language, languages)


def others(actor: Actor, wanted: Filter, at: datetime) -> Iterator[sa.ColumnElement[bool]]:
    """The filters on other columns."""
    if wanted.only_claimable(actor):
        yield cases.c.id.not_in(_barring(actor))
    if wanted.claimed_by:
        names = [name for name in wanted.claimed_by if name is not None]
        nobody = [cases.c.claimed_by.is_(None)] if None in wanted.claimed_by else []
        yield sa.or_(*([one_of(cases.c.claimed_by, names)] if names else []), *nobody)
    if wanted.overdue is not None:
        late = cases.c.deadline_at <= at
        yield late if wanted.overdue else sa.func.coalesce(sa.not_(late), sa.true())


def parties(wanted: Filter) -> Iterator[sa.ColumnElement[bool]]:
    """The filters on parties, each with an index."""
    if wanted.respondents:
        yield one_of(cases.c.respondent, wanted.respondents)
    if wanted.creators:
        about = sa.and_(cases.c.about != sa.text("'{}'"), cases.c.about.overlap(sorted(wanted.creators)))
        yield sa.or_(one_of(cases.c.respondent, wanted.creators), about)
    if wanted.reporters:
        by = sa.or_(*(one_of(column, wanted.reporters) for column in (cases.c.filed_by, cases.c.filed_agency)))
        yield sa.and_(cases.c.filed_side == Side.REPORTER, by)


def one_of(column: sa.ColumnElement[str], values: Collection[str]) -> sa.ColumnElement[bool]:
    """That the column has one of the values."""
    return column == next(iter(values)) if len(values) == 1 else column.in_(sorted(values))


def _barring(actor: Actor) -> sa.Select[tuple[str]]:
    """The open cases that bar the actor, read once: so the indexes of the queue alone answer the rest."""
    bars = sa.and_(_SOME.c.barred != sa.text("'{}'"), _SOME.c.barred.contains([actor.id]))
    their = sa.select(_SOME.c.id).where(_SOME.c.stage != sa.literal_column("'closed'"), bars)
    return sa.select(their.cte("barring").prefix_with("MATERIALIZED"))
