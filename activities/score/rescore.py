"""How does a score follow a verdict, an appeal or a feed? Its period is priced again, the differences are booked."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection

from activities.score.lines import REPRICED, Booked, Lines
from activities.score.points import bounds_of
from activities.score.pricing import Change, Weighed, counted, weigh
from activities.score.since import would_run_since
from activities.timeline import Timeline
from rulebook.calendar import period, period_end
from rulebook.policy import Policy
from rulebook.scheme import ScoreScheme
from rulebook.score import Carried, carried
from rulebook.terms import PenaltyKind
from store import penalty
from store.party import Subject
from store.penalty import Changes, Standing


@dataclass(frozen=True)
class Rescored:
    """What a rescoring did to a subject's score of a period: points before and after, its lines, and score penalties.

    `imposed` and `lifted` are the penalties' keys, `counted` those that began on trial; `weighed` are all acts of the
    period.
    """

    subject: Subject
    scheme: ScoreScheme
    period: str
    before: int
    points: int
    booked: list[Booked]
    imposed: list[str]
    lifted: list[str]
    counted: list[str]
    weighed: Weighed = field(repr=False)

    @property
    def told(self) -> "Told":
        """What may be told of it."""
        return Told(self.imposed, self.lifted, self.points if self.scheme.enforced else None)

    @property
    def repriced(self) -> list[str]:
        """The other violations that have a new price."""
        return [line.item.act.id for line in self.booked if line.reason == REPRICED]


class Told(NamedTuple):
    """What may be told of a rescoring: which penalties began and ended, and the points of a score that is enforced."""

    imposed: list[str]
    lifted: list[str]
    points: int | None


# What is told where no score is counted.
NOTHING = Told([], [], None)


def rescore(
    connection: Connection,
    timeline: Timeline,
    subject: Subject,
    of_period: str,
    change: Change,
    changes: Changes,
) -> Rescored | None:
    """Price a subject's period again, book the differences, let score penalties follow; none if no score is counted.

    The subject must have been locked before the timeline was read; `changes` gets the penalties that are written. Each
    violation is priced by the version that it pins, all else is by the one that governs the subject, whatever case
    brings the change. Points; the order is that of occurrence (`docs/domain.md` §2.10, §5.6, §8).
    """
    digest, policy = timeline.of_period(subject, of_period, change.at)
    scheme = policy.scheme_of(subject.kind)
    if scheme is None:
        return None
    counts = counted(scheme, bounds_of(connection, scheme, subject, change.at))
    weighed = weigh(connection, timeline, subject, of_period, policy, change)
    lines = Lines.after(connection, (subject.id, scheme.key, of_period), change, counts)
    lines.count_from(counts, weighed)
    for item, balance in weighed.changes(*counts):
        lines.book(item, balance)
    lines.write(connection)
    own = _Own(connection, timeline, subject, scheme, of_period, digest, policy)
    begun, lifted = _follow(own, lines.balance, change, changes)
    imposed, on_trial = ([one.key for one in begun if one.on_trial is trial] for trial in (False, True))
    return Rescored(
        subject, scheme, of_period, lines.before, lines.balance, lines.told, imposed, lifted, on_trial, weighed
    )


class _Own(NamedTuple):
    """A score's period, and the rules that count it, by their digest."""

    connection: Connection
    timeline: Timeline
    subject: Subject
    scheme: ScoreScheme
    period: str
    digest: str
    policy: Policy


def _follow(own: _Own, score: int, change: Change, changes: Changes) -> tuple[list[Carried], list[str]]:
    """Let score penalties follow the current period's score (ruling 10); give those that begin, and the keys lifted."""
    if period(own.scheme.period, change.at, own.policy.zone) != own.period:
        return [], []  # the score of a past period brings and lifts no penalties
    standing = penalty.of_score(own.connection, own.subject.id, own.scheme.key, own.period)
    begun, gone = followed(own.timeline, own.subject, own.policy, score, standing, change.at)
    fallen = penalty.lift(own.connection, changes, [row.id for row in gone], change.at)
    penalty.arm_again(own.connection, [row.id for row in gone if row.over(change.at)], change.at)
    for one in begun:
        _impose(own, one, change, changes)
    return begun, [row["key"] for row in fallen if not row["on_trial"]]


def _impose(own: _Own, one: Carried, change: Change, changes: Changes) -> None:
    """Begin a score penalty; it ends with its period, or once it has run its time."""
    terms, zone, starts_at = own.policy.penalties[one.key], own.policy.zone, change.at
    if change.back:
        tier = next(tier for tier in own.scheme.tiers if tier.penalty == one.key)
        score = own.subject.id, own.scheme.key, own.period
        starts_at = would_run_since(own.connection, own.timeline, own.subject, score, tier) or starts_at
    ends = [period_end(own.period, zone), terms.lasts.after(starts_at, zone) if terms.lasts else None]
    penalty.impose(
        own.connection,
        changes,
        subject=own.subject.id,
        kind=PenaltyKind.SCORE,
        key=one.key,
        rulebook=own.digest,
        case=change.case,
        scheme=own.scheme.key,
        period=own.period,
        starts_at=starts_at,
        ends_at=min((end for end in ends if end is not None), default=None),
        on_trial=one.on_trial,
        restricts=bool(terms.restrictions),
        at=change.at,
    )


def followed(
    timeline: Timeline, subject: Subject, policy: Policy, score: int, standing: Sequence[Standing], at: datetime
) -> tuple[list[Carried], list[Standing]]:
    """Which score penalties begin at a score by these rules, and which of those `standing` end.

    One that stands by another version, and means something else there, ends and begins anew; so does one whose trial
    begins or ends. One that has run its time comes again only once the score has been above its line.
    """
    wanted = carried(policy.scheme_of(subject.kind), score)
    same = [row for row in standing if (row.key, row.on_trial) in wanted]
    kept = [row for row in same if _stays(timeline, subject, row, policy, at)]
    begun = wanted - {Carried(row.key, row.on_trial) for row in kept}
    return sorted(begun), [row for row in standing if row not in kept]


def cease(
    connection: Connection, subject: Subject, scheme: ScoreScheme, of_period: str, at: datetime, changes: Changes
) -> None:
    """End what a score carries that is counted no more."""
    carries = penalty.of_score(connection, subject.id, scheme.key, of_period)
    penalty.lift(connection, changes, [row.id for row in carries], at)


def _stays(timeline: Timeline, subject: Subject, row: Standing, policy: Policy, at: datetime) -> bool:
    """Whether a penalty has run its time, or is by the version that brought it what it is by these rules.

    By a version that was taken back no time has run.
    """
    if row.over(at) and not timeline.was_released(row.rulebook, subject):
        return True
    was = timeline.policy(row.rulebook, subject.region).penalties[row.key]
    return was.means == policy.penalties[row.key].means
