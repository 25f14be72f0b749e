"""What does a version change for the subjects that its wave reaches, or releases? One batch, in one transaction.

The version's row must be locked, so that one batch runs at a time and a halt is obeyed by the next one.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from time import monotonic

from sqlalchemy import Connection

from activities.look import Woken
from activities.move import outbox
from activities.rollout.release import lift_what_it_brought
from activities.rulebooks import Rulebooks
from activities.score.points import bounds_of
from activities.score.pricing import Change, Counted, counted
from activities.score.rescore import VERSION, rescore
from activities.timeline import Timeline
from rulebook import calendar
from rulebook.policy import Policy
from rulebook.terms import SubjectKind
from store import party, ring
from store.party import Subject
from store.penalty import Changes
from store.ring import Way
from store.timeline import EVERYBODY, Cursor, Dated

# A batch ends with so many subjects or after so many seconds, whichever is first: commits wait for it no longer.
MOST = 100
LONGEST = 0.5


@dataclass(frozen=True)
class Batch:
    """What a batch did: how many subjects it saw, how many of them got another penalty, who must look, if any are left.

    A version is through with a region when none are left there.
    """

    seen: int
    hit: int
    left: bool
    woken: Woken


def batch(
    connection: Connection, rulebooks: Rulebooks, dated: Dated, way: Way, at: datetime, most: int = MOST
) -> Batch:
    """Reach, or release, the next subjects of the version's region, and move the cursor to the last of them.

    What is written is noted for the seal (`store/journal.recording`). The wave's clock is `at`.
    """
    began, coming = monotonic(), ring.after(connection, dated, way, most)
    party.lock(connection, [subject.id for subject in coming])
    before = rulebooks.timeline(connection)
    after = _arrived(before, dated, way, coming)
    changes, seen, hit = Changes(), 0, 0
    receivers: list[str] = []
    for subject in coming:
        own = Changes()
        hit += _change(connection, before, after, subject, dated, way, at, own)
        receivers += outbox.tell_penalties(connection, rulebooks, subject.id, own, at) if own.rows else []
        changes.to_tell |= own.to_tell
        seen += 1
        if monotonic() - began >= LONGEST:
            break
    left = seen < len(coming) or len(coming) == most
    ring.advance(connection, dated, way, coming[seen - 1] if left else None, seen, hit)
    return Batch(seen, hit, left, Woken(subjects=sorted(changes.to_tell), receivers=sorted(set(receivers))))


def _arrived(timeline: Timeline, dated: Dated, way: Way, coming: list[Subject]) -> Timeline:
    """The timeline once the cursor stands at the last of those who come."""
    to: Cursor = dated.distance(coming[-1]) if coming else (EVERYBODY, "")
    moved = replace(dated, reached=to) if way is Way.REACHED else replace(dated, released=to)
    return replace(timeline, dated=[moved if _same(one, dated) else one for one in timeline.dated])


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
) -> bool:
    """Let scores and penalties follow the version that governs the subject after it; say whether a penalty began.

    The scores are the current period's, and those of periods that have ended since the version's date.
    """
    _, old = before.governing(subject, at)
    _, new = after.governing(subject, at)
    if way is Way.RELEASED:
        lift_what_it_brought(connection, after, subject, at, changes)
    elif not differs(old, new, subject.kind):
        return False
    imposed = list[str]()
    for of_period in _periods(new, subject.kind, min(dated.since, at), at):
        was, is_ = (
            _counted(connection, timeline.of_period(subject, of_period, at)[1], subject, at)
            for timeline in (before, after)
        )
        change = Change(at, VERSION, former=was if was != is_ else None)
        imposed += rescore(connection, after, subject, of_period, change, changes).imposed
    return bool(imposed)


def _periods(rules: Policy, kind: SubjectKind, since: datetime, at: datetime) -> Iterator[str]:
    """The periods of a score, from that of one time to that of another."""
    end: datetime | None = since
    while end is not None and end <= at:
        of_period = calendar.period(rules.scheme_of(kind).period, end, rules.zone)
        yield of_period
        end = calendar.period_end(of_period, rules.zone)


def differs(old: Policy, new: Policy, kind: SubjectKind) -> bool:
    """Whether a score of that kind is counted otherwise, or its tiers bring something else."""
    was, is_ = old.scheme_of(kind), new.scheme_of(kind)
    return was != is_ or any(
        old.penalties[tier.penalty].means != new.penalties[tier.penalty].means for tier in is_.tiers
    )


def _counted(connection: Connection, rules: Policy, subject: Subject, at: datetime) -> Counted:
    scheme = rules.scheme_of(subject.kind)
    return counted(scheme, bounds_of(connection, scheme, subject, at))
