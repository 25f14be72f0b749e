"""Does every score follow from what stands? Prices, balances and score penalties are recomputed."""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import Connection, RowMapping

from activities.rulebooks import Rulebooks
from activities.score.points import bounds_of
from activities.score.pricing import weigh
from activities.timeline import Timeline
from ops.verify.difference import Difference
from rulebook.calendar import period
from rulebook.policy import Policy
from rulebook.scheme import ScoreScheme
from rulebook.score import balances, tiers
from store import audit, party, penalty
from store.party import Subject


def scores(connection: Connection, rulebooks: Rulebooks, now: datetime) -> Iterator[Difference]:
    """Recompute each score that has ledger lines or violations."""
    timeline = rulebooks.timeline(connection)
    with audit.rows(connection, audit.scores()) as touched:
        for score in touched:
            subject = party.subject(connection, score["subject"])
            where = "/".join(("score", score["subject"], score["scheme"], score["period"]))
            if subject is None:
                yield Difference(where, "its subject is gone")
                continue
            lines = audit.everything(connection, audit.lines_of(score))
            _, rules = timeline.of_period(subject, score["period"], now)
            scheme = rules.scheme_of(subject.kind)
            if scheme is None:
                yield from _uncounted(connection, timeline, subject, score, where, now)
            elif scheme.key != score["scheme"]:
                yield Difference(where, "scheme", scheme.key, score["scheme"])
            else:
                yield from _score(connection, timeline, subject, score, scheme, lines, rules, where, now)


def _uncounted(
    connection: Connection, timeline: Timeline, subject: Subject, score: RowMapping, where: str, now: datetime
) -> Iterator[Difference]:
    """A score that the version which governs the subject doesn't count: another did, and it carries nothing."""
    if all(score["scheme"] not in rules.schemes for rules in timeline.all_of(subject)):
        yield Difference(where, "scheme", None, score["scheme"])
    rows = penalty.of_score(connection, subject.id, score["scheme"], score["period"])
    if carries := sorted(row.key for row in rows if not row.over(now)):
        yield Difference(where, "score penalties", [], carries)


def _score(
    connection: Connection,
    timeline: Timeline,
    subject: Subject,
    score: RowMapping,
    scheme: ScoreScheme,
    lines: list[RowMapping],
    rules: Policy,
    where: str,
    now: datetime,
) -> Iterator[Difference]:
    bounds = bounds_of(connection, scheme, subject, now)
    counted = [other.schemes[scheme.key] for other in timeline.all_of(subject) if scheme.key in other.schemes]
    starts = sorted({one.start for other in counted for one in other.bounds})
    balance, booked = lines[0]["balance"] - lines[0]["change"] if lines else bounds.start, {}
    if balance not in starts:
        yield Difference(where, "start", starts, balance)
    for line in lines:
        balance += line["change"]
        if balance != line["balance"]:
            yield Difference(f"{where}/{line['number']}", "balance", balance, line["balance"])
            balance = line["balance"]
        booked[line["violation"] or line["day"]] = line["price"]
    items = weigh(connection, timeline, subject, score["period"], rules)
    for item in items:
        if item.booked != item.wanted:
            yield Difference(f"{where}: {item.act.id}", "price", item.wanted, item.booked)
        if item.wanted != booked.get(item.violation or item.day, 0):
            line_price = booked.get(item.violation or item.day, 0)
            yield Difference(f"{where}: {item.act.id}", "price in the ledger", item.wanted, line_price)
    after = balances(bounds.start, scheme.floor, bounds.cap, [item.wanted for item in items])
    points = after[-1] if after else bounds.start
    if points != balance:
        yield Difference(where, "score, by what stands", points, balance)
    if period(scheme.period, now, rules.zone) == score["period"]:
        rows = penalty.of_score(connection, subject.id, scheme.key, score["period"])
        served = {row for row in rows if row.over(now) and not timeline.was_released(row.rulebook, subject)}
        standing = {
            _said(
                rules if row in served else timeline.policy(row.rulebook, subject.region),
                row.key,
                on_trial=row.on_trial,
            )
            for row in rows
        }
        here = tiers(scheme, points)
        enforced = {tier.penalty for tier in here if scheme.enforced and tier.enforced}
        carried = {_said(rules, tier.penalty, on_trial=tier.penalty not in enforced) for tier in here}
        if standing != carried:
            yield Difference(where, "score penalties", sorted(carried), sorted(standing))


def _said(rules: Policy, key: str, *, on_trial: bool) -> str:
    """A penalty by its key and what that means: another version may mean something else by the same key."""
    restrictions, lasts = rules.penalties[key].means
    return " ".join((key, *restrictions, *([f"{lasts}"] if lasts else []), *(["(on trial)"] if on_trial else [])))
