"""Does every violation carry its base and additional penalties, and no other?"""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import Connection, RowMapping

from activities.rulebooks import Rulebooks
from activities.timeline import Timeline
from ops.verify.difference import Difference
from ops.verify.repetition import Standing
from rulebook.policy import Policy
from rulebook.terms import SubjectKind
from store import audit
from store.party import Subject


def penalties(connection: Connection, rulebooks: Rulebooks, now: datetime) -> Iterator[Difference]:
    """Recompute the base and additional penalties of every violation, with their starts and ends."""
    violations, timeline = audit.everything(connection, audit.charged()), rulebooks.timeline(connection)
    standing = Standing(violations)
    for violation in violations:
        subject = Subject(violation["subject"], SubjectKind(violation["own_kind"]), violation["own_region"])
        yield from _pinned(timeline, subject, violation)
        rules = {subject.id: timeline.answering(violation["rulebook"], subject)}
        if violation["agency"] not in {None, subject.id}:
            agency = Subject(violation["agency"], SubjectKind.AGENCY, violation["agency_region"])
            rulebook = timeline.charging(violation["rulebook"], subject.region, agency, violation["occurred_at"])
            rules[agency.id] = timeline.answering(rulebook, agency)
        yield from _of(connection, violation, rules, standing, now)


def _pinned(timeline: Timeline, subject: Subject, violation: RowMapping) -> Iterator[Difference]:
    """Was the version in force in the subject's region then, and is it the case's where the case is of that region?"""
    pinned = timeline.charging(violation["pinned"], violation["region"], subject, violation["occurred_at"])
    could = timeline.could_judge(violation["rulebook"], subject.region, violation["occurred_at"])
    if not could or (violation["region"] == subject.region and violation["rulebook"] != pinned):
        yield Difference(f"violations/{violation['id']}", "rulebook", pinned, violation["rulebook"])


def _of(
    connection: Connection, violation: RowMapping, rules: dict[str, list[Policy]], standing: Standing, now: datetime
) -> Iterator[Difference]:
    brought = audit.everything(connection, audit.penalties_of(violation["id"]))
    kept = {(row["subject"], row["key"]): row for row in brought if row["lifted_at"] is None}
    running = {name for name, row in kept.items() if row["ends_at"] is None or row["ends_at"] > now}
    expected = {
        (one, key)
        for one, answering in rules.items()
        for key in set.intersection(*({*standing.owed(theirs, violation, one)} for theirs in answering))
    }
    if not running <= expected <= kept.keys():
        yield Difference(f"penalties of {violation['id']}", "in force", sorted(expected), sorted(running))
    for row in brought:
        own = rules[row["subject"]][0]
        lasts = own.penalties[row["key"]].lasts
        ends_at = lasts.after(row["starts_at"], own.zone) if lasts else None
        if row["ends_at"] != ends_at:
            yield Difference(f"penalties/{row['id']}", "end", ends_at, row["ends_at"])
        if row["starts_at"] != violation["decided_at"]:
            yield Difference(f"penalties/{row['id']}", "start", violation["decided_at"], row["starts_at"])
