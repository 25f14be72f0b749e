"""Is every checkpoint signed by a key that is trusted, and is everything still as they say?"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import groupby

from sqlalchemy import Connection, RowMapping

from ops.verify.difference import Difference
from store import audit, checkpoint, vouched
from store.checkpoint import Body, Leaf
from store.copies import Copies
from store.journal import FIRST
from workers.checkpoints.signing import proven

# So long after a line there is a checkpoint of it, and so long after that a copy.
PATIENCE = timedelta(minutes=10)
_GONE = {"case": "the case is gone", "topic": "the records are gone"}
_BACK = {"case": "the case was set back", "topic": "the records were cut off"}


@dataclass(frozen=True)
class Witness:
    """What is believed beside the database: public keys, the copies kept outside, and checkpoints seen in a log."""

    trusted: frozenset[str]
    copies: Copies | None = None
    seen: tuple[tuple[int, str], ...] = ()


@dataclass
class Walked:
    """The checkpoints that are the database's: their hashes by number, the last one, and those that are abandoned.

    Only what a trusted key has signed abandons others.
    """

    hashes: dict[int, str] = field(default_factory=dict)
    last: Body | None = None
    abandoned: set[str] = field(default_factory=set)


def checkpoints(connection: Connection, witness: Witness, now: datetime, walked: Walked) -> Iterator[Difference]:
    """Walk the checkpoints from the first, and hold chains and rows against what is under them."""
    yield from _walk(connection, witness, walked)
    for row in vouched.changed(connection):
        yield _changed(row)
    reaches = walked.last.reaches if walked.last else 0
    for row in vouched.missed(connection, reaches):
        yield Difference(_where(row), "a line that no checkpoint has among those that were there", None, row["version"])
    late = walked.last is None or walked.last.at < now - PATIENCE
    if late and (line := vouched.waiting(connection, reaches, now - PATIENCE)) is not None:
        yield Difference("checkpoints", "there is none yet of what was written long ago, from the line", None, line)
    for number, digest in witness.seen:
        if (found := walked.hashes.get(number)) != digest:
            yield Difference(f"checkpoints/{number}", "it was another when it was seen", digest, found)


def _walk(connection: Connection, witness: Witness, walked: Walked) -> Iterator[Difference]:
    number, before, strangers = 0, FIRST, set[str]()
    with audit.rows(connection, vouched.each()) as rows, audit.rows(connection, vouched.under()) as found:
        trees = groupby(found, key=lambda leaf: leaf["checkpoint"])
        tree = next(trees, None)
        for row in rows:
            leaves = [_leaf(leaf) for leaf in tree[1]] if tree is not None and tree[0] == row["number"] else []
            tree = next(trees, None) if leaves else tree
            where, body = f"checkpoints/{row['number']}", Body.of(row)
            if body.number != number + 1:
                yield Difference(where, "a checkpoint is missing before it", number + 1, body.number)
            if body.previous != before:
                yield Difference(where, "hash of the checkpoint before", before, body.previous)
            if body.hash != row["hash"]:
                yield Difference(where, "hash", body.hash, row["hash"])
            if body.key not in witness.trusted:
                if body.key not in strangers:
                    yield Difference(where, "signed with a key that is not trusted", _listed(witness), body.key)
                strangers.add(body.key)
            elif not proven(body.text, row["signature"], body.key):
                yield Difference(where, "its signature is not of this checkpoint")
            else:
                walked.abandoned.update(body.abandons)
            if (checkpoint.root(leaves), len(leaves)) != (body.root, body.size):
                yield Difference(where, "root of what is under it", body.root, checkpoint.root(leaves))
            number, before = body.number, body.hash
            walked.hashes[number], walked.last = body.hash, body


def _listed(witness: Witness) -> str:
    return ", ".join(sorted(witness.trusted))


def _leaf(row: RowMapping) -> Leaf:
    return Leaf(row["kind"], row["name"], row["version"], row["hash"])


def _changed(row: RowMapping) -> Difference:
    where, since = _where(row), f", by checkpoint {row['checkpoint']}"
    if row["last"] is None:
        return Difference(where, _GONE[row["kind"]] + since, row["version"], "nothing")
    if row["last"] < row["version"]:
        return Difference(where, _BACK[row["kind"]] + since, row["version"], row["last"])
    return Difference(where, f"it was rewritten{since}", row["hash"], row["found"])


def _where(row: RowMapping) -> str:
    return {"case": "cases/{}", "topic": "records of {}", "row": "{}"}[row["kind"]].format(row["name"])
