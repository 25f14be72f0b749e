"""Which rules judge? Stored rulebook versions by digest, parsed once a process.

A case is judged by the version that was in force when its act occurred; `activities/move/filing.py` pins it. Quotas
go by the version of the day on which a report is filed.
"""

from datetime import datetime

from sqlalchemy import Connection

from rulebook.load import parse
from rulebook.model import Rulebook
from rulebook.policy import Policy
from store import rulebook as stored


class Rulebooks:
    """The stored rulebooks; versions are immutable, so a parsed one stays true."""

    def __init__(self) -> None:
        self._parsed: dict[str, Rulebook] = {}

    def policy(self, connection: Connection, digest: str, region: str) -> Policy:
        """The effective rules of a region in a stored version."""
        return self.version(connection, digest).policy(region)

    def in_force(self, connection: Connection, region: str, at: datetime) -> tuple[str, Policy]:
        """The version in force at a time, by its digest, and its rules of a region.

        Raises:
            LookupError: none is.
        """
        digest = self.digest(connection, at)
        if digest is None:
            raise LookupError(f"no rulebook is in force at {at}")
        return digest, self.policy(connection, digest, region)

    @staticmethod
    def digest(connection: Connection, at: datetime) -> str | None:
        """The digest of the version in force at a time, if any was."""
        return stored.in_force(connection, at)

    def version(self, connection: Connection, digest: str) -> Rulebook:
        """A stored version."""
        if digest not in self._parsed:
            self._parsed[digest] = parse(stored.body(connection, digest))
        return self._parsed[digest]
