"""Which files of evidence are there, and whose are they? Their bytes lie elsewhere, by hash (ruling 27)."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection
from sqlalchemy.dialects.postgresql import ARRAY

from states.sight import Resource
from states.situation import Actor
from states.terms import Side
from store import lock, seal
from store.schema.evidence import FileKind, evidence
from store.schema.own import drafts
from store.sight import filtered

# An upload that no command has referred to by then, and no draft of who brought it, is nobody's, and is removed.
KEPT = timedelta(days=1)
_DRAFTED = sa.exists().where(drafts.c.person == evidence.c.brought_by, evidence.c.id == sa.any_(drafts.c.files))
_BYTES = sa.func.coalesce(sa.func.sum(evidence.c.size), 0)
_TOTALS = sa.select(sa.func.count(), sa.cast(_BYTES, sa.BigInteger)).where(
    evidence.c.case == sa.bindparam("case_id"), evidence.c.side == sa.bindparam("of_side")
)
_FREE = (
    sa.select(evidence)
    .where(
        evidence.c.id.in_(sa.bindparam("ids", expanding=True)),
        evidence.c.brought_by == sa.bindparam("actor"),
        evidence.c.case.is_(None),
        sa.or_(evidence.c.at > sa.bindparam("since"), _DRAFTED),
    )
    .order_by(evidence.c.id)
)
_BRING = (
    sa.update(evidence)
    .where(evidence.c.id.in_(sa.bindparam("ids", expanding=True)), evidence.c.case.is_(None))
    .values(
        case=sa.bindparam("case_id"),
        side=sa.bindparam("of_side"),
        version=sa.bindparam("of_version"),
        place=sa.func.array_position(sa.bindparam("in_order", type_=ARRAY(sa.Text)), evidence.c.id),
    )
    .returning(*evidence.c)
)
_NAMED = sa.select(evidence.c.hash).where(evidence.c.hash.in_(sa.bindparam("hashes", expanding=True))).distinct()
_FORGOTTEN = (
    sa.select(evidence.c.id)
    .where(evidence.c.case.is_(None), evidence.c.at <= sa.bindparam("before"), sa.not_(_DRAFTED))
    .limit(sa.bindparam("most"))
    .with_for_update(skip_locked=True)
)
_FORGET = sa.delete(evidence).where(evidence.c.id.in_(_FORGOTTEN)).returning(evidence.c.hash)
_WAITING = sa.select(sa.func.count(), sa.cast(_BYTES, sa.BigInteger)).where(
    evidence.c.brought_by == sa.bindparam("actor"), evidence.c.case.is_(None)
)
_LATELY = sa.select(sa.cast(_BYTES, sa.BigInteger)).where(
    evidence.c.brought_by == sa.bindparam("actor"), evidence.c.at > sa.bindparam("since")
)
# A bucket is tried again for 20 s, and its last answer may take another 30 (`store/objects.py`).
_PATIENT = sa.select(sa.func.set_config("idle_in_transaction_session_timeout", "60s", True))


@dataclass(frozen=True)
class File:
    """A file of evidence; `case`, `side`, `version` and `place` are none until a command has referred to it.

    `hash` is the SHA-256 of the stored bytes, 64 hex digits; `size` how many they are. `brought_by` uploaded it, as one
    of `agency`; `version` is the case's line that brought it, `place` where it stood among its files.
    """

    id: str
    hash: str
    size: int
    kind: FileKind
    name: str
    brought_by: str
    agency: str | None
    at: datetime
    case: str | None = None
    side: Side | None = None
    version: int | None = None
    place: int | None = None

    @classmethod
    def of(cls, row: Mapping[Any, Any]) -> "File":
        """The file of a row."""
        side = Side(row["side"]) if row["side"] else None
        return cls(**{**row, "kind": FileKind(row["kind"]), "side": side})


def new_id() -> str:
    """The id of a new file: nobody guesses another's."""
    return f"ev-{secrets.token_hex(10)}"


def hold(connection: Connection, hash_: str) -> None:
    """Lock bytes by their hash until the transaction ends.

    Whoever writes a row holds it while they look whether the bytes are there, and whoever removes bytes while they look
    whether a row names them: so no row ever names bytes that were just removed. While a slow bucket is asked meanwhile,
    the database doesn't end the transaction, and with it the lock.
    """
    connection.execute(_PATIENT)
    lock.hold_id(connection, f"evidence {hash_}")


def write(connection: Connection, upload: File) -> None:
    """A new upload's row; its bytes must be there, and be held."""
    connection.execute(sa.insert(evidence), vars(upload))


def named(connection: Connection, hashes: Sequence[str]) -> set[str]:
    """Which of these bytes some row names; to remove the others they must be held."""
    return set(connection.execute(_NAMED, {"hashes": list(hashes)}).scalars())


def forget(connection: Connection, before: datetime, most: int) -> list[str]:
    """Delete uploads of until then that no case and no draft has; the hashes of their bytes, which others may name."""
    return list(connection.execute(_FORGET, {"before": before, "most": most}).scalars())


def free(
    connection: Connection, ids: Sequence[str], actor: str, at: datetime, *, locks: bool = True
) -> dict[str, File]:
    """Which of these files the actor uploaded, within a day or for a draft, and no case has yet; by id, locked."""
    query = _FREE.with_for_update() if locks else _FREE
    found = connection.execute(query, {"ids": list(ids), "actor": actor, "since": at - KEPT}).mappings()
    return {row["id"]: File.of(row) for row in found}


def totals(connection: Connection, case_id: str, side: Side) -> tuple[int, int]:
    """How many files, and how many bytes, one side of a case has brought."""
    count, size = connection.execute(_TOTALS, {"case_id": case_id, "of_side": side}).one()
    return count, size


def waiting(connection: Connection, actor: str) -> tuple[int, int]:
    """How many files, and how many bytes, somebody uploaded that no case has yet."""
    count, size = connection.execute(_WAITING, {"actor": actor}).one()
    return count, size


def lately(connection: Connection, actor: str, at: datetime) -> int:
    """How many bytes of what is kept somebody uploaded within the day before that time, for a case or not."""
    return int(connection.execute(_LATELY, {"actor": actor, "since": at - KEPT}).scalar_one())


def bring(connection: Connection, ids: Sequence[str], case_id: str, side: Side, version: int) -> dict[str, str]:
    """Make free files evidence of a side of a case, in this order, from its line of that version on; hashes by id."""
    of = {"ids": list(ids), "in_order": list(ids), "case_id": case_id, "of_side": side.value, "of_version": version}
    rows = connection.execute(_BRING, of).mappings().all()
    seal.note(connection, evidence, rows)
    return {row["id"]: row["hash"] for row in rows}


def of_case(connection: Connection, actor: Actor, case_id: str, at: datetime) -> list[File]:
    """The case's files that the actor sees, in the order in which they were brought."""
    seen = evidence.c.case == case_id, filtered(actor, Resource.EVIDENCE, at)
    brought = evidence.c.version, evidence.c.place, evidence.c.at, evidence.c.id
    query = sa.select(evidence).where(*seen).order_by(*brought)
    return [File.of(row) for row in connection.execute(query).mappings()]
