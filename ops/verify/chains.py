"""Is every chain whole, and does every row match its newest digest?"""

from collections.abc import Iterator

import sqlalchemy as sa
from sqlalchemy import Connection

from ops.verify.difference import Difference
from store import audit, seal
from store.journal import FIRST, digest, record_digest
from store.schema.cases import cases, texts
from store.schema.evidence import evidence


def chains(connection: Connection) -> Iterator[Difference]:
    """Recompute every hash of the journal and the records; a missing line differs, too."""
    last: dict[str, tuple[int, str]] = {}
    with audit.rows(connection, audit.lines_by_case()) as lines:
        for line in lines:
            where = f"journal/{line['case']}/{line['version']}"
            version, before = last.get(line["case"], (0, FIRST))
            if line["version"] != version + 1:
                yield Difference(where, "a line is missing before it", version + 1, line["version"])
            if line["previous"] != before:
                yield Difference(where, "hash of the line before", before, line["previous"])
            if line["hash"] != digest(line):
                yield Difference(where, "hash", digest(line), line["hash"])
            last[line["case"]] = (line["version"], line["hash"])
    yield from _ends(connection, last)
    before_of: dict[str, str] = {}
    with audit.rows(connection, audit.records_by_topic()) as lines:
        for line in lines:
            where = f"records/{line['number']}"
            if line["previous"] != before_of.get(line["topic"], FIRST):
                yield Difference(
                    where, "hash of the record before", before_of.get(line["topic"], FIRST), line["previous"]
                )
            if line["hash"] != record_digest(line):
                yield Difference(where, "hash", record_digest(line), line["hash"])
            before_of[line["topic"]] = line["hash"]


def _ends(connection: Connection, last: dict[str, tuple[int, str]]) -> Iterator[Difference]:
    with audit.rows(connection, audit.whole(cases)) as found:
        for case in found:
            version, _ = last.get(case["id"], (0, FIRST))
            if version != case["version"]:
                yield Difference(f"cases/{case['id']}", "version, by its journal", version, case["version"])


def seals(connection: Connection) -> Iterator[Difference]:
    """Compare every row with its newest digest; a row without a digest and a digest without its row differ, too."""
    newest: dict[str, str] = {}
    with audit.rows(connection, audit.seals()) as lines:
        for line in lines:
            newest.update(line["rows"])
    for table in audit.SEALED:
        with audit.rows(connection, audit.whole(table)) as rows:
            for row in rows:
                name = seal.name(table, row)
                expected = newest.pop(name, None)
                if expected is None and not _waits(table, row):
                    yield Difference(name, "nothing vouches for this row")
                elif expected is not None and expected != seal.digest(table, row):
                    yield Difference(name, "digest", expected, seal.digest(table, row))
    for name, last in newest.items():
        if last != seal.GONE:
            yield Difference(name, "the row is gone")


def _waits(table: sa.Table, row: sa.RowMapping) -> bool:
    """Whether it was stored before the commit that refers to it, so that no chain has it yet: a text, an upload."""
    return table is texts or (table is evidence and row["case"] is None)
