"""A row's digest never changes: what was sealed by an older version is still found to be right."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

from store import seal
from store.audit import SEALED
from store.schema import metadata

# By table, the columns that its digests had when it was first sealed, and the digest of a row with a word in each.
FIRST = json.loads((Path(__file__).parent / "digests.json").read_text("utf-8"))


def row(columns: list[str], table: sa.Table) -> dict[str, object]:
    """A word, or a time, in each of the columns; those that came later are empty."""
    words = {name: f"some {name}" for name in columns if name in table.columns}
    times = {
        name: datetime(2026, 11, 21, 9, tzinfo=UTC) for name in words if isinstance(table.c[name].type, sa.DateTime)
    }
    return dict.fromkeys(table.columns.keys()) | words | times


def test_every_sealed_table_is_held_to_its_first_digest() -> None:
    assert FIRST.keys() == {table.name for table in SEALED}


@pytest.mark.parametrize("name", FIRST)
def test_a_row_sealed_by_an_older_version_is_still_right(name: str) -> None:
    table, first = metadata.tables[name], FIRST[name]
    assert seal.digest(table, row(first["columns"], table)) == first["digest"]
