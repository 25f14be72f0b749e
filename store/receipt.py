"""What proves that a case is under a signed checkpoint? Its leaf's way up to the root, and what is signed.

A party gets the newest leaf whose line it reads: a later one would tell that there is something that it doesn't read.
"""

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy import Connection

from store import as_read, merkle, vouched
from store.checkpoint import Body, Leaf
from store.schema.checkpoints import Kind, checkpoints, leaves
from store.schema.journal import journal

FORMAT = "casework receipt 1"
_OF_CASE = (
    sa.select(leaves)
    .join(journal, sa.and_(journal.c.case == leaves.c.name, journal.c.version == leaves.c.version))
    .where(leaves.c.kind == Kind.CASE, leaves.c.name == sa.bindparam("case_id"))
    .order_by(leaves.c.version.desc())
    .limit(1)
)
_NEWEST = {True: _OF_CASE, False: _OF_CASE.where(sa.not_(as_read.UNREAD))}
_SIGNED = sa.select(checkpoints).where(checkpoints.c.number == sa.bindparam("number_"))
_BESIDE = vouched.under().where(leaves.c.checkpoint == sa.bindparam("number_"))


@dataclass(frozen=True)
class Receipt:
    """The proof for a case's line with this `hash`, 64 hex digits, as are those of the `path`.

    The leaf is at this `place` of its checkpoint's tree; `path` are the hashes beside its way to the root, from below
    (RFC 9162, section 2.1.3). `signed` is the text of the checkpoint, and `signature` that of Ed25519, 128 hex digits.
    """

    case: str
    hash: str
    place: int
    path: list[str]
    signed: str
    signature: str
    format: str = FORMAT


def newest(connection: Connection, case_id: str, *, all_lines: bool) -> Receipt | None:
    """That of the case's newest line which is under a checkpoint, of those that parties read or of all lines."""
    leaf = connection.execute(_NEWEST[all_lines], {"case_id": case_id}).mappings().one_or_none()
    if leaf is None:
        return None
    of = {"number_": leaf["checkpoint"]}
    row = connection.execute(_SIGNED, of).mappings().one()
    under = [Leaf(one.kind, one.name, one.version, one.hash) for one in connection.execute(_BESIDE, of)]
    place = under.index(Leaf(leaf["kind"], leaf["name"], leaf["version"], leaf["hash"]))
    path = [digest.hex() for digest in merkle.path([one.text for one in under], place)]
    return Receipt(case_id, leaf["hash"], place, path, Body.of(row).text.decode(), row["signature"])
