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

# By digest, the rules of the versions that answer for what a violation brings a subject: the first has judged it.
Answering = dict[str, Policy]


def penalties(connection: Connection, rulebooks: Rulebooks, now: datetime) -> Iterator[Difference]:
    """Recompute the base and additional penalties of every violation, with their starts and ends."""
    violations, timeline = audit.everything(connection, audit.charged()), rulebooks.timeline(connection)
    standing = Standing(violations)
    for violation in violations:
        subject = Subject(violation["subject"], SubjectKind(violation["own_kind"]), violation["own_region"])
        yield from _pinned(timeline, subject, violation)
        judged = {subject: violation["rulebook"]}
        if violation["agency"] not in {None, subject.id}:
            agency = Subject(violation["agency"], SubjectKind.AGENCY, violation["agency_region"])
            in_force = timeline.charging(violation["rulebook"], subject.region, agency, violation["occurred_at"])
            judged[agency] = violation["agency_rulebook"] or in_force
            could = timeline.could_judge(judged[agency], agency.region, violation["occurred_at"])
            if judged[agency] != in_force and not could:
                yield Difference(f"violations/{violation['id']}", "agency_rulebook", in_force, judged[agency])
        rules = {one.id: _answering(timeline, digest, one) for one, digest in judged.items()}
        yield from _of(connection, violation, rules, standing, now)


def _answering(timeline: Timeline, digest: str, subject: Subject) -> Answering:
    return {one: timeline.policy(one, subject.region) for one in timeline.followed(digest, subject)}


def _pinned(timeline: Timeline, subject: Subject, violation: RowMapping) -> Iterator[Difference]:
    """Was the version in force in the subject's region then, and is it the case's where the case is of that region?

    Of its region are also the score in which the violation is counted, if there was one, and whether its clause was on
    trial.
    """
    pinned = timeline.charging(violation["pinned"], violation["region"], subject, violation["occurred_at"])
    could = timeline.could_judge(violation["rulebook"], subject.region, violation["occurred_at"])
    where = f"violations/{violation['id']}"
    if not could or (violation["region"] == subject.region and violation["rulebook"] != pinned):
        yield Difference(where, "rulebook", pinned, violation["rulebook"])
    rules = timeline.policy(violation["rulebook"], subject.region)
    scheme, clause = rules.scheme_of(subject.kind), rules.clauses.get(violation["clause"])
    if violation["scheme"] != (scheme and scheme.key):
        yield Difference(where, "scheme", scheme and scheme.key, violation["scheme"])
    on_trial = clause is not None and not clause.enforced
    if violation["on_trial"] != on_trial:
        yield Difference(where, "on trial", on_trial, violation["on_trial"])


def _of(
    connection: Connection, violation: RowMapping, rules: dict[str, Answering], standing: Standing, now: datetime
) -> Iterator[Difference]:
    brought = audit.everything(connection, audit.penalties_of(violation["id"]))
    kept = {(row["subject"], row["key"], row["on_trial"]): row for row in brought if row["lifted_at"] is None}
    running = {name for name, row in kept.items() if row["ends_at"] is None or row["ends_at"] > now}
    ran_out = {name[:2] for name in kept.keys() - running}
    expected = {
        (one, *name) for one, by in rules.items() for name in standing.owed([*by.values()], violation, one)
    }  # fmt: skip
    if not running <= expected or any(name not in kept and name[:2] not in ran_out for name in expected):
        yield Difference(f"penalties of {violation['id']}", "in force", sorted(expected), sorted(running))
    for row in brought:
        name, answering = (row["subject"], row["key"], row["on_trial"]), rules[row["subject"]]
        if row["starts_at"] != violation["decided_at"]:
            yield Difference(f"penalties/{row['id']}", "start", violation["decided_at"], row["starts_at"])
        if row["rulebook"] not in answering:
            yield Difference(f"penalties/{row['id']}", "rulebook", sorted(answering), row["rulebook"])
            continue
        # It was imposed as those versions say that answered then: the last of them is the one that it keeps.
        answered = [*answering].index(row["rulebook"]) + 1
        yield from _terms(row, answering, answered)
        if row["lifted_at"] is None and name in running & expected and answered < len(answering):
            yield from _terms(row, answering, len(answering))


def _terms(row: RowMapping, answering: Answering, answered: int) -> Iterator[Difference]:
    """Does it restrict what so many of the versions say, all of them, for as long as the shortest says?"""
    rules, where = [*answering.values()][:answered], f"penalties/{row['id']}"
    terms = [one.penalties[row["key"]] for one in rules]
    spans = [one.lasts for one in terms if one.lasts is not None]
    ends_at = min([span.after(row["starts_at"], rules[0].zone) for span in spans], default=None)
    if row["ends_at"] != ends_at:
        yield Difference(where, "end", ends_at, row["ends_at"])
    less, own = row["restrictions"], answering[row["rulebook"]].penalties[row["key"]]
    common = set.intersection(*(set(one.restrictions) for one in terms))
    if (found := set(own.restrictions if less is None else less)) != common:
        yield Difference(where, "restrictions", sorted(common), sorted(found))
