"""Does every violation carry its base and additional penalties, and no other?"""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import Connection, RowMapping

from activities.rulebooks import Rulebooks
from ops.verify.difference import Difference
from ops.verify.repetition import Standing
from rulebook.policy import Policy
from store import audit


def penalties(connection: Connection, rulebooks: Rulebooks, now: datetime) -> Iterator[Difference]:
    """Recompute the base and additional penalties of every violation, with their starts and ends."""
    violations, timeline = audit.everything(connection, audit.charged()), rulebooks.timeline(connection)
    standing = Standing(violations)
    for violation in violations:
        own, expected = violation["own"], violation["pinned"]
        if violation["origin"]:
            expected = timeline.at_the_act(own, violation["occurred_at"])
        if violation["rulebook"] != expected or not timeline.could_judge(expected, own, violation["occurred_at"]):
            yield Difference(f"violations/{violation['id']}", "rulebook", expected, violation["rulebook"])
        rules = {violation["subject"]: rulebooks.policy(connection, violation["pinned"], violation["region"])}
        if violation["agency"] not in {None, violation["subject"]}:
            rules[violation["agency"]] = timeline.now(violation["agency_region"], violation["occurred_at"])
        yield from _of(connection, violation, rules, standing, now)


def _of(
    connection: Connection, violation: RowMapping, rules: dict[str, Policy], standing: Standing, now: datetime
) -> Iterator[Difference]:
    brought = audit.everything(connection, audit.penalties_of(violation["id"]))
    kept = {(row["subject"], row["key"]): row for row in brought if row["lifted_at"] is None}
    running = {name for name, row in kept.items() if row["ends_at"] is None or row["ends_at"] > now}
    expected = {(one, key) for one, theirs in rules.items() for key in standing.owed(theirs, violation, one)}
    if not running <= expected <= kept.keys():
        yield Difference(f"penalties of {violation['id']}", "in force", sorted(expected), sorted(running))
    for row in brought:
        own = rules[row["subject"]]
        lasts = own.penalties[row["key"]].lasts
        ends_at = lasts.after(row["starts_at"], own.zone) if lasts else None
        if row["ends_at"] != ends_at:
            yield Difference(f"penalties/{row['id']}", "end", ends_at, row["ends_at"])
        if row["starts_at"] != violation["decided_at"]:
            yield Difference(f"penalties/{row['id']}", "start", violation["decided_at"], row["starts_at"])
