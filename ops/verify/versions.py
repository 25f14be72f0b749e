"""Did every version of the rulebook live as its moves say, and does it say what its digest names?"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import Connection, RowMapping

from activities.rulebooks import Rulebooks
from ops.verify.difference import Difference
from rulebook.fault import RulebookError
from states.version_terms import CHAINED, WAVES, VersionStatus
from store import audit
from store.schema.rulebooks import rollouts, version_moves, versions

Rows = Mapping[str, RowMapping]


def lives(connection: Connection, rulebooks: Rulebooks) -> Iterator[Difference]:
    """Hold each version against its body, its moves, who approved it, its dates, and the chain."""
    rows = {row["digest"]: row for row in audit.everything(connection, audit.whole(versions))}
    moves = defaultdict[str, list[RowMapping]](list)
    for line in audit.everything(connection, audit.whole(version_moves)):
        moves[line["version"]].append(line)
    for digest, row in rows.items():
        where = f"versions/{digest}"
        said = _said(connection, rulebooks, digest)
        if said != digest:
            yield Difference(f"rulebooks/{digest}", "digest, by its body", said, digest)
        yield from _moved(where, row, moves[digest])
        if row["approved_by"] is not None and row["approved_by"] in {row["author"], row["proposed_by"]}:
            yield Difference(where, "approved by another than", row["approved_by"], row["approved_by"])
    yield from _dates(connection, rows)
    yield from _chain(rows)


def _said(connection: Connection, rulebooks: Rulebooks, digest: str) -> str:
    """The digest of what the version says, or what is wrong with it."""
    try:
        return rulebooks.version(connection, digest).digest
    except RulebookError as error:
        return str(error)


def _moved(where: str, row: RowMapping, lines: list[RowMapping]) -> Iterator[Difference]:
    """Each move begins where the one before ended, and the last gives the row's status."""
    status = VersionStatus.NEW.value
    for number, line in enumerate(lines, 1):
        if (line["number"], line["source"]) != (number, status):
            yield Difference(
                f"{where}: move {line['number']}", "from", (number, status), (line["number"], line["source"])
            )
        status = line["target"]
    if (row["status"], row["version"]) != (status, len(lines)):
        yield Difference(
            where, "status and version, by its moves", (status, len(lines)), (row["status"], row["version"])
        )


def _dates(connection: Connection, rows: Rows) -> Iterator[Difference]:
    """No version is in force before it was approved, nor before the one that it follows."""
    since: dict[tuple[str, str], Any] = {
        (row["version"], row["region"]): row["in_force_from"]
        for row in audit.everything(connection, audit.whole(rollouts))
    }
    for (digest, region), at in since.items():
        row = rows[digest]
        earliest = [row["approved_at"], since.get((row["follows"], region)) if row["status"] in CHAINED else None]
        if row["status"] in CHAINED and any(other is not None and at < other for other in earliest):
            yield Difference(f"rollouts/{digest}/{region}", "in force from, at the earliest", earliest, at)


def _chain(rows: Rows) -> Iterator[Difference]:
    """Of the versions that are approved each has one follower at most, one is in force, and one wave runs at most."""
    chained = [row for row in rows.values() if row["status"] in CHAINED]
    followed = [row["follows"] for row in chained]
    if len(set(followed)) != len(followed):
        yield Difference("versions", "followers of one version, at most", 1, len(followed) - len(set(followed)) + 1)
    for kind, found, most in (
        ("in force", [row for row in chained if row["status"] == VersionStatus.IN_FORCE], 1),
        ("in a wave", [row for row in chained if row["status"] in WAVES], 1),
    ):
        if len(found) > most:
            yield Difference("versions", kind, most, len(found))
