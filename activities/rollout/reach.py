"""What does a version change for the subjects that its wave reaches, or releases? One batch, in one transaction.

The version's row must be locked, so that one batch runs at a time and a halt is obeyed by the next one.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from time import monotonic
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from activities.look import Woken
from activities.move import outbox
from activities.rollout.changed import Changed, Recounted, felt, letters, told_before
from activities.rollout.release import fit_what_it_brought
from activities.rulebooks import Rulebooks
from activities.score.lines import VERSION
from activities.score.points import bounds_of
from activities.score.pricing import Change, Counted, counted
from activities.score.rescore import cease, rescore
from activities.timeline import Timeline
from rulebook import calendar
from rulebook.policy import Policy
from rulebook.terms import SubjectKind
from store import notice, party, ring
from store.party import Subject
from store.penalty import Changes
from store.ring import Way
from store.timeline import EVERYBODY, Cursor, Dated

# A batch ends with so many subjects, or before another one as slow as its slowest would take it past so many seconds,
# counted since its version was locked: commits wait for it no longer.
MOST = 100
LONGEST = 0.5
# The part of it that is left for what is written at the end, as measured: notices, deliveries, cursor, move and record.
_ENDING = 0.3


# What a batch meets because of others, and not the next time: a lock, a server that ends.
HELD = (OperationalError, InterfaceError, PoolTimeout, OSError)


class BatchError(Exception):
    """A batch fails at a subject, and would again."""

    def __init__(self, subject: str, error: Exception) -> None:
        """Keep whose it is, and what is wrong."""
        super().__init__(f"{subject}: {type(error).__name__}: {error}")
        self.subject = subject
        self.error = error


@dataclass(frozen=True)
class Batch:
    """What a batch did: how many subjects it saw, how many of them got another penalty, who must look, if any are left.

    A version is through with a region when none are left there. The cursor stands at `to`.
    """

    seen: int
    hit: int
    left: bool
    to: Cursor
    woken: Woken


def batch(
    connection: Connection, rulebooks: Rulebooks, dated: Dated, way: Way, at: datetime, most: int, began: float
) -> Batch:
    """Reach, or release, the next subjects of the version's region, and move the cursor to the last of them.

    What is written is noted for the seal (`store/journal.recording`). The wave's clock is `at`; the batch `began` in
    seconds of `monotonic`. Where its time is up it still comes to one subject.
    """
    coming = ring.after(connection, dated, way, most)
    party.lock(connection, [subject.id for subject in coming])
    before = rulebooks.timeline(connection)
    if way is Way.REACHED:
        dated = _over_the_years(dated, before.policy(dated.digest, dated.region), at)
    after = _arrived(before, dated, way, coming)
    changes, changed, slowest = Changes(), list[Changed](), 0.0
    receivers, told, known = list[str](), list[dict[str, Any]](), told_before(connection, dated, way, coming)
    for subject in coming:
        own, since = Changes(), monotonic()
        try:
            changed.append(_change(connection, before, after, subject, dated, way, at, own))
            told += letters(connection, dated, way, changed[-1], known.get(subject.id, ()), at)
        except HELD:
            raise
        except Exception as error:
            raise BatchError(subject.id, error) from error
        receivers += outbox.tell_penalties(connection, rulebooks, subject.id, own, at) if own.rows else []
        changes.to_tell |= own.to_tell
        slowest = max(slowest, monotonic() - since)
        if monotonic() - began + slowest >= LONGEST * (1 - _ENDING):
            break
    notice.send(connection, told)
    receivers += outbox.tell_notices(connection, told, at)
    seen, hit = len(changed), sum(one.hit for one in changed)
    left = seen < len(coming) or len(coming) == most
    to = ring.advance(connection, dated, way, coming[seen - 1] if left else None, seen, hit)
    return Batch(seen, hit, left, to, Woken(subjects=sorted(changes.to_tell), receivers=sorted(set(receivers))))


def _arrived(timeline: Timeline, dated: Dated, way: Way, coming: list[Subject]) -> Timeline:
    """The timeline once the cursor stands at the last of those who come."""
    to: Cursor = dated.distance(coming[-1]) if coming else (EVERYBODY, "")
    moved = replace(dated, reached=to) if way is Way.REACHED else replace(dated, released=to)
    return replace(timeline, dated=[moved if _same(one, dated) else one for one in timeline.dated])


def _over_the_years(dated: Dated, rules: Policy, at: datetime) -> Dated:
    """Note how far the wave had come when each year ended that has since its date: it has stood still since then."""
    *over, _ = _periods("calendar year", rules, min(dated.since, at), at)
    return replace(dated, stood={year: dated.stood.get(year, dated.reached) for year in over})


def _same(one: Dated, other: Dated) -> bool:
    return (one.digest, one.region) == (other.digest, other.region)


def _change(
    connection: Connection,
    before: Timeline,
    after: Timeline,
    subject: Subject,
    dated: Dated,
    way: Way,
    at: datetime,
    changes: Changes,
) -> Changed:
    """Let scores and penalties follow the version that governs the subject after it; give what that changed.

    The scores are the current period's. Released, also those of periods that have ended since the version's date: who
    is reached after a year has ended keeps what that year was counted by.
    """
    _, old = before.governing(subject, at)
    _, new = after.governing(subject, at)
    if way is Way.RELEASED:
        fit_what_it_brought(connection, after, subject, at, changes)
    elif not differs(old, new, subject.kind):
        return Changed(subject, [], [])
    recounted, scheme = list[Recounted](), new.scheme_of(subject.kind)
    since = min(dated.since, at) if way is Way.RELEASED else at
    for of_period in _periods(scheme.period, new, since, at) if scheme else ():
        was, is_ = (
            _counted(connection, timeline.of_period(subject, of_period, at)[1], subject, at)
            for timeline in (before, after)
        )
        change = Change(at, VERSION, former=was if was != is_ else None, back=way is Way.RELEASED)
        done = rescore(connection, after, subject, of_period, change, changes)
        if done is not None:
            recounted.append(Recounted(was, is_, done))
    _cease(connection, subject, old, new, at, changes)
    return Changed(subject, recounted, [row for row in changes.written() if felt(row, at)])


def _cease(connection: Connection, subject: Subject, old: Policy, new: Policy, at: datetime, changes: Changes) -> None:
    """End what the subject's score carries, where the new rules count none."""
    scheme = old.scheme_of(subject.kind)
    if scheme is not None and new.scheme_of(subject.kind) is None:
        cease(connection, subject, scheme, calendar.period(scheme.period, at, old.zone), at, changes)


def _periods(kind: calendar.PeriodKind, rules: Policy, since: datetime, at: datetime) -> Iterator[str]:
    """The periods from that of one time to that of another, in a region's zone."""
    end: datetime | None = since
    while end is not None and end <= at:
        of_period = calendar.period(kind, end, rules.zone)
        yield of_period
        end = calendar.period_end(of_period, rules.zone)


def differs(old: Policy, new: Policy, kind: SubjectKind) -> bool:
    """Whether a score of that kind is counted otherwise, or its tiers bring something else."""
    was, is_ = old.scheme_of(kind), new.scheme_of(kind)
    return was != is_ or any(
        old.penalties[tier.penalty].means != new.penalties[tier.penalty].means for tier in (is_.tiers if is_ else ())
    )


def _counted(connection: Connection, rules: Policy, subject: Subject, at: datetime) -> Counted | None:
    scheme = rules.scheme_of(subject.kind)
    return counted(scheme, bounds_of(connection, scheme, subject, at)) if scheme else None
