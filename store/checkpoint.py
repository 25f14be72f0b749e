"""Which chains have moved since the last checkpoint, and what does a checkpoint say?

Lines get their numbers before they are committed, so the highest number that is seen may have a lower one after it. A
checkpoint says how far it `reaches`: all lines up to that number are under it or an earlier one, also of transactions
that went on while it was made. The next one reads from there, whatever any clock says.
"""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy import Connection

from store import as_read, merkle
from store.journal import FIRST
from store.schema.checkpoints import Kind, checkpoints, leaves
from store.schema.journal import journal, records

# Rows that have a leaf of their own; what vouches for the others is the case or the topic that has their digest.
OWN = ("subjects/", "people/", "accounts/", "api_keys/")
FORMAT = "casework checkpoint 1"
_LOCK = 0x0CA5E + 1
_ALONE = sa.text("SELECT pg_try_advisory_xact_lock(:lock)")
_IN_TURN = sa.text("SELECT pg_advisory_xact_lock(:lock)")
_DRAWN = sa.text("SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM journal_number")
# Of a transaction of its own, which is over when it answers.
_HORIZON = sa.text("SELECT CAST(CAST(pg_current_xact_id() AS text) AS bigint)")
_OLDEST = sa.text("SELECT CAST(CAST(pg_snapshot_xmin(pg_current_snapshot()) AS text) AS bigint)")
_AFTER, _MOST = sa.bindparam("after", type_=sa.BigInteger), sa.bindparam("most", type_=sa.Integer)


def _lines(table: sa.Table, kind: str, name: str, version: str, unread: sa.ColumnElement[bool]) -> sa.Select[Any]:
    said = (sa.literal(kind).label("kind"), table.c[name].label("name"), table.c[version].label("version"))
    query = sa.select(table.c.number, *said, table.c.hash, table.c.rows, unread.label("unread"))
    return query.where(table.c.number > _AFTER).order_by(table.c.number).limit(_MOST)


_LINES = (
    sa.union_all(
        _lines(journal, Kind.CASE, "case", "version", as_read.UNREAD),
        _lines(records, Kind.TOPIC, "topic", "number", sa.false()),
    )
    .order_by("number")
    .limit(_MOST)
)
_COVERED = sa.text("""
    SELECT kind, name, max(leaf.version)
    FROM unnest(CAST(:kinds AS text[]), CAST(:names AS text[])) AS found (kind, name)
    JOIN checkpoint_leaves leaf USING (kind, name) GROUP BY kind, name
""")
_LAST = sa.select(checkpoints).order_by(checkpoints.c.number.desc()).limit(1)
_SETTLED = sa.text("SELECT drawn FROM checkpoints WHERE horizon < :oldest ORDER BY number DESC LIMIT 1")
_WRITE, _WRITE_LEAF = sa.insert(checkpoints), sa.insert(leaves)


class Leaf(NamedTuple):
    """What a checkpoint has of one chain or row: its newest version then, and its hash. Leaves are in their order.

    Of a case there may be two: its newest line, and the newest that its parties read. The text that is hashed leaves
    the version out: it would tell a party with a receipt how many lines it doesn't read. The hash covers it anyway.
    """

    kind: str
    name: str
    version: int
    hash: str

    @property
    def text(self) -> bytes:
        """What is hashed into the tree: the leaf's canonical JSON."""
        return json.dumps([self.kind, self.name, self.hash], ensure_ascii=False, separators=(",", ":")).encode()


@dataclass(frozen=True)
class Body:
    """What is signed. `key` is the public key, `previous` and `abandons` hashes of other bodies; all are hex."""

    number: int
    at: datetime
    previous: str
    root: str
    size: int
    reaches: int
    abandons: tuple[str, ...]
    key: str

    @property
    def text(self) -> bytes:
        """Its canonical JSON: what is hashed and signed."""
        said = {**vars(self), "at": self.at.astimezone(UTC).isoformat(), "format": FORMAT}
        return json.dumps(said, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()

    @property
    def hash(self) -> str:
        return hashlib.sha256(self.text).hexdigest()

    @classmethod
    def of(cls, row: Any) -> "Body":
        """That of a row, or of what a body's JSON says."""
        said = {field.name: row[field.name] for field in fields(cls)}
        at = said["at"] if isinstance(said["at"], datetime) else datetime.fromisoformat(said["at"])
        return cls(**{**said, "at": at, "abandons": tuple(said["abandons"])})


@dataclass(frozen=True)
class Sight:
    """From where a checkpoint's transaction sees: the last number drawn, and the last transaction begun, before it."""

    drawn: int
    horizon: int


@dataclass(frozen=True)
class Moved:
    """The leaves of what has moved, how far they reach, and whether there is more than was read."""

    leaves: list[Leaf]
    reaches: int
    more: bool


def alone(connection: Connection) -> bool:
    """Whether no other process is making a checkpoint, until the transaction ends."""
    return bool(connection.execute(_ALONE, {"lock": _LOCK}).scalar_one())


def in_turn(connection: Connection) -> None:
    """Wait until no other process is making a checkpoint, as long as a lock may be waited for; held as by `alone`."""
    connection.execute(_IN_TURN, {"lock": _LOCK})


def sight(connection: Connection) -> Sight:
    """To be taken before the transaction that reads; each statement on the connection is a transaction.

    Who has a later transaction than `horizon` draws numbers above `drawn`: every line is written after its rows.
    """
    drawn = connection.execute(_DRAWN).scalar_one()
    return Sight(drawn, connection.execute(_HORIZON).scalar_one())


def last(connection: Connection) -> sa.RowMapping | None:
    """The newest checkpoint, if there is one."""
    return connection.execute(_LAST).mappings().one_or_none()


def moved(connection: Connection, sight: Sight, most: int) -> Moved:
    """What has moved since the last checkpoint, of at most so many lines at once (repeatable read)."""
    before = last(connection)
    after = reached = before["reaches"] if before else 0
    settled = _settled(connection, sight, reached)
    while True:
        lines = connection.execute(_LINES, {"after": after, "most": most}).all()
        more = len(lines) == most
        found = _uncovered(connection, _newest(lines))
        if found or not more:
            return Moved(sorted(found), min(settled, lines[-1].number) if more else settled, more)
        after = lines[-1].number


def _settled(connection: Connection, sight: Sight, reached: int) -> int:
    """The number up to which every line is seen by this transaction: whoever drew one has ended before it."""
    oldest = connection.execute(_OLDEST).scalar_one()
    if sight.horizon < oldest:
        return max(reached, sight.drawn)
    return max(reached, connection.execute(_SETTLED, {"oldest": oldest}).scalar() or 0)


def _newest(lines: Iterable[Any]) -> list[Leaf]:
    found: dict[tuple[str, str, bool], Leaf] = {}
    for line in lines:
        found[line.kind, line.name, line.unread] = Leaf(line.kind, line.name, line.version, line.hash)
        for name, digest in line.rows.items():
            if name.startswith(OWN):
                found[Kind.ROW.value, name, False] = Leaf(Kind.ROW.value, name, line.number, digest)
    return list(found.values())


def _uncovered(connection: Connection, found: Sequence[Leaf]) -> list[Leaf]:
    names = {"kinds": [leaf.kind for leaf in found], "names": [leaf.name for leaf in found]}
    covered = {(kind, name): version for kind, name, version in connection.execute(_COVERED, names)}
    return [leaf for leaf in found if leaf.version > covered.get((leaf.kind, leaf.name), 0)]


def body(before: sa.RowMapping | None, moved: Moved, at: datetime, key: str, abandons: Sequence[str] = ()) -> Body:
    """What the checkpoint after another says of what has moved."""
    return Body(
        number=before["number"] + 1 if before else 1,
        at=at,
        previous=before["hash"] if before else FIRST,
        root=root(moved.leaves),
        size=len(moved.leaves),
        reaches=moved.reaches,
        abandons=tuple(abandons),
        key=key,
    )


def root(found: Sequence[Leaf]) -> str:
    """The root of the tree of leaves, which are in their order."""
    return merkle.root([leaf.text for leaf in found]).hex()


def write(connection: Connection, body: Body, signature: str, found: Sequence[Leaf], sight: Sight) -> None:
    """A new checkpoint with its leaves."""
    row = {**vars(body), "abandons": list(body.abandons), "hash": body.hash, "signature": signature}
    connection.execute(_WRITE, row | vars(sight))
    if found:
        connection.execute(_WRITE_LEAF, [{**leaf._asdict(), "checkpoint": body.number} for leaf in found])


def after(connection: Connection, number: int, most: int) -> list[sa.RowMapping]:
    """The checkpoints after a number, the oldest first, at most so many."""
    query = sa.select(checkpoints).where(checkpoints.c.number > number).order_by(checkpoints.c.number).limit(most)
    return list(connection.execute(query).mappings())
