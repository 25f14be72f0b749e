"""Does each score penalty end when it must, and come again only once the score has been above its line (ruling 10)?"""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import Connection, RowMapping

from activities.rulebooks import Rulebooks
from ops.verify.difference import Difference
from rulebook.calendar import period_end
from rulebook.policy import Policy
from store import audit, party


def carried(connection: Connection, rulebooks: Rulebooks, now: datetime) -> Iterator[Difference]:
    """Compare the ends of score penalties, and when they were armed again, with the rulebook and the ledger."""
    timeline, rows = rulebooks.timeline(connection), audit.everything(connection, audit.score_penalties())
    began = {(row["subject"], row["key"], row["period"], row["starts_at"]) for row in rows}
    for row in rows:
        subject = party.subject(connection, row["subject"])
        if subject is None:
            continue  # told by `scores`
        own, where = timeline.policy(row["rulebook"], subject.region), f"penalties/{row['id']}"
        lasts = own.penalties[row["key"]].lasts
        ends = [period_end(row["period"], own.zone), lasts.after(row["starts_at"], own.zone) if lasts else None]
        ends_at = min((end for end in ends if end is not None), default=None)
        if row["ends_at"] != ends_at:
            yield Difference(where, "end", ends_at, row["ends_at"])
        if row["imposed_at"] is not None:
            yield from _began(connection, row, rows, where)
        # One that had run its time, too, where its trial ended, or began: it began anew.
        anew = (row["subject"], row["key"], row["period"], row["armed_at"]) in began
        if lasts is not None and not anew and not timeline.was_released(row["rulebook"], subject):
            yield from _armed(connection, row, timeline.all_of(subject), where, now)


def _began(connection: Connection, row: RowMapping, rows: list[RowMapping], where: str) -> Iterator[Difference]:
    """One that runs since before it was imposed began when something moved the score, or when one before it began."""
    moved = {line["at"] for line in audit.everything(connection, audit.lines_of(row))}
    before = {one["starts_at"] for one in rows if one["id"] < row["id"] and _same(one) == _same(row)}
    if row["starts_at"] not in moved | before:
        yield Difference(where, "start", sorted(moved | before), row["starts_at"])


def _same(row: RowMapping) -> list[str]:
    """The score, and the penalty's key."""
    return [row[name] for name in ("subject", "scheme", "period", "key")]


def _armed(
    connection: Connection, row: RowMapping, versions: list[Policy], where: str, now: datetime
) -> Iterator[Difference]:
    """Of a penalty that has run its time: a score above the line arms it, and nothing else does."""
    after = {line["at"]: line["balance"] for line in audit.everything(connection, audit.lines_of(row))}
    lines = [_line(rules, row) for rules in versions]
    if row["armed_at"] is not None:
        points = [balance for at, balance in after.items() if at <= row["armed_at"]]
        if points and all(line is not None and points[-1] <= line for line in lines):
            yield Difference(where, "armed again at a score above", min(line or 0 for line in lines), points[-1])
    elif row["lifted_at"] is None and row["ends_at"] is not None and row["ends_at"] <= now:
        above = [
            at for at, balance in after.items() if at >= row["ends_at"] and all(balance > (line or 0) for line in lines)
        ]
        if above:
            yield Difference(where, "armed again", above[0], None)


def _line(rules: Policy, row: RowMapping) -> int | None:
    """The highest score at which the penalty is carried, by one version; none where it has no such tier."""
    tiers = rules.schemes[row["scheme"]].tiers if row["scheme"] in rules.schemes else ()
    return next((tier.highest for tier in tiers if tier.penalty == row["key"]), None)
