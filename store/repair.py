"""How is kept what ops mend, and that they read messages? As a row, with a line in the records: through what."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from store import journal, seal
from store.schema.repairs import repairs

TOPIC, READ = "repairs", "messages"


def note(connection: Connection, person: str, whose: str, name: str, repair: str, at: datetime, through: str) -> None:
    """Keep that somebody mends something."""
    _keep(connection, TOPIC, {"at": at, "person": person, "whose": whose, "name": name, "repair": repair}, through)


def note_read(connection: Connection, person: str, namespace: str, at: datetime, through: str) -> None:
    """Keep that somebody reads messages of workflows of a namespace of Temporal's."""
    _keep(connection, READ, {"at": at, "person": person, "whose": READ, "name": namespace, "repair": "read"}, through)


def _keep(connection: Connection, topic: str, row: dict[str, Any], through: str) -> None:
    with journal.recording(connection, topic, row["at"], through):
        seal.insert(connection, repairs, row)
