"""Does each case have its clause's priority, which its row repeats for the queue's order?"""

from collections.abc import Iterator

from sqlalchemy import Connection

from activities.rulebooks import Rulebooks
from ops.verify.difference import Difference
from store import audit


def priorities(connection: Connection, rulebooks: Rulebooks) -> Iterator[Difference]:
    """Compare each case with the rulebook that it pins."""
    with audit.rows(connection, audit.prioritised()) as found:
        for case in found:
            clause = rulebooks.policy(connection, case["rulebook"], case["region"]).clauses[case["clause"]]
            if case["priority"] != clause.priority:
                yield Difference(f"cases/{case['id']}", "priority, by its clause", clause.priority, case["priority"])
