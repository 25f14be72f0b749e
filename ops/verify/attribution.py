"""Is each creator's violation charged to the agency too, where its clause says so, and nothing else?"""

from collections.abc import Iterator

from sqlalchemy import Connection, RowMapping

from activities.move.effects.attribution import SHARED
from activities.rulebooks import Rulebooks
from ops.verify.difference import Difference
from store import audit


def attribution(connection: Connection, rulebooks: Rulebooks) -> Iterator[Difference]:
    """Compare the agencies' violations with those of their creators (`docs/domain.md` §2.9)."""
    violations = audit.everything(connection, audit.charged())
    theirs = {row["origin"]: row for row in violations if row["origin"]}
    for origin in violations:
        if origin["origin"]:
            continue
        found = theirs.get(origin["id"])
        charged, expected = found and found["subject"], _charged_too(rulebooks, connection, origin)
        if charged != expected:
            yield Difference(f"violations/{origin['id']}", "charged to the agency too", expected, charged)
        elif found:
            for name in (name for name in SHARED if found[name] != origin[name]):
                yield Difference(f"violations/{found['id']}", name, origin[name], found[name])


def _charged_too(rulebooks: Rulebooks, connection: Connection, origin: RowMapping) -> str | None:
    if origin["subject"] == origin["agency"]:
        return None
    by, own = origin["agency_rulebook"], (origin["pinned"], origin["region"])
    rules = rulebooks.policy(connection, *((by, origin["agency_region"]) if by else own))
    clause = rules.clauses.get(origin["clause"])
    return origin["agency"] if clause is not None and "creator" in clause.attributed_via else None
