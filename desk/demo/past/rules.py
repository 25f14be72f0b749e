"""The versions of the rulebook in the year: one takes force in its first month, one is proposed at its end."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from activities.rollout import life
from activities.rulebooks import Rulebooks
from ops.rehearsal.stage.changes import changed
from rulebook.files import assembled
from rulebook.load import BUNDLED, LIVE, files_at
from rulebook.model import Rulebook
from states.situation import Actor
from store import party
from store import version as versions
from store.journal import DIRECT

EDITOR, APPROVER = "eva", "paul"
_Changes = Mapping[str, object]
_PROBATION = "scores.agency_compliance.tiers.agency_compliance.probation.threshold"
_FIRST: _Changes = {"version": 4, "versions.margin": 2}
_PROPOSED: _Changes = {**_FIRST, "version": 5, _PROBATION: 55}
_DRAFTED: _Changes = {**_FIRST, "version": 5, "reports.quota_per_month": 40}
_WHY_FIRST = "In a small region a single agency is more than one in a hundred."
_WHY = "Whoever has lost almost half of the points should feel it before operations are suspended."


def approve(connection: Connection, rulebooks: Rulebooks, at: datetime) -> None:
    """Approve the first; it takes force twenty days later."""
    book = _drafted(connection, rulebooks, _FIRST, at)
    _propose(connection, rulebooks, book, at, timedelta(days=20), _WHY_FIRST)
    _move(connection, rulebooks, book, "approve", APPROVER, at, {})


def propose(connection: Connection, rulebooks: Rulebooks, at: datetime) -> None:
    """Propose another one and draft a third, unless that was done."""
    if versions.read(connection, _version(_PROPOSED).digest) is None:
        _drafted(connection, rulebooks, _DRAFTED, at)
        book = _drafted(connection, rulebooks, _PROPOSED, at)
        _propose(connection, rulebooks, book, at, timedelta(days=30), _WHY)


def _version(changes: _Changes) -> Rulebook:
    return assembled(changed(files_at(BUNDLED / LIVE), changes))


def _drafted(connection: Connection, rulebooks: Rulebooks, changes: _Changes, at: datetime) -> Rulebook:
    book = _version(changes)
    life.draft(connection, rulebooks, book, _actor(connection, EDITOR), at, DIRECT)
    return book


def _propose(
    connection: Connection, rulebooks: Rulebooks, book: Rulebook, at: datetime, after: timedelta, why: str
) -> None:
    date = (at + after).replace(minute=0, second=0, microsecond=0)
    _move(connection, rulebooks, book, "propose", EDITOR, at, {"reasons": why, "in_force_from": date})


def _move(
    connection: Connection,
    rulebooks: Rulebooks,
    book: Rulebook,
    event: str,
    by: str,
    at: datetime,
    said: dict[str, Any],
) -> None:
    life.move(connection, rulebooks, book.digest, event, _actor(connection, by), said, at, through=DIRECT)


def _actor(connection: Connection, name: str) -> Actor:
    found = party.actor(connection, name)
    if found is None:
        raise LookupError(f"{name} is not of the cast")
    return found
