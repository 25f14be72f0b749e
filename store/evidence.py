"""Which files of evidence are there, and whose are they? Their bytes lie elsewhere, encrypted, by hash (ruling 27)."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy import Connection
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from states.sight import Resource
from states.situation import Actor
from states.terms import Side
from store import cipher, keyring, lock, pieces, seal
from store.cipher import Locked
from store.keyring import DestroyedError
from store.schema.cases import cases
from store.schema.evidence import FileKind, evidence
from store.schema.own import drafts
from store.schema.parties import people
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
_WRAPPED = sa.select(evidence.c.id, evidence.c.wrapped_by, evidence.c.wrapped).where(
    evidence.c.id.in_(sa.bindparam("ids", expanding=True))
)
_PLAIN = (
    sa.select(evidence, people.c.role, cases.c.respondent)
    .join(people, people.c.id == evidence.c.brought_by)
    .outerjoin(cases, cases.c.id == evidence.c.case)
    .where(evidence.c.wrapped_by.is_(None), evidence.c.id > sa.bindparam("after"))
    .order_by(evidence.c.id)
    .limit(sa.bindparam("most"))
)
_ENCRYPT = (
    sa.update(evidence)
    .where(evidence.c.id == sa.bindparam("of_id"), evidence.c.wrapped_by.is_(None))
    .values({name: sa.bindparam(f"new_{name}") for name in ("hash", "name", *Locked._fields)})
    .returning(*evidence.c)
)
_NOW = sa.bindparam("locked_now", type_=JSONB)
_BRING = (
    sa.update(evidence)
    .where(evidence.c.id.in_(sa.bindparam("ids", expanding=True)), evidence.c.case.is_(None))
    .values(
        case=sa.bindparam("case_id"),
        side=sa.bindparam("of_side"),
        version=sa.bindparam("of_version"),
        place=sa.func.array_position(sa.bindparam("in_order", type_=ARRAY(sa.Text)), evidence.c.id),
        wrapped=sa.func.jsonb_extract_path_text(_NOW, evidence.c.id, "wrapped"),
        wrapped_by=sa.func.string_to_array(sa.func.jsonb_extract_path_text(_NOW, evidence.c.id, "wrapped_by"), " "),
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

    `hash` is the SHA-256 of the stored bytes, which are encrypted, 64 hex digits; `size` how many bytes were brought.
    `name` is none of a file that is erased. `brought_by` uploaded it, as one of `agency`; `version` is the case's line
    that brought it, `place` where it stood among its files.
    """

    id: str
    hash: str
    size: int
    kind: FileKind
    name: str | None
    brought_by: str
    agency: str | None
    at: datetime
    case: str | None = None
    side: Side | None = None
    version: int | None = None
    place: int | None = None

    @classmethod
    def of(cls, connection: Connection, row: Mapping[Any, Any]) -> "File":
        """The file of a row."""
        said = {name: value for name, value in row.items() if name not in Locked._fields}
        side = Side(row["side"]) if row["side"] else None
        return cls(**said | {"kind": FileKind(row["kind"]), "side": side, "name": _name(connection, row)})


class Readable(NamedTuple):
    """A file, and the key of its bytes; None of one that an older release stored, which encrypted nothing."""

    file: File
    key: bytes | None


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


def write(connection: Connection, upload: File, locked: Locked | None = None) -> None:
    """A new upload's row, with its key and its name encrypted by it; its bytes must be there, and be held."""
    connection.execute(sa.insert(evidence), vars(upload) | (locked._asdict() if locked else {}))


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
    return {row["id"]: File.of(connection, row) for row in found}


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


def bring(
    connection: Connection, ids: Sequence[str], case_id: str, side: Side, version: int, owners: Sequence[str]
) -> dict[str, str]:
    """Make free files evidence of a side of a case, in this order, from its line of that version on; hashes by id.

    `owners` are whose they are from now on, beside who brought them.

    Raises:
        DestroyedError: one of these is erased.
    """
    of = {"ids": list(ids), "in_order": list(ids), "case_id": case_id, "of_side": side.value, "of_version": version}
    of["locked_now"] = _locked(connection, ids, owners)
    rows = connection.execute(_BRING, of).mappings().all()
    seal.note(connection, evidence, rows)
    return {row["id"]: row["hash"] for row in rows}


def plain(connection: Connection, after: str, most: int) -> Sequence[Mapping[Any, Any]]:
    """Files that an older release stored, some of those whose ids come after one: rows with their bringers' `role`.

    And `respondent`, of their case, if they have one.
    """
    return connection.execute(_PLAIN, {"after": after, "most": most}).mappings().all()


def encrypt(connection: Connection, row: Mapping[Any, Any], hash_: str, name: str, locked: Locked) -> bool:
    """Let the row of a file that an older release stored name its encrypted bytes, if it still has none.

    Says whether it had none, and is otherwise as it was found.
    """
    fresh = {"hash": hash_, "name": name, **locked._asdict()}
    values = {"of_id": row["id"]} | {f"new_{column}": value for column, value in fresh.items()}
    rows = connection.execute(_ENCRYPT.where(evidence.c.case.is_not_distinct_from(row["case"])), values)
    found = rows.mappings().all()
    seal.note(connection, evidence, [one for one in found if one["case"] is not None])
    return bool(found)


def of_case(connection: Connection, actor: Actor, case_id: str, at: datetime) -> list[File]:
    """The case's files that the actor sees, in the order in which they were brought."""
    seen = evidence.c.case == case_id, filtered(actor, Resource.EVIDENCE, at)
    brought = evidence.c.version, evidence.c.place, evidence.c.at, evidence.c.id
    query = sa.select(evidence).where(*seen).order_by(*brought)
    return [File.of(connection, row) for row in connection.execute(query).mappings()]


def stored_size(row: Mapping[Any, Any]) -> int:
    """How many bytes are stored of the file of a row."""
    return row["size"] if row["wrapped_by"] is None else pieces.stored_size(row["size"])


def key_of(connection: Connection, file_id: str) -> bytes | None:
    """The key of a file's bytes; None of one that an older release stored.

    Raises:
        DestroyedError: it is erased.
    """
    row = connection.execute(_WRAPPED, {"ids": [file_id]}).one()
    if row.wrapped_by is None:
        return None
    key = cipher.unlock(keyring.of(connection), row.wrapped_by, row.wrapped)
    if key is None:
        raise DestroyedError(file_id)
    return key


def _name(connection: Connection, row: Mapping[Any, Any]) -> str | None:
    if row["wrapped_by"] is None:
        return str(row["name"])
    key = cipher.unlock(keyring.of(connection), row["wrapped_by"], row["wrapped"])
    return cipher.opened_text(key, row["name"]) if key else None


def _locked(connection: Connection, ids: Sequence[str], owners: Sequence[str]) -> dict[str, dict[str, str | None]]:
    """The files' keys as they are stored once they are the owners', too; by id."""
    keys, found = keyring.of(connection), {}
    for row in connection.execute(_WRAPPED, {"ids": list(ids)}):
        if row.wrapped_by is not None:
            now = cipher.lock_again(keys, owners, Locked(row.wrapped_by, row.wrapped))
            found[row.id] = {"wrapped_by": " ".join(now.wrapped_by), "wrapped": now.wrapped}
    return found
