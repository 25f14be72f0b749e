"""What does a change of what stands do to a score? The period is priced again, and the ledger gets the differences."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection, RowMapping

from rulebook import recovery
from rulebook.calendar import day_bounds, local_day, period, period_end
from rulebook.policy import Policy
from rulebook.scheme import RankPricing, ScoreScheme
from rulebook.score import Act, balances, price, tiers
from rulebook.terms import CreatorClass, OnOverturn, PenaltyKind, Severity, SubjectKind
from store import ledger, party, penalty, verdict
from store.party import Subject


@dataclass(frozen=True)
class Change:
    """Why a score is counted again: when, for which case, in which word (`verdict`, `overturned`, …), about what.

    `lowered` is by how many points a modification lowered the extra deduction.
    """

    at: datetime
    reason: str
    case: str | None = None
    violation: str | None = None
    lowered: int = 0


@dataclass(frozen=True)
class Rescored:
    """What a rescoring did: the score in points, the other violations with a new price, the score penalties' keys."""

    points: int
    repriced: list[str]
    imposed: list[str]
    lifted: list[str]


@dataclass(frozen=True)
class Item:
    """An act of the score with the price booked for it and the one that it should have."""

    act: Act
    booked: int
    wanted: int
    violation: str | None
    day: date | None


def rescore(
    connection: Connection, subject: Subject, of_period: str, policy: Policy, digest: str, change: Change
) -> Rescored:
    """Price a subject's period again, book the differences, let score penalties follow.

    The subject must be locked. Points; the order is that of occurrence (`domain.md` §2.10, §5.6).
    """
    scheme = policy.scheme_of(subject.kind)
    creator_class = _class(connection, subject, change.at)
    bounds = scheme.bounds_of(creator_class)
    items = weigh(connection, subject, of_period, policy, change)
    number, balance = ledger.last(connection, subject.id, scheme.key, of_period)
    balance = bounds.start if balance is None else balance
    prices, lines = [item.booked for item in items], []
    for place, item in enumerate(items):
        if item.booked == item.wanted:
            continue
        prices[place] = item.wanted
        after = balances(bounds.start, scheme.floor, bounds.cap, prices)[-1]
        number += 1
        own = item.violation is not None and item.violation == change.violation
        lines.append(
            ledger.line(
                (subject.id, scheme.key, of_period),
                number,
                change.at,
                reason=_reason(item, change, own=own),
                rule=f"{scheme.key}.{'recovery' if item.day else 'pricing'}",
                case=change.case,
                violation=item.violation,
                day=item.day,
                price=item.wanted,
                change=after - balance,
                balance=after,
            )
        )
        balance = after
        if item.violation is not None:
            verdict.change_violation(connection, item.violation, price=item.wanted)
    ledger.append(connection, lines)
    repriced = [line["violation"] for line in lines if line["reason"] == "repriced"]
    imposed, lifted = _follow(connection, subject, of_period, policy, digest, balance, change)
    return Rescored(balance, repriced, imposed, lifted)


def weigh(
    connection: Connection, subject: Subject, of_period: str, policy: Policy, change: Change | None = None
) -> list[Item]:
    """Every act of a score's period in order, with the price booked for it and the one that it should have.

    Under `freeze` only the violation that the change is about may get another price (ruling 8).
    """
    scheme = policy.scheme_of(subject.kind)
    rows = verdict.priced(connection, subject.id, scheme.key, of_period)
    freeze = policy.procedure.appeals_on_overturn is OnOverturn.FREEZE
    acts = [_act(row, _frozen(row, scheme, change) if freeze else None) for row in rows]
    standing = [act for act, row in zip(acts, rows, strict=True) if row["stands"]]
    wanted = dict(zip((act.id for act in standing), price(scheme, standing), strict=True))
    items = [Item(act, row["price"], wanted.get(act.id, 0), act.id, None) for act, row in zip(acts, rows, strict=True)]
    if scheme.recovery is not None:
        items += _recoveries(connection, subject, of_period, policy, rows)
        items.sort(key=lambda item: (item.act.occurred, item.act.order))
    return items


def _recoveries(
    connection: Connection, subject: Subject, of_period: str, policy: Policy, rows: Sequence[RowMapping]
) -> list[Item]:
    scheme = policy.scheme_of(subject.kind)
    if scheme.recovery is None:
        return []
    booked = ledger.gains(connection, subject.id, scheme.key, of_period)
    dirty = {local_day(row["occurred_at"], policy.zone) for row in rows if row["stands"]}
    days = ledger.days(connection, subject.id)
    gained = set(recovery.gains(days, dirty, scheme.recovery))
    return [
        Item(
            Act(day.isoformat(), day_bounds(day, policy.zone)[0], 0, "recovery"),
            booked.get(day, 0),
            -scheme.recovery.points if day in gained else 0,
            None,
            day,
        )
        for day in sorted(gained | booked.keys())
    ]


def _frozen(row: RowMapping, scheme: ScoreScheme, change: Change | None) -> int | None:
    """The price that a violation keeps; none for one that has none yet, or whose severity alone is its price."""
    price: int = row["price"]
    if change is None or row["id"] != change.violation:
        return price or None
    if change.reason == "modified" and isinstance(scheme.pricing, RankPricing):
        return price - change.lowered
    return None


def _act(row: RowMapping, points: int | None) -> Act:
    return Act(
        id=row["id"],
        occurred=row["occurred_at"],
        order=row["number"],
        severity=Severity(row["severity"]),
        extra=row["extra"],
        level=row["level"],
        followers=row["followers"],
        average_viewers=row["average_viewers"],
        points=points,
    )


def _reason(item: Item, change: Change, *, own: bool) -> str:
    if item.day is not None:
        return "recovered" if item.wanted else "recovery_lost"
    return change.reason if own else "repriced"


def _class(connection: Connection, subject: Subject, at: datetime) -> CreatorClass | None:
    if subject.kind is SubjectKind.AGENCY:
        return None
    found = party.profile(connection, subject.id, at)
    return found.creator_class if found else None


def _follow(
    connection: Connection,
    subject: Subject,
    of_period: str,
    policy: Policy,
    digest: str,
    score: int,
    change: Change,
) -> tuple[list[str], list[str]]:
    """Let score penalties follow the current period's score (ruling 10); give those imposed and those lifted."""
    scheme = policy.scheme_of(subject.kind)
    if period(scheme.period, change.at, policy.zone) != of_period:
        return [], []  # a closed period's score is history
    standing = penalty.of_score(connection, subject.id, scheme.key, of_period)
    wanted = {tier.penalty for tier in tiers(scheme, score)}
    imposed = sorted(wanted - standing.keys())
    lifted = penalty.lift(connection, [standing[key] for key in standing.keys() - wanted], change.at)
    for key in imposed:
        penalty.impose(
            connection,
            subject=subject.id,
            kind=PenaltyKind.SCORE,
            key=key,
            rulebook=digest,
            case=change.case,
            scheme=scheme.key,
            period=of_period,
            starts_at=change.at,
            ends_at=period_end(of_period, policy.zone),
            restricts=bool(policy.penalties[key].restrictions),
        )
    return imposed, lifted
