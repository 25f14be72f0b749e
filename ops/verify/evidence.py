"""Are the bytes of each case's evidence there, unaltered, and none beside that no row names?"""

from collections.abc import Iterator
from datetime import datetime
from itertools import islice

from sqlalchemy import Connection

from ops.verify.difference import Difference
from store import audit
from store import evidence as files
from store.evidence import KEPT
from store.objects import Objects

_PAGE = 500


def evidence(connection: Connection, objects: Objects, now: datetime) -> Iterator[Difference]:
    """Read what is stored under each hash that a case's evidence names, once and in pieces, and hash it again.

    An upload that no case has yet is not looked at, for it may be removed meanwhile.

    Raises:
        AwayError: the bytes can't be reached.
    """
    last, found = None, None
    with audit.rows(connection, audit.brought()) as rows:
        for row in rows:
            if row["hash"] != last:
                last, found = row["hash"], objects.proof(row["hash"])
            where = f"evidence/{row['id']}"
            if found is None:
                yield Difference(where, "its bytes are gone")
            elif found[0] != row["hash"]:
                yield Difference(where, "hash of its bytes", row["hash"], found[0])
            elif found[1] != (size := files.stored_size(row)):
                yield Difference(where, "size of its bytes", found[1], size)
    yield from _of_nobody(connection, objects, now)


def _of_nobody(connection: Connection, objects: Objects, now: datetime) -> Iterator[Difference]:
    """Bytes that no row names, and that the workers have not removed in time (`workers/clearing.py`)."""
    stored = objects.listing(now - 2 * KEPT)
    while page := list(islice(stored, _PAGE)):
        for hash_ in sorted(set(page) - files.named(connection, page)):
            yield Difference(f"bytes/{hash_}", "no evidence names them")
