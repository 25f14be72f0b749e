"""How long are the words of a closed case kept? As the version that it pins says of its kind, in its region."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from heapq import merge

from sqlalchemy import Connection

from activities.rulebooks import Rulebooks
from rulebook.policy import Policy
from rulebook.span import Span
from states.terms import Kind
from store import retention, timeline

# The procedure keys that say it.
STATEMENTS = {Kind.REPORT: "retention.reports", Kind.APPEAL: "retention.appeals"}


@dataclass(frozen=True)
class Ending:
    """A closed case whose words are kept until a time, and why: by which statement, of which version of the rulebook.

    They stay as long as it is `held`, by any of these names.
    """

    case: str
    kind: Kind
    region: str
    closed_at: datetime
    until: datetime
    statement: str
    kept: str
    version: str
    held: list[str]


def kept(rules: Policy, kind: Kind) -> Span | None:
    """How long the words of a case are kept once it is closed; None: always."""
    said = rules.procedure.retention_reports if kind is Kind.REPORT else rules.procedure.retention_appeals
    return said if isinstance(said, Span) else None


def endings(connection: Connection, rulebooks: Rulebooks) -> Iterator[Ending]:
    """The closed cases whose words are not kept always, in the order in which they go."""
    pinned = dict.fromkeys((one.digest, one.region) for one in timeline.read(connection))
    each = (_endings(connection, rulebooks, digest, region, kind) for digest, region in pinned for kind in STATEMENTS)
    return merge(*each, key=lambda one: one.until)


def _endings(connection: Connection, rulebooks: Rulebooks, digest: str, region: str, kind: Kind) -> Iterator[Ending]:
    book = rulebooks.version(connection, digest)
    rules = book.policy(region)
    span = kept(rules, kind)
    if span is None:
        return
    for one in retention.closed(connection, digest, region, kind):
        until = span.after(one.at, rules.zone)
        statement, version = STATEMENTS[kind], f"{book.key} {book.version}"
        yield Ending(one.id, kind, region, one.at, until, statement, str(span), version, one.held)
