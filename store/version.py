"""How is a version of the rulebook kept? Its row, its place in the chain, and the line of each of its moves."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from states.terms import Code, RefusedError
from states.version_terms import CHAINED, VersionStatus
from store import lock, rulebook, seal, text
from store.schema.cases import texts
from store.schema.rulebooks import rollouts, rulebooks, version_moves, versions

_FOLLOWERS = versions.alias("followers")
_CHAINED = sorted(CHAINED)
_READ = (
    sa.select(versions, rulebooks.c.key)
    .join(rulebooks, rulebooks.c.digest == versions.c.digest)
    .where(versions.c.digest == sa.bindparam("version"))
)
_LOCK = _READ.with_for_update(of=versions)
_FOLLOWER = sa.select(versions.c.digest).where(
    versions.c.follows == sa.bindparam("version"), versions.c.status.in_(_CHAINED)
)
_NEWEST = sa.select(versions.c.digest).where(
    versions.c.status.in_(_CHAINED),
    ~sa.exists().where(_FOLLOWERS.c.follows == versions.c.digest, _FOLLOWERS.c.status.in_(_CHAINED)),
)
_MOVES = (
    sa.select(version_moves).where(version_moves.c.version == sa.bindparam("version")).order_by(version_moves.c.number)
)
_STEPS = _MOVES.where(version_moves.c.source != version_moves.c.target)
_DATES = sa.select(rollouts.c.region, rollouts.c.in_force_from).where(rollouts.c.version == sa.bindparam("version"))
# A mark that no digest covers.
_STIR = sa.update(versions).where(versions.c.digest == sa.bindparam("of_version")).values(stirred=sa.bindparam("must"))


@dataclass
class Version:
    """A version's row. `version` counts its moves; `pace` is in subjects a second (none: as fast as it goes).

    `author` is none where the product brought it. `reason` and `override` are ids of texts.
    """

    digest: str
    key: str
    follows: str | None
    author: str | None
    status: VersionStatus = VersionStatus.NEW
    version: int = 0
    moved_at: datetime | None = None
    deadline_at: datetime | None = None
    stirred: bool = False
    proposed_by: str | None = None
    approved_by: str | None = None
    approved_at: datetime | None = None
    reason: str | None = None
    override: str | None = None
    approval_due_at: datetime | None = None
    batch_due_at: datetime | None = None
    pace: int | None = None


def topic(key: str) -> str:
    """The topic of the records of a rulebook's versions."""
    return f"rulebook/{key}"


def hold(connection: Connection, key: str) -> None:
    """Let nobody else move a version of this rulebook until the transaction ends: the chain has one end."""
    lock.hold(connection, topic(key))


def read(connection: Connection, digest: str) -> Version | None:
    """The version, unlocked."""
    return _version(connection.execute(_READ, {"version": digest}).mappings().one_or_none())


def locked(connection: Connection, digest: str) -> Version | None:
    """The version, whose row is locked."""
    return _version(connection.execute(_LOCK, {"version": digest}).mappings().one_or_none())


def newest(connection: Connection) -> str | None:
    """The end of the chain, by digest: approved, and followed by no other that is."""
    found: str | None = connection.execute(_NEWEST).scalar()
    return found


def follower(connection: Connection, digest: str) -> str | None:
    """The approved version that follows another, by digest."""
    found: str | None = connection.execute(_FOLLOWER, {"version": digest}).scalar()
    return found


def moves(connection: Connection, digest: str) -> list[sa.RowMapping]:
    """The version's moves, oldest first: number, at, event, actor, source, target, facts."""
    return list(connection.execute(_MOVES, {"version": digest}).mappings())


def steps(connection: Connection, digest: str) -> list[sa.RowMapping]:
    """Those of its moves that brought it to another status: all but its wave's batches."""
    return list(connection.execute(_STEPS, {"version": digest}).mappings())


def called(connection: Connection, beginning: str) -> str:
    """The version whose digest begins so.

    Raises:
        RefusedError: `not_found`; `invalid`: several do.
    """
    found = rulebook.beginning_with(connection, beginning) if beginning else []
    if len(found) != 1:
        key = "ambiguous_version" if found else "no_version"
        raise RefusedError(Code.INVALID if found else Code.NOT_FOUND, key, "version")
    return found[0]


def dates(connection: Connection, digest: str) -> dict[str, datetime]:
    """From when on a version is approved to be in force, by region; none where it was never approved."""
    return {row.region: row.in_force_from for row in connection.execute(_DATES, {"version": digest})}


def keep_words(connection: Connection, version: Version, words: Mapping[str, str]) -> dict[str, str]:
    """Store the texts of a move, by field; give their ids."""
    move = f"version/{version.digest}/{version.version}"
    ids = {field: text.sha256(f"{move}/{field}") for field in words}
    seal.insert(
        connection, texts, [text.row(connection, ids[field], body, [text.HOUSE]) for field, body in words.items()]
    )
    return ids


def stir(connection: Connection, digest: str) -> None:
    """Note that a version's courier must read its row: another version let it go on."""
    connection.execute(_STIR, {"of_version": digest, "must": True})


def settle(connection: Connection, version: Version) -> None:
    """Note that its courier has read the version's row."""
    if version.stirred:
        connection.execute(_STIR, {"of_version": version.digest, "must": False})


def save(connection: Connection, version: Version, move: Mapping[str, Any]) -> None:
    """Write the row as it now is, and the line of the move that made it so: event, actor, source, facts."""
    values = {name: value for name, value in asdict(version).items() if name != "key"}
    if version.version == 1:
        seal.insert(connection, versions, values)
    else:
        seal.update(connection, versions, {"digest": version.digest}, **values)
    line = {"version": version.digest, "number": version.version, "at": version.moved_at, "target": version.status}
    seal.insert(connection, version_moves, line | dict(move))


def _version(row: sa.RowMapping | None) -> Version | None:
    return Version(**{**row, "status": VersionStatus(row["status"])}) if row else None
