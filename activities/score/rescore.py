"""How does a score follow a verdict, an appeal or a feed? Its period is priced again, the differences are booked."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection

from activities.score.points import bounds_of
from activities.score.pricing import Change, Item, Weighed, weigh
from activities.timeline import Timeline
from rulebook.calendar import period, period_end
from rulebook.policy import Policy
from rulebook.scheme import ScoreScheme
from rulebook.score import balances, tiers
from rulebook.terms import PenaltyKind
from store import ledger, penalty, verdict
from store.party import Subject
from store.penalty import Changes, Standing

# Why a score is counted again when the platform feeds another class of a creator.
RECLASSED = "class_changed"
# Why it is when the wave of a version reaches the subject, or releases it.
VERSION = "version_in_force"
# Why another act's price changes.
REPRICED = "repriced"


class Booked(NamedTuple):
    """A ledger line that a rescoring wrote: of which act, why, what it did to the score, and the score after it."""

    item: Item
    reason: str
    change: int
    balance: int


@dataclass(frozen=True)
class Rescored:
    """What a rescoring did to a subject's score of a period: points before and after, its lines, and score penalties.

    `imposed` and `lifted` are the penalties' keys; `weighed` are all acts of the period.
    """

    subject: Subject
    scheme: ScoreScheme
    period: str
    before: int
    points: int
    booked: list[Booked]
    imposed: list[str]
    lifted: list[str]
    weighed: Weighed = field(repr=False)

    @property
    def repriced(self) -> list[str]:
        """The other violations that have a new price."""
        return [line.item.act.id for line in self.booked if line.reason == REPRICED]


def rescore(
    connection: Connection,
    timeline: Timeline,
    subject: Subject,
    of_period: str,
    change: Change,
    changes: Changes,
) -> Rescored:
    """Price a subject's period again, book the differences, let score penalties follow.

    The subject must have been locked before the timeline was read; `changes` gets the penalties that are written. Each
    violation is priced by the version that it pins, all else is by the one that governs the subject, whatever case
    brings the change. Points; the order is that of occurrence (`docs/domain.md` §2.10, §5.6, §8).
    """
    digest, policy = timeline.of_period(subject, of_period, change.at)
    scheme = policy.scheme_of(subject.kind)
    bounds = bounds_of(connection, scheme, subject, change.at)
    weighed = weigh(connection, timeline, subject, of_period, policy, change)
    score = subject.id, scheme.key, of_period
    number, booked = ledger.last(connection, *score)
    balance = before = bounds.start if booked is None else booked
    lines, told = [], []
    if change.former is not None:
        # Start and cap are others now: the same acts have led to another score.
        booked = change.former.start if booked is None else booked
        balance = (bounds.start, *balances(bounds.start, scheme.floor, bounds.cap, weighed.booked))[-1]
        number += 1
        why = {"reason": change.reason, "rule": f"{scheme.key}.bounds", "price": 0}
        lines.append(ledger.line(score, number, change.at, **why, change=balance - booked, balance=balance))
    for item, after in weighed.changes(bounds.start, scheme.floor, bounds.cap):
        number += 1
        reason = _reason(item, change)
        told.append(Booked(item, reason, after - balance, after))
        lines.append(
            ledger.line(
                score,
                number,
                change.at,
                reason=reason,
                rule=f"{scheme.key}.{'recovery' if item.day else 'pricing'}",
                case=change.case,
                violation=item.violation,
                day=item.day,
                severity=item.act.severity if item.violation else None,
                price=item.wanted,
                change=after - balance,
                balance=after,
            )
        )
        balance = after
    ledger.append(connection, lines)
    verdict.reprice(connection, {line["violation"]: line["price"] for line in lines if line["violation"]})
    imposed, lifted = _follow(connection, timeline, subject, of_period, digest, balance, change, changes)
    return Rescored(subject, scheme, of_period, before, balance, told, imposed, lifted, weighed)


def _reason(item: Item, change: Change) -> str:
    if item.day is not None:
        return "recovered" if item.wanted else "recovery_lost"
    return change.reason if item.violation == change.violation else REPRICED


def _follow(
    connection: Connection,
    timeline: Timeline,
    subject: Subject,
    of_period: str,
    digest: str,
    score: int,
    change: Change,
    changes: Changes,
) -> tuple[list[str], list[str]]:
    """Let score penalties follow the current period's score (ruling 10); give those imposed and those lifted."""
    policy = timeline.policy(digest, subject.region)
    scheme = policy.scheme_of(subject.kind)
    if period(scheme.period, change.at, policy.zone) != of_period:
        return [], []  # the score of a past period brings and lifts no penalties
    standing = penalty.of_score(connection, subject.id, scheme.key, of_period)
    imposed, gone = followed(timeline, subject, policy, score, standing, change.at)
    fallen = penalty.lift(connection, changes, [row.id for row in gone], change.at)
    penalty.arm_again(connection, [row.id for row in gone if row.over(change.at)], change.at)
    for key in imposed:
        lasts = policy.penalties[key].lasts
        ends = [period_end(of_period, policy.zone), lasts.after(change.at, policy.zone) if lasts else None]
        penalty.impose(
            connection,
            changes,
            subject=subject.id,
            kind=PenaltyKind.SCORE,
            key=key,
            rulebook=digest,
            case=change.case,
            scheme=scheme.key,
            period=of_period,
            starts_at=change.at,
            ends_at=min((end for end in ends if end is not None), default=None),
            restricts=bool(policy.penalties[key].restrictions),
        )
    return imposed, [row["key"] for row in fallen]


def followed(
    timeline: Timeline, subject: Subject, policy: Policy, score: int, standing: Sequence[Standing], at: datetime
) -> tuple[list[str], list[Standing]]:
    """Which score penalties begin at a score by these rules, by key, and which of those `standing` end.

    One that stands by another version, and means something else there, ends and begins anew. One that has run its time
    comes again only once the score has been above its line.
    """
    wanted = {tier.penalty for tier in tiers(policy.scheme_of(subject.kind), score)}
    kept = [row for row in standing if row.key in wanted and _stays(timeline, subject, row, policy, at)]
    return sorted(wanted - {row.key for row in kept}), [row for row in standing if row not in kept]


def _stays(timeline: Timeline, subject: Subject, row: Standing, policy: Policy, at: datetime) -> bool:
    """Whether a penalty has run its time, or is by the version that brought it what it is by these rules."""
    if row.over(at):
        return True
    was = timeline.policy(row.rulebook, subject.region).penalties[row.key]
    return was.means == policy.penalties[row.key].means
