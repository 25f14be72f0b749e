"""A version of the rulebook, brought into force as people and time bring it: for tests that need another one."""

from datetime import datetime

from sqlalchemy import Connection

from activities.rollout import life
from activities.rulebooks import Rulebooks
from rulebook.model import Rulebook
from states.terms import Role
from store import feed, journal, party

EDITOR, APPROVER = "versions.editor", "versions.approver"


def in_force(connection: Connection, book: Rulebook, at: datetime) -> None:
    """Draft, propose and approve the version, and let its wave reach everybody, all of it at that time."""
    approved(connection, book, at, at)
    rulebooks = Rulebooks()
    while (due := life.by_time(connection, rulebooks, book.digest, at)[0]) is not None and due <= at:
        pass


def approved(connection: Connection, book: Rulebook, at: datetime, since: datetime) -> None:
    """Draft, propose and approve the version at a time; it takes force everywhere since another."""
    rulebooks = Rulebooks()
    with journal.recording(connection, "feed", at):
        for name, role in ((EDITOR, Role.POLICY_EDITOR), (APPROVER, Role.POLICY_APPROVER)):
            feed.person(connection, name, role)
    editor, approver = party.actor(connection, EDITOR), party.actor(connection, APPROVER)
    assert editor is not None
    assert approver is not None
    life.draft(connection, rulebooks, book, editor, at, "session")
    said = {"reasons": "A test needs it.", "in_force_from": since}
    life.move(connection, rulebooks, book.digest, "propose", editor, said, at, through="session")
    said = {"override": "A test needs it at once."}
    life.move(connection, rulebooks, book.digest, "approve", approver, said, at, through="session")
