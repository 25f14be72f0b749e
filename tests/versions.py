"""A version of the rulebook, brought into force as people and time bring it: for tests that need another one."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from activities.rollout import life
from activities.rulebooks import Rulebooks
from ops.rehearsal.stage.changes import changed
from rulebook.files import assembled
from rulebook.load import BUNDLED, files_at
from rulebook.model import Rulebook
from states.situation import Actor
from states.terms import Role
from store import feed, journal, party

EDITOR, APPROVER = "versions.editor", "versions.approver"
_BASE = files_at(BUNDLED / "live")
# Two that nobody has; of the second every agency is hit.
DRAFT = assembled(changed(_BASE, {"reports.quota_per_month": 29}))
PROPOSED = assembled(changed(_BASE, {"scores.agency_compliance.tiers.agency_compliance.watch.threshold": 100}))


def written(connection: Connection, editor: Actor, at: datetime, reasons: str) -> None:
    """Draft both, and propose the second: neither has an effect."""
    for book in (DRAFT, PROPOSED):
        life.draft(connection, Rulebooks(), book, editor, at, "session")
    said = {"reasons": reasons, "in_force_from": at + timedelta(days=3)}
    life.move(connection, Rulebooks(), PROPOSED.digest, "propose", editor, said, at, through="session")


def in_force(connection: Connection, book: Rulebook, at: datetime) -> None:
    """Draft, propose and approve the version, and let its wave reach everybody, all of it at that time."""
    approved(connection, book, at, at)
    rulebooks = Rulebooks()
    while (due := life.by_time(connection, rulebooks, book.digest, at)[0]) is not None and due <= at:
        pass


def approved(connection: Connection, book: Rulebook, at: datetime, since: datetime, **proposed: Any) -> None:
    """Draft, propose and approve the version at a time; it takes force since another, and as else was `proposed`."""
    rulebooks = Rulebooks()
    with journal.recording(connection, "feed", at):
        for name, role in ((EDITOR, Role.POLICY_EDITOR), (APPROVER, Role.POLICY_APPROVER)):
            feed.person(connection, name, role)
    editor, approver = party.actor(connection, EDITOR), party.actor(connection, APPROVER)
    assert editor is not None
    assert approver is not None
    life.draft(connection, rulebooks, book, editor, at, "session")
    said = {"reasons": "A test needs it.", "in_force_from": since} | proposed
    life.move(connection, rulebooks, book.digest, "propose", editor, said, at, through="session")
    said = {"override": "A test needs it at once."}
    life.move(connection, rulebooks, book.digest, "approve", approver, said, at, through="session")
