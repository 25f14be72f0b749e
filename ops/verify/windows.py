"""Does each verdict's window end when the clause that it names, or else the procedure, says (`domain.md` §5.4)?"""

from collections.abc import Iterator

from sqlalchemy import Connection

from activities.rulebooks import Rulebooks
from ops.verify.difference import Difference
from store import audit


def windows(connection: Connection, rulebooks: Rulebooks) -> Iterator[Difference]:
    """Compute each window's end from the moment in which its verdict came into force."""
    with audit.rows(connection, audit.windows()) as found:
        for report in found:
            rules = rulebooks.policy(connection, report["rulebook"], report["region"])
            span = rules.clauses[report["clause"]].appeals_window or rules.procedure.appeals_window
            ends_at = span.after(report["seconded_at"] or report["decided_at"], rules.zone)
            if report["window_ends_at"] != ends_at:
                yield Difference(f"cases/{report['id']}", "end of the window", ends_at, report["window_ends_at"])
