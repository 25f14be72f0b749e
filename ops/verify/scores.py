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
            if rules.scheme_of(subject.kind).key != score["scheme"]:
                yield Difference(where, "scheme", rules.scheme_of(subject.kind).key, score["scheme"])
                continue
            yield from _score(connection, timeline, subject, score, lines, rules, where, now)


def _score(
    connection: Connection,
    timeline: Timeline,
    subject: Subject,
    score: RowMapping,
    lines: list[RowMapping],
    rules: Policy,
    where: str,
    now: datetime,
) -> Iterator[Difference]:
    scheme = rules.scheme_of(subject.kind)
    bounds = bounds_of(connection, scheme, subject, now)
    starts = sorted({one.start for rules in timeline.all_of(subject) for one in rules.scheme_of(subject.kind).bounds})
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
        by = {row: rules if row.over(now) else timeline.policy(row.rulebook, subject.region) for row in rows}
        standing = {_said(by[row], row.key) for row in rows}
        carried = {_said(rules, tier.penalty) for tier in tiers(scheme, points)}
        if standing != carried:
            yield Difference(where, "score penalties", sorted(carried), sorted(standing))


def _said(rules: Policy, key: str) -> str:
    """A penalty by its key and what that means: another version may mean something else by the same key."""
    restrictions, lasts = rules.penalties[key].means
    return " ".join((key, *restrictions, *([f"{lasts}"] if lasts else [])))
