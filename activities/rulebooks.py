"""The stored versions of the rulebook by digest, parsed once a process; which of them answers says the timeline."""

from datetime import datetime

from sqlalchemy import Connection

from activities.timeline import Timeline
from rulebook.load import parse
from rulebook.model import Rulebook
from rulebook.policy import Policy
from store import moved, timeline
from store import rulebook as stored
from store.party import Subject


class Rulebooks:
    """The stored rulebooks; versions are immutable, so a parsed one stays true."""

    def __init__(self) -> None:
        self._parsed: dict[str, Rulebook] = {}

    def policy(self, connection: Connection, digest: str, region: str) -> Policy:
        """The effective rules of a region in a stored version."""
        return self.version(connection, digest).policy(region)

    def timeline(self, connection: Connection) -> Timeline:
        """Which version answers what, as the connection's transaction sees it now.

        Where it is asked about a subject that may be moved, the subject must be locked before: a wave changes its
        cursor in the transaction in which it has locked the subjects that it reaches.
        """
        return Timeline(timeline.read(connection), lambda digest: self.version(connection, digest))

    def then(self, connection: Connection, at: datetime) -> Timeline:
        """Which version answered what at a past time, as far as each wave had come by then."""
        return Timeline(moved.then(connection, at), lambda digest: self.version(connection, digest))

    def governing(self, connection: Connection, subject: Subject, at: datetime) -> Policy:
        """The rules that govern a subject at a time: where its score starts and ends, what its tiers bring."""
        return self.timeline(connection).governing(subject, at)[1]

    def now(self, connection: Connection, region: str, at: datetime) -> Policy:
        """The rules in force in a region at a time.

        Raises:
            LookupError: none are.
        """
        return self.timeline(connection).now(region, at)

    def version(self, connection: Connection, digest: str) -> Rulebook:
        """A stored version."""
        if digest not in self._parsed:
            self._parsed[digest] = parse(stored.body(connection, digest))
        return self._parsed[digest]
