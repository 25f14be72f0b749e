"""Does every score follow from what stands? Prices, balances and score penalties are recomputed."""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import Connection, RowMapping

from activities.rulebooks import Rulebooks
from activities.score.points import bounds_of
from activities.score.pricing import weigh
from ops.verify.difference import Difference
from rulebook.calendar import period
from rulebook.policy import Policy
from rulebook.score import balances, tiers
from store import audit, party, penalty
from store.party import Subject


def scores(connection: Connection, rulebooks: Rulebooks, now: datetime) -> Iterator[Difference]:
    """Recompute each score that has ledger lines or violations."""
    with audit.rows(connection, audit.scores()) as touched:
        for score in touched:
            subject = party.subject(connection, score["subject"])
            where = "/".join(("score", score["subject"], score["scheme"], score["period"]))
            if subject is None:
                yield Difference(where, "its subject is gone")
                continue
            lines = audit.everything(connection, audit.lines_of(score))
            rules = _rules(connection, rulebooks, subject, lines, now)
            if rules.scheme_of(subject.kind).key != score["scheme"]:
                yield Difference(where, "scheme", rules.scheme_of(subject.kind).key, score["scheme"])
                continue
            yield from _score(connection, rulebooks, subject, score, lines, rules, where, now)


def _score(
    connection: Connection,
    rulebooks: Rulebooks,
    subject: Subject,
    score: RowMapping,
    lines: list[RowMapping],
    rules: Policy,
    where: str,
    now: datetime,
) -> Iterator[Difference]:
    scheme = rules.scheme_of(subject.kind)
    bounds = bounds_of(connection, scheme, subject, now)
    first = _rules(connection, rulebooks, subject, lines[:1], now).scheme_of(subject.kind)
    starts = sorted({one.start for one in first.bounds})
    balance, booked = lines[0]["balance"] - lines[0]["change"] if lines else bounds.start, {}
    if balance not in starts:
        yield Difference(where, "start", starts, balance)
    for line in lines:
        balance += line["change"]
        if balance != line["balance"]:
            yield Difference(f"{where}/{line['number']}", "balance", balance, line["balance"])
            balance = line["balance"]
        booked[line["violation"] or line["day"]] = line["price"]
    items = weigh(connection, rulebooks, subject, score["period"], rules)
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
        standing = set(penalty.of_score(connection, subject.id, scheme.key, score["period"]))
        carried = {tier.penalty for tier in tiers(scheme, points)}
        if standing != carried:
            yield Difference(where, "score penalties", sorted(carried), sorted(standing))


def _rules(
    connection: Connection, rulebooks: Rulebooks, subject: Subject, lines: list[RowMapping], now: datetime
) -> Policy:
    """The rules by which the last line was booked; those in force where there is none."""
    digest = lines[-1]["rulebook"] if lines else None
    if digest is None:
        digest = rulebooks.digest(connection, lines[-1]["at"] if lines else now)
    if digest is None:
        raise LookupError("no rulebook was in force")
    return rulebooks.policy(connection, digest, subject.region)
